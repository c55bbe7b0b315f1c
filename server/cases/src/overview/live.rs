use super::{OverviewCases, held::HeldPartitions};
use crate::stream::{Bye, Frame, FrameStream, Listener, Recheck};
use futures::StreamExt;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep_until};
use weir_domain::{CaseError, access::Caller, events::NewsFeed, overview::Summary};

pub const NAME: &str = "overview/live";

/// While something changes, a frame about this often; hints in between are one.
const CHANGING: Duration = Duration::from_secs(2);
/// Without any hint, a frame this often all the same: rates fall and reports age by themselves.
const QUIET: Duration = Duration::from_secs(5);

struct State {
    cases: OverviewCases,
    listener: Listener,
    feed: Box<dyn NewsFeed>,
    held: HeldPartitions,
    last: Option<Instant>,
    over: bool,
}

impl OverviewCases {
    /// The summary, anew whenever it may have changed, until the session ends or the permission goes
    /// (asked again through `recheck` at least every 30 s). Nothing is sent while the database is away.
    pub async fn live(&self, caller: &Caller, recheck: Arc<dyn Recheck>) -> Result<FrameStream<Summary>, CaseError> {
        self.0.views.authorise(caller, NAME).await?;
        let state = State {
            cases: self.clone(),
            listener: Listener::new(caller.clone(), recheck, &self.0.sign_outs),
            feed: self.0.news.subscribe(),
            held: HeldPartitions::default(),
            last: None,
            over: false,
        };
        let frames = futures::stream::unfold(state, |mut state| async move {
            if state.over {
                return None;
            }
            let frame = state.next().await;
            state.over = matches!(frame, Frame::Bye(_));
            Some((frame, state))
        });
        Ok(frames.boxed())
    }
}

impl State {
    async fn next(&mut self) -> Frame<Summary> {
        loop {
            self.wait().await;
            let caller = match self.listener.caller().await {
                Ok(Some(caller)) => caller,
                Ok(None) => {
                    self.last = Some(Instant::now());
                    continue;
                }
                Err(bye) => return Frame::Bye(bye),
            };
            let summary = self.look(&caller).await;
            self.last = Some(Instant::now());
            match summary {
                Ok(summary) => return Frame::Data(summary),
                Err(error) => match Bye::because(&error) {
                    Some(bye) => return Frame::Bye(bye),
                    None => tracing::warn!(use_case = NAME, request = %caller.request_id, %error, "no frame"),
                },
            }
        }
    }

    async fn look(&mut self, caller: &Caller) -> Result<Summary, CaseError> {
        let sight = self.cases.0.views.authorise(caller, NAME).await?;
        self.cases.figures(caller, &sight, &mut self.held).await
    }

    /// Until the next frame is due; at once if somebody signed out, for it may have been this listener.
    async fn wait(&mut self) {
        let Some(last) = self.last else { return };
        let mut hinted = false;
        loop {
            let due = last + if hinted { CHANGING } else { QUIET };
            tokio::select! {
                () = sleep_until(due) => return,
                () = self.listener.somebody_signed_out() => return,
                // A hint lost because another branch won costs nothing: a frame follows anyway.
                _ = self.feed.next(), if !hinted => hinted = true,
            }
        }
    }
}
