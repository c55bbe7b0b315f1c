//! Stores what was read: several partitions at once, each in order, each batch until it is stored, refused, or somebody
//! else was first. What comes in meanwhile waits, joined to what waits already of its partition, so that transactions
//! grow while the database is slow.

use super::{
    settings::{Ports, Settings},
    work::{Step, Work},
};
use crate::{Stored, backoff::Backoff};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::{
    collections::{HashMap, VecDeque},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::{Id, JoinSet, block_in_place},
    time::Instant,
};
use tokio_util::sync::CancellationToken;
use tracing::field::Empty;
use weir_broker::{Ended, PartitionAddress, StartAt as BrokerStart};
use weir_domain::{
    StoreError,
    capture::{AppendOutcome, Begin, CaptureBatch, CaptureMode, NewIncarnation, OpenPartition, Opened},
};

/// Partitions appended at once: enough to hide a commit's wait, few enough to leave connections to the pages.
const AT_ONCE: usize = 4;
/// Tries of a batch that the store refuses for another reason than being away.
const TRIES: u32 = 3;

/// How the work of one partition ended.
#[derive(Debug)]
pub enum End {
    Stored,
    /// Somebody else stored: go on from here. `None`: it is open no more.
    Moved(Option<OpenPartition>),
    /// The next incarnation is open, and its lease ours.
    Reopened(Opened),
    Closed,
    /// Whoever was taken for dead may not end an incarnation: nothing happened.
    Outdated,
    /// The store can't take it; the text is for the log.
    Refused(String),
    /// Its channel is switched off: nothing happened, and nothing more shall be read.
    Off,
    /// Stopped before it was stored; nothing happened.
    Abandoned,
}

#[derive(Debug)]
pub struct Done {
    pub address: PartitionAddress,
    pub generation: u32,
    pub end: End,
}

/// Is the database away? Known to all appends of a source and to its reading loop.
#[derive(Debug, Clone, Default)]
pub struct Health {
    away: Arc<AtomicBool>,
    was_away: Arc<AtomicBool>,
}

impl Health {
    pub fn is_away(&self) -> bool {
        self.away.load(Ordering::Relaxed)
    }

    /// Was it away since last asked, and is back?
    pub fn take_recovered(&self) -> bool {
        !self.is_away() && self.was_away.swap(false, Ordering::Relaxed)
    }

    fn went(&self, source: &str, error: &StoreError) {
        self.was_away.store(true, Ordering::Relaxed);
        if !self.away.swap(true, Ordering::Relaxed) {
            tracing::warn!(source, %error, "the database is away: reading stops until it is back");
        }
    }

    fn came(&self, source: &str) {
        if self.away.swap(false, Ordering::Relaxed) {
            tracing::info!(source, "the database is back: reading goes on");
        }
    }
}

/// What waits to be stored, and what is being stored.
pub struct Storing {
    settings: Arc<Settings>,
    ports: Ports,
    health: Health,
    abandon: CancellationToken,
    /// At most one per partition that grows, in the order in which partitions came.
    waiting: VecDeque<Work>,
    tasks: JoinSet<Done>,
    /// Whose work a task does, should it never say so itself, and how many bytes it holds.
    of: HashMap<Id, InHand>,
}

struct InHand {
    address: PartitionAddress,
    generation: u32,
    bytes: usize,
}

impl Storing {
    /// `abandon` ends the retries; an append that runs is finished all the same.
    pub fn new(settings: &Settings, ports: &Ports, health: Health, abandon: CancellationToken) -> Self {
        Self {
            settings: Arc::new(settings.clone()),
            ports: ports.clone(),
            health,
            abandon,
            waiting: VecDeque::new(),
            tasks: JoinSet::new(),
            of: HashMap::new(),
        }
    }

