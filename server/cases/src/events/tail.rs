use super::{EventsCases, Wanted, filter, row};
use crate::{
    audit::Batch,
    stream::{self, Bye, FrameStream, Listener, Recheck, Told},
    views::Sight,
};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep_until};
use weir_domain::{
    CaseError, PartitionId,
    access::Caller,
    events::{EventFilter, NewsFeed, Positions, TailFrame, Unshown},
};

pub const NAME: &str = "events/tail";

/// At most five frames a second, at most this many rows each.
const APART: Duration = Duration::from_millis(200);
const MOST_ROWS: u32 = 200;
/// Hints may be lost, so it looks by itself too.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

struct Tail {
    cases: EventsCases,
    batch: Batch,
    feed: Box<dyn NewsFeed>,
    filter: EventFilter,
    positions: Positions,
    last: Option<Instant>,
    begun: bool,
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
        self.follow(caller, &sight, filter, after, recheck).await
    }

    /// The same for a program, which may call sources and channels by name.
    pub async fn tail_wanted(
        &self,
        caller: &Caller,
        wanted: Wanted,
        after: Option<Positions>,
        recheck: Arc<dyn Recheck>,
    ) -> Result<FrameStream<(TailFrame, Positions)>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let filter = wanted.resolved(&sight)?;
        self.follow(caller, &sight, filter, after, recheck).await
    }

    async fn follow(
        &self,
        caller: &Caller,
        sight: &Sight,
        filter: EventFilter,
        after: Option<Positions>,
        recheck: Arc<dyn Recheck>,
    ) -> Result<FrameStream<(TailFrame, Positions)>, CaseError> {
        let query = filter::checked(sight, &filter).await?;
        // Listening begins before the positions are taken, so that nothing falls between.
        let feed = self.0.news.subscribe();
        let positions = match after {
            Some(positions) => positions,
            None => self.0.rows.tail_start(&sight.view, &filter).await?,
        };
        let batch = sight.trail.begin(filter::about(sight, &filter, &query, [])).await?;
        let tail = Tail { cases: self.clone(), batch, feed, filter, positions, last: None, begun: false };
        Ok(stream::frames(tail, Listener::new(caller.clone(), recheck, &self.0.sign_outs)))
    }
}

impl Told for Tail {
    type Item = (TailFrame, Positions);
    const NAME: &'static str = NAME;

    async fn look(&mut self, caller: &Caller) -> Result<Option<Self::Item>, CaseError> {
        let parts = &self.cases.0;
        let sight = parts.views.authorise(caller, NAME).await?;
        let query = filter::checked(&sight, &self.filter).await?;
        self.batch.before_more().await?;
        let (rows, reached, passed) =
            parts.rows.tail(&sight.view, &self.filter, &query, &self.positions, MOST_ROWS).await?;
        filter::judged(&query)?;
        self.positions = reached;
        let shown: Vec<_> =
            rows.iter().filter_map(|r| Some((row::shown(r, &sight, row::KEY_IN_LIST)?, r.key_hash))).collect();
        self.batch.shown(shown.len() as u64, shown.iter().filter_map(|(_, key)| *key));
        let rows: Vec<_> = shown.into_iter().map(|(row, _)| row).collect();
        if self.begun && rows.is_empty() && passed == Unshown::default() {
            return Ok(None);
        }
        self.begun = true;
        let Unshown { skipped, unjudged } = passed;
        Ok(Some((TailFrame { rows, skipped, unjudged, at: parts.clock.now() }, self.positions.clone())))
    }

    fn ending(&mut self, bye: Bye) {
        self.batch.ending(match bye {
            Bye::SignedOut => "signed out",
            Bye::NotAllowed => "no longer allowed",
        });
    }

    async fn wait(&mut self, listener: &mut Listener) {
        if let Some(last) = self.last {
            self.due(last, listener).await;
        }
        self.last = Some(Instant::now());
    }
}

impl Tail {
    async fn due(&mut self, last: Instant, listener: &mut Listener) {
        sleep_until(last + APART).await;
        loop {
            tokio::select! {
                () = sleep_until(last + LOOK_AGAIN) => return,
                () = listener.somebody_signed_out() => return,
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
