//! Answers for browsers behind a proxy that holds streams back (`poll=1`): the same frames, and the answer ends, so that
//! the proxy passes it on. The browser asks again after `retry`, from where it stood.

use std::{collections::BTreeSet, time::Duration};

use futures::{FutureExt as _, Stream, StreamExt as _, stream};
use tokio::time::{Instant, timeout_at};

use super::News;

/// For everything that is followed to be told once.
const WITHIN: Duration = Duration::from_secs(1);

/// What there is to be told now of so many topics.
pub fn brief(news: impl Stream<Item = News> + Send + 'static, topics: usize) -> impl Stream<Item = News> + Send {
    let begin = (Box::pin(news), BTreeSet::new(), Instant::now() + WITHIN);
    stream::unfold(begin, move |(mut news, mut told, deadline)| async move {
        let next = if told.len() < topics {
            timeout_at(deadline, news.next()).await.ok().flatten()
        } else {
            news.next().now_or_never().flatten()
        }?;
        if let News::Frame { topic, .. } | News::Over { topic, .. } = &next {
            told.insert(topic.clone());
        }
        Some((next, (news, told, deadline)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(topic: &str) -> News {
        News::Frame { topic: topic.into(), json: "1".into(), reached: None }
    }

    #[tokio::test(start_paused = true)]
    async fn it_ends_once_everything_was_told_or_the_time_is_over() {
        let both = stream::iter([frame("a"), frame("a"), frame("b"), frame("b")]).chain(stream::pending());
        let begun = Instant::now();
        assert_eq!(brief(both, 2).count().await, 4, "what is there already comes along");
        assert!(begun.elapsed() < WITHIN);
        let one = stream::iter([frame("a")]).chain(stream::pending());
        assert_eq!(brief(one, 2).count().await, 1);
        assert_eq!(begun.elapsed(), WITHIN);
        let over = stream::iter([News::Over { topic: "a".into(), why: "not_allowed" }, frame("b")]);
        assert_eq!(brief(over.chain(stream::pending()), 2).count().await, 2);
    }
}
