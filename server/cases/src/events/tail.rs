use super::{EventsCases, filter, row};
use crate::stream::{Bye, Frame, FrameStream, Listener, Recheck};
use futures::StreamExt;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep_until};
use weir_domain::{
    CaseError, PartitionId,
    access::Caller,
    events::{EventFilter, NewsFeed, Positions, TailFrame},
};

pub const NAME: &str = "events/tail";

/// At most five frames a second, at most this many rows each.
const APART: Duration = Duration::from_millis(200);
const MOST_ROWS: u32 = 200;
/// Hints may be lost, so it looks by itself too.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

struct State {
    cases: EventsCases,
    listener: Listener,
    feed: Box<dyn NewsFeed>,
    filter: EventFilter,
    positions: Positions,
    last: Option<Instant>,
    begun: bool,
    over: bool,
}

impl EventsCases {
    /// What is stored from now on, or after `after` (where an earlier stream ended), with the positions
    /// reached. The first frame comes at once, rows or not. Ends when the session ends or the
    /// permission goes (asked again through `recheck` at least every 30 s); while the database is
    /// away nothing comes, and nothing is passed over.
    pub async fn tail(
        &self,
        caller: &Caller,
        filter: EventFilter,
        after: Option<Positions>,
        recheck: Arc<dyn Recheck>,
    ) -> Result<FrameStream<(TailFrame, Positions)>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        filter::checked(&sight.view, &filter)?;
        // Listening begins before the positions are taken, so that nothing falls between.
        let feed = self.0.news.subscribe();
        let positions = match after {
            Some(positions) => positions,
            None => self.0.rows.tail_start(&sight.view, &filter).await?,
        };
        let state = State {
            cases: self.clone(),
            listener: Listener::new(caller.clone(), recheck, &self.0.sign_outs),
            feed,
            filter,
            positions,
            last: None,
            begun: false,
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
    async fn next(&mut self) -> Frame<(TailFrame, Positions)> {
        loop {
            self.wait().await;
            self.last = Some(Instant::now());
            let caller = match self.listener.caller().await {
                Ok(Some(caller)) => caller,
                Ok(None) => continue,
                Err(bye) => return Frame::Bye(bye),
            };
            match self.look(&caller).await {
                Ok(frame) if self.begun && frame.rows.is_empty() && frame.skipped == 0 => {}
                Ok(frame) => {
                    self.begun = true;
                    return Frame::Data((frame, self.positions.clone()));
                }
                Err(error) => match Bye::because(&error) {
                    Some(bye) => return Frame::Bye(bye),
                    None => tracing::warn!(use_case = NAME, request = %caller.request_id, %error, "no frame"),
                },
            }
        }
    }

    async fn look(&mut self, caller: &Caller) -> Result<TailFrame, CaseError> {
        let parts = &self.cases.0;
        let sight = parts.views.authorise(caller, NAME).await?;
        filter::checked(&sight.view, &self.filter)?;
        let (rows, reached, skipped) = parts.rows.tail(&sight.view, &self.filter, &self.positions, MOST_ROWS).await?;
        self.positions = reached;
        Ok(TailFrame {
            rows: rows.iter().filter_map(|r| row::shown(r, &sight, row::KEY_IN_LIST)).collect(),
            skipped,
            at: parts.clock.now(),
        })
    }

    /// Until there may be something new; at once if somebody signed out, for it may have been this listener.
    async fn wait(&mut self) {
        let Some(last) = self.last else { return };
        sleep_until(last + APART).await;
        loop {
            tokio::select! {
                () = sleep_until(last + LOOK_AGAIN) => return,
                () = self.listener.somebody_signed_out() => return,
                hint = self.feed.next() => {
                    if self.concerns_us(&hint) {
                        return;
                    }
                }
            }
        }
    }

    /// Empty means "anything may have changed". A partition that is new to this tail is found by
    /// the look every two seconds.
    fn concerns_us(&self, hint: &[PartitionId]) -> bool {
        hint.is_empty() || hint.iter().any(|p| self.positions.0.iter().any(|(mine, _)| mine == p))
    }
}