    pub fn is_idle(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Is anything of this partition being stored?
    pub fn has(&self, address: &PartitionAddress) -> bool {
        self.of.values().any(|of| of.address == *address)
    }

    /// Shall more be read? Otherwise memory would grow without end while the database is slower than the broker.
    pub fn has_room(&self) -> bool {
        let limit = self.settings.limits.bytes;
        let waiting: usize = self.waiting.iter().map(Work::bytes).sum();
        let in_hand: usize = self.of.values().map(|of| of.bytes).sum();
        waiting < limit / 2 && waiting + in_hand < 2 * limit
    }

    /// Takes in what was read; [`Self::go_on`] begins with it.
    pub fn add(&mut self, work: Work) {
        let (largest, most) = (self.settings.limits.bytes / 2, self.settings.limits.records);
        let same = |w: &&mut Work| w.address == work.address && w.generation == work.generation;
        // The last one: what follows it must not come to stand before it.
        match self.waiting.iter_mut().rev().find(same) {
            Some(before) if before.bytes() + work.bytes() <= largest && before.records() + work.records() <= most => {
                before.follow(work);
            }
            _ => self.waiting.push_back(work),
        }
    }

    /// Begins as much of what waits as may be stored at once. What is not `current` any more is dropped.
    pub fn go_on(&mut self, current: impl Fn(&PartitionAddress, u32) -> bool, rng: &mut StdRng) {
        self.waiting.retain(|w| current(&w.address, w.generation));
        while self.tasks.len() < AT_ONCE
            && let Some(next) = self.waiting.iter().position(|w| !self.has(&w.address))
            && let Some(work) = self.waiting.remove(next)
        {
            self.start(work, rng);
        }
    }

    fn start(&mut self, work: Work, rng: &mut StdRng) {
        let worker = Worker {
            settings: self.settings.clone(),
            ports: self.ports.clone(),
            health: self.health.clone(),
            abandon: self.abandon.clone(),
            rng: StdRng::seed_from_u64(rng.random()),
        };
        let in_hand = InHand { address: work.address.clone(), generation: work.generation, bytes: work.bytes() };
        let task = self.tasks.spawn(worker.work(work));
        self.of.insert(task.id(), in_hand);
    }

    /// The next finished piece; `None` when all are. Cancel-safe.
    pub async fn next(&mut self) -> Option<Done> {
        loop {
            match self.tasks.join_next_with_id().await? {
                Ok((id, done)) => {
                    self.of.remove(&id);
                    return Some(done);
                }
                // A panic in the store. An idle partition would never show that its chain is broken: it rests, and
                // is taken up again at the stored cursor.
                Err(error) => {
                    tracing::error!(source = self.settings.name, %error, "an append broke off");
                    let Some(InHand { address, generation, .. }) = self.of.remove(&error.id()) else { continue };
                    return Some(Done { address, generation, end: End::Refused("the append broke off".to_owned()) });
                }
            }
        }
    }
}

enum Failed {
    Refused(String),
    Abandoned,
}

impl From<Failed> for End {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Refused(why) => Self::Refused(why),
            Failed::Abandoned => Self::Abandoned,
        }
    }
}

struct Worker {
    settings: Arc<Settings>,
    ports: Ports,
    health: Health,
    abandon: CancellationToken,
    rng: StdRng,
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

impl Worker {
    async fn work(mut self, work: Work) -> Done {
        let (address, generation) = (work.address.clone(), work.generation);
        let end = match self.steps(work).await {
            Ok(end) => end,
            Err(failed) => failed.into(),
        };
        Done { address, generation, end }
    }

    async fn steps(&mut self, mut work: Work) -> Result<End, Failed> {
        let mut end = End::Stored;
        for step in std::mem::take(&mut work.steps) {
            end = match step {
                Step::Append(append) => {
                    let (settings, ports) = (self.settings.clone(), self.ports.clone());
                    let keeping = self.retry(|| ports.catalog.keeping(&ports.system, work.partition)).await?;
                    if keeping.mode == CaptureMode::Off {
                        return Ok(End::Off);
                    }
                    let Some(batch) = off_the_runtime(|| append.batch(work.partition, &settings, keeping)) else {
                        continue;
                    };
                    match self.append(&batch, &work).await? {
                        None => End::Stored,
                        Some(moved) => return Ok(moved),
                    }
                }
                Step::End(ended) => return self.end(ended, &work).await,
            };
        }
        Ok(end)
    }

