//! Stores the work of one round: several partitions at once, each in order, each batch until it is stored,
//! refused, or somebody else was first.

use super::{
    round::{Round, Step, Work},
    settings::Ports,
};
use crate::backoff::Backoff;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::{
    collections::HashMap,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::{
    sync::Semaphore,
    task::{Id, JoinSet},
};
use tokio_util::sync::CancellationToken;
use weir_broker::{Ended, PartitionAddress, StartAt as BrokerStart};
use weir_domain::{
    StoreError,
    capture::{AppendOutcome, Begin, CaptureBatch, NewIncarnation, OpenPartition},
};

/// Partitions appended at once: enough to hide a commit's wait, few enough to leave connections to the pages.
const AT_ONCE: usize = 4;
/// Tries of a batch that the store refuses for another reason than being away.
const TRIES: u32 = 3;

/// How the work of one partition ended.
#[derive(Debug)]
pub enum End {
    Stored,
    /// Somebody else stored or re-opened: go on from here. `None`: it is open no more.
    Moved(Option<OpenPartition>),
    /// The next incarnation is open.
    Reopened(OpenPartition),
    Closed,
    /// The store can't take it; the text is for the log.
    Refused(String),
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

/// The round that is being stored.
pub struct Storing {
    source: String,
    ports: Ports,
    health: Health,
    abandon: CancellationToken,
    permits: Arc<Semaphore>,
    tasks: JoinSet<Done>,
    /// Whose work a task does, should it never say so itself.
    of: HashMap<Id, (PartitionAddress, u32)>,
}

impl Storing {
    /// `abandon` ends the retries; an append that runs is finished all the same.
    pub fn new(source: &str, ports: &Ports, health: Health, abandon: CancellationToken) -> Self {
        Self {
            source: source.to_owned(),
            ports: ports.clone(),
            health,
            abandon,
            permits: Arc::new(Semaphore::new(AT_ONCE)),
            tasks: JoinSet::new(),
            of: HashMap::new(),
        }
    }

    pub fn is_idle(&self) -> bool {
        self.tasks.is_empty()
    }

    pub fn start(&mut self, round: Round, rng: &mut StdRng) {
        for work in round.work {
            let worker = Worker {
                source: self.source.clone(),
                ports: self.ports.clone(),
                health: self.health.clone(),
                abandon: self.abandon.clone(),
                rng: StdRng::seed_from_u64(rng.random()),
            };
            let permits = self.permits.clone();
            let whose = (work.address.clone(), work.generation);
            let task = self.tasks.spawn(async move {
                let _permit = permits.acquire().await;
                worker.work(work).await
            });
            self.of.insert(task.id(), whose);
        }
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
                    tracing::error!(source = self.source, %error, "an append broke off");
                    let Some((address, generation)) = self.of.remove(&error.id()) else { continue };
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
    source: String,
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
                Step::Append(batch) => match self.append(&batch, &work).await? {
                    None => End::Stored,
                    Some(moved) => return Ok(moved),
                },
                Step::End(ended) => return self.end(ended, &work).await,
            };
        }
        Ok(end)
    }

    /// `None` when the batch is in the store, by this append or by one whose answer got lost.
    async fn append(&mut self, batch: &CaptureBatch, work: &Work) -> Result<Option<End>, Failed> {
        let ports = self.ports.clone();
        if let AppendOutcome::Stored { .. } = self.retry(|| ports.log.append(batch)).await? {
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
                tracing::info!(source = self.source, partition = %batch.partition, "another tap stored this part; going on from its position");
                Ok(Some(End::Moved(now)))
            }
        }
    }

    async fn end(&mut self, ended: Ended, work: &Work) -> Result<End, Failed> {
        let ports = self.ports.clone();
        let Ended { address, reason, gap, successor } = ended;
        tracing::warn!(
            source = self.source,
            channel = address.channel,
            number = address.number,
            reason = reason.as_str(),
            detail = gap.detail,
            "an incarnation of a partition is over"
        );
        let Some((incarnation, start)) = successor else {
            self.retry(|| ports.catalog.close_partition(work.partition, reason)).await?;
            return Ok(End::Closed);
        };
        let begin = match start {
            BrokerStart::Cursor(cursor) => Begin::At(cursor),
            // What follows a lost incarnation is all new.
            BrokerStart::Earliest | BrokerStart::Latest | BrokerStart::Time(_) => Begin::LogStart,
        };
        let new = NewIncarnation {
            channel: work.channel,
            number: address.number,
            incarnation,
            begin,
            replaces: Some((work.partition, gap)),
        };
        Ok(End::Reopened(self.retry(|| ports.catalog.open_incarnation(&new)).await?))
    }

    /// Until it is done: for as long as it takes while the database is away, a few times otherwise.
    async fn retry<'a, T>(&mut self, mut act: impl FnMut() -> Answer<'a, T>) -> Result<T, Failed> {
        let (mut backoff, mut tries) = (Backoff::store(), 0);
        loop {
            match act().await {
                Ok(done) => {
                    self.health.came(&self.source);
                    return Ok(done);
                }
                Err(error @ StoreError::Unavailable(_)) => self.health.went(&self.source, &error),
                Err(error @ (StoreError::Conflict(_) | StoreError::Internal(_))) => {
                    // It answered: were it still held to be away, nothing would be read again.
                    self.health.came(&self.source);
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
