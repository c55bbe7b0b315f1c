//! The task behind a reader: decides what to ask whom (`schedule`), takes in what came (`results`) and hands it out in
//! turn. Every question is a job of its own, and nothing here waits for one in particular.

mod results;
mod schedule;

use super::{
    Numbered,
    fetch::{self, Answer, Target},
    partition::{Budget, Partition, Retry, Wanted},
    session::Session,
};
use crate::{
    connect::Connection,
    probe::{Answers, Found},
};
use futures::{StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use krafka::{__private::network::ConnectionPool, Kafka, KrafkaError, consumer::TopicPartition};
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, atomic::AtomicU32},
    time::Duration,
};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep, timeout},
};
use weir_broker::{BrokerError, ReadLimits};
use weir_domain::{Clock, capture::Held};

/// How often waiting partitions and brokers are looked at.
const TICK: Duration = Duration::from_millis(50);
/// Metadata is asked for anew this often while something is known to be wrong.
const METADATA_SOON: Duration = Duration::from_millis(500);

/// Where results go.
pub(super) struct Outlet {
    pub news: mpsc::Sender<Vec<Numbered>>,
    pub failing: watch::Sender<Option<BrokerError>>,
    pub throttled: Arc<AtomicU32>,
}

#[derive(Default)]
struct Leader {
    session: Option<Session>,
    fetching: bool,
    address: String,
    retry: Retry,
}

struct Metadata {
    asking: bool,
    due: Instant,
    failures: u32,
}

enum Done {
    Metadata(Result<(), BrokerError>),
    Found(Vec<(u64, TopicPartition)>, Result<Answers<Found>, KrafkaError>),
    Fetched { broker: i32, session: Session, targets: Vec<Target>, answer: Result<Answer, KrafkaError> },
    Held(Vec<(u64, TopicPartition)>, Result<HashMap<TopicPartition, Held>, KrafkaError>),
}

pub(super) struct Pump {
    connection: Arc<Connection>,
    kafka: Kafka,
    pool: Arc<ConnectionPool>,
    limits: ReadLimits,
    clock: Arc<dyn Clock>,
    wanted: watch::Receiver<Arc<Vec<Wanted>>>,
    failing: watch::Sender<Option<BrokerError>>,
    throttled: Arc<AtomicU32>,
    partitions: BTreeMap<u64, Partition>,
    leaders: HashMap<i32, Leader>,
    /// Numbers of partitions with something to tell.
    line: VecDeque<u64>,
    jobs: FuturesUnordered<BoxFuture<'static, Done>>,
    metadata: Metadata,
    news: mpsc::Sender<Vec<Numbered>>,
}

impl Pump {
    pub fn new(
        (connection, kafka, pool): (Arc<Connection>, Kafka, Arc<ConnectionPool>),
        limits: ReadLimits,
        clock: Arc<dyn Clock>,
        wanted: watch::Receiver<Arc<Vec<Wanted>>>,
        outlet: Outlet,
    ) -> Self {
        Self {
            connection,
            kafka,
            pool,
            limits,
            clock,
            wanted,
            failing: outlet.failing,
            throttled: outlet.throttled,
            partitions: BTreeMap::new(),
            leaders: HashMap::new(),
            line: VecDeque::new(),
            jobs: FuturesUnordered::new(),
            metadata: Metadata { asking: false, due: Instant::now(), failures: 0 },
            news: outlet.news,
        }
    }

    pub async fn run(mut self) {
        let news = self.news.clone();
        loop {
            self.schedule();
            tokio::select! {
                biased;
                changed = self.wanted.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    self.adopt();
                }
                permit = news.reserve(), if !self.line.is_empty() => {
                    let Ok(permit) = permit else { break };
                    let told = self.tell();
                    if !told.is_empty() {
                        permit.send(told);
                    }
                }
                Some(done) = self.jobs.next() => self.done(done),
                () = sleep(TICK) => {}
            }
        }
        self.close().await;
    }

    /// Frees what brokers keep for this reader.
    async fn close(self) {
        let ends = self.leaders.into_iter().filter_map(|(id, l)| Some((id, l.address, l.session?)));
        let pool = &self.pool;
        let ending =
            futures::future::join_all(ends.map(|(id, at, s)| async move { fetch::end(pool, id, &at, s).await }));
        let _ = timeout(Duration::from_secs(1), ending).await;
        self.pool.close_all().await;
    }

    fn adopt(&mut self) {
        let wanted = self.wanted.borrow_and_update().clone();
        self.want_metadata(Duration::ZERO);
        let mut before = std::mem::take(&mut self.partitions);
        for Wanted { number, assignment } in wanted.iter() {
            let partition = before.remove(number).unwrap_or_else(|| Partition::new(assignment.clone()));
            self.partitions.insert(*number, partition);
            self.judge(*number, false);
        }
        self.line.retain(|number| self.partitions.contains_key(number));
    }

    fn tell(&mut self) -> Vec<Numbered> {
        let mut budget = Budget::new(self.limits);
        let mut told = Vec::new();
        for _ in 0..self.line.len() {
            let Some(number) = self.line.pop_front() else { break };
            let others = !self.line.is_empty();
            let Some(partition) = self.partitions.get_mut(&number) else { continue };
            partition.queued = false;
            told.extend(partition.tell(&mut budget, others).map(|reading| (number, reading)));
            if partition.has_news() {
                partition.queued = true;
                if partition.is_midway() {
                    self.line.push_front(number);
                    break;
                }
                self.line.push_back(number);
            }
            if budget.full {
                break;
            }
        }
        told
    }

    fn queue(&mut self, number: u64) {
        if let Some(partition) = self.partitions.get_mut(&number).filter(|p| !p.queued) {
            partition.queued = true;
            self.line.push_back(number);
        }
    }
}
