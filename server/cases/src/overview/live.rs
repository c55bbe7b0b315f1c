use super::{OverviewCases, held::HeldPartitions};
use crate::stream::{self, FrameStream, Listener, Recheck, Told};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep_until};
use weir_domain::{CaseError, access::Caller, events::NewsFeed, overview::Summary};

pub const NAME: &str = "overview/live";

/// While something changes, a frame about this often; hints in between are one.
const CHANGING: Duration = Duration::from_secs(2);
/// Without any hint, a frame this often all the same: rates fall and reports age by themselves.
const QUIET: Duration = Duration::from_secs(5);

struct Live {
    cases: OverviewCases,
    feed: Box<dyn NewsFeed>,
    held: HeldPartitions,
    last: Option<Instant>,
}

impl OverviewCases {
    /// The summary, anew whenever it may have changed, until the session ends or the permission goes
    /// (asked again through `recheck` at least every 30 s). Nothing is sent while the database is away.
    pub async fn live(&self, caller: &Caller, recheck: Arc<dyn Recheck>) -> Result<FrameStream<Summary>, CaseError> {
        self.0.views.authorise(caller, NAME).await?;
        let (feed, held) = (self.0.news.subscribe(), HeldPartitions::default());
        let live = Live { cases: self.clone(), feed, held, last: None };
        Ok(stream::frames(live, Listener::new(caller.clone(), recheck, &self.0.sign_outs)))
    }
}

impl Told for Live {
    type Item = Summary;
    const NAME: &'static str = NAME;

    async fn look(&mut self, caller: &Caller) -> Result<Option<Summary>, CaseError> {
        let summary = self.summary(caller).await;
        // A look that takes long is no reason for the next one to follow at once.
        self.last = Some(Instant::now());
        summary.map(Some)
    }

    async fn wait(&mut self, listener: &mut Listener) {
        if let Some(last) = self.last {
            self.due(last, listener).await;
        }
        self.last = Some(Instant::now());
    }
}

impl Live {
    async fn summary(&mut self, caller: &Caller) -> Result<Summary, CaseError> {
        let sight = self.cases.0.views.authorise(caller, NAME).await?;
        self.cases.figures(caller, &sight, &mut self.held).await
    }

    async fn due(&mut self, last: Instant, listener: &mut Listener) {
        let mut hinted = false;
        loop {
            let due = last + if hinted { CHANGING } else { QUIET };
            tokio::select! {
                () = sleep_until(due) => return,
                () = listener.somebody_signed_out() => return,
                // A hint lost because another branch won costs nothing: a frame follows anyway.
                _ = self.feed.next(), if !hinted => hinted = true,
            }
        }
    }
}
