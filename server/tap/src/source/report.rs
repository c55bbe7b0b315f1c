//! Tells the catalog how a source stands, beside the reading: a slow database must not slow the tap.

use super::settings::Ports;
use crate::{Standing, policy::LeftOut};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::Notify, time::timeout};
use tokio_util::task::AbortOnDropHandle;
use weir_domain::{
    PartitionId, Position, SourceId, Timestamp,
    capture::{PartitionProgress, SourceReport, SourceState},
};

/// All partitions are reported again after this many beats, so that an idle one does not look forgotten.
const FULL: u32 = 30;

#[derive(Debug)]
struct Status {
    state: SourceState,
    reason: Option<String>,
    retry_at: Option<Timestamp>,
    /// `None` until this tap has looked.
    left_out: Option<LeftOut>,
    bytes_to_read: Option<u64>,
    throttled_ms: u32,
    /// With "is news".
    progress: HashMap<PartitionId, (PartitionProgress, bool)>,
    /// The position after all that was read.
    reached: HashMap<PartitionId, Position>,
}

struct Shared {
    status: Mutex<Status>,
    changed: Notify,
}

pub struct Reporter {
    shared: Arc<Shared>,
    _task: AbortOnDropHandle<()>,
}

impl Reporter {
    /// `name` is the source's, for the figures.
    pub fn start(
        ports: &Ports,
        source: SourceId,
        name: &str,
        every: Duration,
        state: SourceState,
        reason: Option<String>,
    ) -> Self {
        let status = Status {
            state,
            reason,
            retry_at: None,
            left_out: None,
            bytes_to_read: None,
            throttled_ms: 0,
            progress: HashMap::new(),
            reached: HashMap::new(),
        };
        let shared = Arc::new(Shared { status: Mutex::new(status), changed: Notify::new() });
        let task = tokio::spawn(tell(shared.clone(), ports.clone(), source, name.to_owned(), every));
        Self { shared, _task: AbortOnDropHandle::new(task) }
    }

    pub fn state(&self, state: SourceState, reason: Option<String>, retry_at: Option<Timestamp>) {
        let mut status = self.shared.lock();
        if (status.state, &status.reason, status.retry_at) != (state, &reason, retry_at) {
            (status.state, status.reason, status.retry_at) = (state, reason, retry_at);
            self.shared.changed.notify_one();
        }
    }

    /// `None`: it is another tap that looks now.
    pub fn left_out(&self, left_out: Option<LeftOut>) {
        self.shared.lock().left_out = left_out;
    }

    pub fn throttled_ms(&self, ms: u32) {
        self.shared.lock().throttled_ms = ms;
    }

    pub fn bytes_to_read(&self, bytes: Option<u64>) {
        let mut status = self.shared.lock();
        // Its appearing and its end are told at once, the way between with the next beat.
        if status.bytes_to_read.is_some() != bytes.is_some() {
            self.shared.changed.notify_one();
        }
        status.bytes_to_read = bytes;
    }

    pub fn progress(&self, progress: PartitionProgress) {
        let mut status = self.shared.lock();
        match status.progress.get_mut(&progress.partition) {
            Some((known, _)) if *known == progress => {}
            Some(known) => *known = (progress, true),
            None => drop(status.progress.insert(progress.partition, (progress, true))),
        }
    }

    pub fn reached(&self, partition: PartitionId, position: Position) {
        self.shared.lock().reached.insert(partition, position);
    }

    pub fn forget(&self, partition: PartitionId) {
        let mut status = self.shared.lock();
        status.progress.remove(&partition);
        status.reached.remove(&partition);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `notice`: what a person should know of a connection that works.
    fn report(&self, source: SourceId, tap: &str, at: Timestamp, notice: Option<String>) -> SourceReport {
        let status = self.lock();
        SourceReport {
            source,
            tap: tap.to_owned(),
            state: status.state,
            reason: status.reason.clone().or(notice),
            at,
            retry_at: status.retry_at,
            left_out: status.left_out.as_ref().map(|l| l.names.clone()),
            left_out_total: status.left_out.as_ref().map_or(0, |l| l.total),
            bytes_to_read: status.bytes_to_read,
            throttled_ms: status.throttled_ms,
        }
    }

    fn standing(&self) -> Standing {
        let status = self.lock();
        let behind = |(progress, _): &(PartitionProgress, bool)| {
            let (end, reached) = (progress.end?, status.reached.get(&progress.partition)?);
            Some(u64::try_from(end.0.saturating_sub(reached.0)).unwrap_or(0))
        };
        let known = status.progress.values().filter_map(behind);
        let behind = known.fold(None, |sum: Option<u64>, n| Some(sum.unwrap_or(0).saturating_add(n)));
        Standing { state: status.state, throttled_ms: status.throttled_ms, behind, partitions: status.progress.len() }
    }

    fn take_progress(&self, all: bool) -> Vec<PartitionProgress> {
        let mut status = self.lock();
        // What is told gets the moment's time: only while it is read, because else nothing was heard of it since.
        let all = all && status.state == SourceState::Up;
        let news = status.progress.values_mut().filter(|(_, news)| all || *news);
        news.map(|(progress, news)| {
            *news = false;
            progress.clone()
        })
        .collect()
    }

    /// They did not arrive: tell them again, unless there is something newer.
    fn put_back(&self, progress: &[PartitionProgress]) {
        let mut status = self.lock();
        for p in progress {
            if let Some((_, news)) = status.progress.get_mut(&p.partition) {
                *news = true;
            }
        }
    }
}

async fn tell(shared: Arc<Shared>, ports: Ports, source: SourceId, name: String, every: Duration) {
    for beat in 0u32.. {
        let at = ports.clock.now();
        ports.meter.standing(&name, &shared.standing());
        let report = shared.report(source, &ports.holder, at, ports.broker.notice());
        let reported = ports.catalog.report_source(&report).await;
        let progress = shared.take_progress(beat % FULL == 0);
        if !progress.is_empty() && ports.catalog.report_progress(&progress, at).await.is_err() {
            shared.put_back(&progress);
        }
        if let Err(error) = reported {
            tracing::debug!(%source, %error, "the source's state could not be reported");
        }
        // A change is told at once, but never more than ten times a second.
        tokio::time::sleep(Duration::from_millis(100).min(every)).await;
        let _ = timeout(every, shared.changed.notified()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_read_is_told_again_as_of_now() {
        let partition =
            PartitionProgress { partition: PartitionId(1), start: None, end: None, held: None, error: None };
        let status = Status {
            state: SourceState::Up,
            reason: None,
            retry_at: None,
            left_out: None,
            bytes_to_read: None,
            throttled_ms: 0,
            progress: HashMap::from([(PartitionId(1), (partition, false))]),
            reached: HashMap::new(),
        };
        let shared = Shared { status: Mutex::new(status), changed: Notify::new() };
        assert_eq!((shared.take_progress(false).len(), shared.take_progress(true).len()), (0, 1));
        for state in [SourceState::Down, SourceState::Paused] {
            shared.lock().state = state;
            assert!(shared.take_progress(true).is_empty(), "nothing was heard of it since");
        }
    }
}
