use super::{Watcher, reported, tracker::Tracker};
use crate::EnginePorts;
use rand::{RngExt, rngs::StdRng};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use weir_broker::LagWanted;
use weir_domain::{
    Clock, StoreError, Timestamp,
    access::SystemView,
    lag::{LagLog, Observation, PairId, WatchedSource},
};

/// Members, retention and sizes are asked for at most so seldom, and at once where a group is not settled.
const DETAILS: Duration = Duration::from_secs(60);
/// Positions of the last minutes, and of the hour before this one, so that its five-minute points are whole;
const RECENT_S: i64 = 2 * 3_600;
/// of so many at a time: unpacked they take much room.
const RECENT_AT_ONCE: usize = 200;
/// A store that fails so often in a row may be refusing what it is given.
const MOST_FAILURES: u32 = 30;
/// Groups or channels made known to the store by one statement.
const NEW_AT_ONCE: usize = 2_000;

/// One source.
pub(super) struct Watch {
    watcher: Watcher,
    clock: Arc<dyn Clock>,
    system: SystemView,
    source: WatchedSource,
    rng: StdRng,
    tracker: Option<Tracker>,
    /// What could not be written: first of all that, so that no past is lost.
    unwritten: Option<Observation>,
    /// How often that failed.
    failures: u32,
    details_at: Option<Instant>,
}

/// Why there is no observation, for a person, or the store's failure.
enum Failed {
    Not(String),
    Store(StoreError),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Watch {
    pub fn new(watcher: Watcher, ports: &EnginePorts, source: WatchedSource, rng: StdRng) -> Self {
        let (clock, system) = (ports.clock.clone(), ports.system.clone());
        Self { watcher, clock, system, source, rng, tracker: None, unwritten: None, failures: 0, details_at: None }
    }

    pub async fn run(mut self, end: CancellationToken) {
        // Not all sources at once.
        let first = self.watcher.every.min(Duration::from_secs(1)).mul_f64(self.rng.random_range(0.0..0.5));
        let mut next = Instant::now() + first;
        let mut failing = false;
        while end.run_until_cancelled(sleep_until(next)).await.is_some() {
            let begun = Instant::now();
            let Some(done) = end.run_until_cancelled(self.once()).await else { break };
            match done {
                Ok(()) => (failing, self.failures) = (false, 0),
                Err(Failed::Store(error)) => {
                    self.failures += 1;
                    if self.failures >= MOST_FAILURES {
                        // Whatever it is in it that can't be written: begin anew from what is.
                        (self.tracker, self.unwritten, self.failures) = (None, None, 0);
                    }
                    tracing::warn!(source = self.source.name, %error, "how groups stand could not be written; tried again");
                }
                Err(Failed::Not(why)) => {
                    if !failing {
                        tracing::warn!(source = self.source.name, why, "groups can't be observed");
                    }
                    failing = true;
                    if let Err(error) = self.store().not_observed(self.source.id, &why, self.clock.now()).await {
                        tracing::debug!(source = self.source.name, %error, "that groups can't be observed could not be told");
                    }
                }
            }
            // One that takes long does not pile up.
            next = (next + self.watcher.every).max(begun + self.watcher.every / 2).max(Instant::now());
        }
        let rest = self.tracker.as_mut().map(|tracker| tracker.rest(self.clock.now()));
        for last in self.unwritten.take().into_iter().chain(rest) {
            if let Err(error) = self.watcher.store.observed(&last).await {
                tracing::warn!(source = self.source.name, %error, "the last observations could not be written");
                break;
            }
        }
    }

    fn store(&self) -> &dyn LagLog {
        &*self.watcher.store
    }

    async fn once(&mut self) -> Result<(), Failed> {
        if let Some(unwritten) = &self.unwritten {
            self.store().observed(unwritten).await?;
            self.unwritten = None;
        }
        let spec = match self.watcher.readers.of_source(&self.source).await? {
            Ok(spec) => spec,
            Err(why) => return Err(Failed::Not(format!("{} {}", why.what, why.what_to_do))),
        };
        let Some(probe) = weir_broker::Broker::lag(&*spec.broker) else {
            return Err(Failed::Not(format!("{} does not tell who reads it.", spec.wanted.kind)));
        };
        let begun = Instant::now();
        if self.tracker.is_none() {
            self.tracker = Some(self.begin(self.clock.now()).await?);
        }
        let details = self.details_at.is_none_or(|at| at.elapsed() >= DETAILS);
        let reports = self.store().reported(&self.system, self.source.id).await?;
        let mut wanted = LagWanted { details, channels: reported::channels(&reports), members_of: Vec::new() };
        if let Some(tracker) = &self.tracker {
            tracker.wants(&mut wanted);
        }
        let details = wanted.details;
        let mut observed = probe.observe(&wanted).await.map_err(|e| Failed::Not(e.to_string()))?;
        let at = self.clock.now();
        reported::merge(&mut observed, reports, at);
        // It stays in its place over every wait: whoever is cut off in between keeps what it knows.
        let Some(tracker) = &mut self.tracker else { return Ok(()) };
        let store = Arc::clone(&self.watcher.store);
        let new = tracker.new_groups(&observed);
        for some in new.chunks(NEW_AT_ONCE) {
            let ids = store.intern_groups(self.source.id, some, at).await?;
            tracker.add_groups(some.to_vec(), &ids, at);
        }
        let new = tracker.new_pairs(&observed);
        for some in new.chunks(NEW_AT_ONCE) {
            let ids = store.intern_pairs(some).await?;
            tracker.add_pairs(some.to_vec(), &ids, at);
        }
        let asked = tracker.see(&observed, details, at);
        let times = store.event_times(&self.system, self.source.id, &asked).await;
        let mut seen = tracker.told(times.as_deref().unwrap_or_default(), at);
        seen.requests = observed.requests;
        seen.took_ms = u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX);
        seen.problems.extend(observed.incomplete);
        seen.problems.extend(observed.problems);
        if details {
            self.details_at = Some(begun);
        }
        let unwritten = self.unwritten.insert(seen);
        times?;
        store.observed(unwritten).await?;
        self.unwritten = None;
        Ok(())
    }

    async fn begin(&self, at: Timestamp) -> Result<Tracker, StoreError> {
        let kept = self.store().kept(&self.system, self.source.id, at).await?;
        let pairs: Vec<PairId> = kept.pairs.iter().map(|p| p.id).collect();
        let mut tracker = Tracker::new(self.source.id, self.source.name.clone(), self.source.environment, kept);
        for some in pairs.chunks(RECENT_AT_ONCE) {
            tracker.recall(self.store().recent(&self.system, some, at.plus_secs(-RECENT_S)).await?);
        }
        tracker.recalled();
        Ok(tracker)
    }
}