    /// `None` when the batch is in the store, by this append or by one whose answer got lost.
    async fn append(&mut self, batch: &CaptureBatch, work: &Work) -> Result<Option<End>, Failed> {
        let ports = self.ports.clone();
        let span = tracing::info_span!(
            target: "weir::trace", "append", source = self.settings.name, events = batch.events.len(), bytes = Empty, failed = Empty
        );
        let began = Instant::now();
        let appended = self.retry(|| ports.log.append(batch)).await;
        span.record("failed", appended.is_err());
        if let AppendOutcome::Stored { events, raw_bytes, stored_bytes } = appended? {
            span.record("bytes", raw_bytes);
            let stored = Stored { batch, events, raw_bytes, stored_bytes, took: began.elapsed() };
            ports.meter.stored(&self.settings.name, &work.address.channel, &stored);
            self.ports.announcer.add(batch.partition);
            return Ok(None);
        }
        let open = self.retry(|| ports.catalog.open_partitions(&ports.system, work.channel)).await?;
        let now = open.into_iter().find(|p| p.number == work.address.number);
        match now {
            Some(now) if now.id == batch.partition && now.cursor.as_ref() == Some(&batch.next) => {
                self.ports.announcer.add(batch.partition);
                Ok(None)
            }
            now => {
                tracing::info!(source = self.settings.name, partition = %batch.partition, "another tap stored this part; going on from its position");
                Ok(Some(End::Moved(now.filter(|n| n.id == batch.partition))))
            }
        }
    }

    async fn end(&mut self, ended: Ended, work: &Work) -> Result<End, Failed> {
        let ports = self.ports.clone();
        let Ended { address, reason, gap, successor } = ended;
        tracing::warn!(
            source = self.settings.name,
            channel = address.channel,
            number = address.number,
            reason = reason.as_str(),
            detail = gap.detail,
            "an incarnation of a partition is over"
        );
        ports.meter.gap(&self.settings.name, reason);
        let Some((incarnation, start)) = successor else {
            let closed = self.retry(|| ports.catalog.close_partition(work.partition, reason, work.fence)).await?;
            return Ok(if closed { End::Closed } else { End::Outdated });
        };
        let begin = match start {
            BrokerStart::Cursor(cursor) => Begin::At(cursor),
            // What follows a lost incarnation is all new.
            BrokerStart::Earliest | BrokerStart::Latest | BrokerStart::Time(_) | BrokerStart::Position(_) => {
                Begin::LogStart
            }
        };
        let new = NewIncarnation {
            fence: work.fence,
            channel: work.channel,
            number: address.number,
            incarnation,
            begin,
            replaces: Some((work.partition, gap)),
        };
        let opened = self.retry(|| ports.catalog.open_incarnation(&new)).await?;
        Ok(opened.map_or(End::Outdated, End::Reopened))
    }

    /// Until it is done: for as long as it takes while the database is away, a few times otherwise.
    async fn retry<'a, T>(&mut self, mut act: impl FnMut() -> Answer<'a, T>) -> Result<T, Failed> {
        let (mut backoff, mut tries) = (Backoff::store(), 0);
        loop {
            match act().await {
                Ok(done) => {
                    self.health.came(&self.settings.name);
                    return Ok(done);
                }
                Err(error @ StoreError::Unavailable(_)) => self.health.went(&self.settings.name, &error),
                Err(error @ (StoreError::Conflict(_) | StoreError::Internal(_))) => {
                    // It answered: were it still held to be away, nothing would be read again.
                    self.health.came(&self.settings.name);
                    tries += 1;
                    if tries == TRIES {
                        return Err(Failed::Refused(error.to_string()));
                    }
                }
            }
            let wait = tokio::time::sleep(backoff.next(&mut self.rng));
            if self.abandon.run_until_cancelled(wait).await.is_none() {
                return Err(Failed::Abandoned);
            }
        }
    }
}

/// To identify megabytes of events on an async thread would hold up everything else on it.
fn off_the_runtime<T>(work: impl FnOnce() -> T) -> T {
    let many_threads = Handle::try_current().is_ok_and(|h| h.runtime_flavor() == RuntimeFlavor::MultiThread);
    if many_threads { block_in_place(work) } else { work() }
}
