//! The task behind a reader: decides what to ask whom, and hands out what came. Every question is a job of its own,
//! and nothing here waits for one in particular.

use super::{
    Numbered,
    fetch::{self, Answer, Request, Target},
    partition::{Budget, Partition, Phase, Retry, Trouble, Wanted},
    session::Session,
};
use crate::{
    connect::Connection,
    discover::leader,
    failure::partition_problem,
    probe::{self, Answers, Found, Seek, partition_of},
};
use futures::{StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use krafka::{
    __private::{kafka_metadata, network::ConnectionPool, protocol::FetchPartitionResponse},
    Kafka, KrafkaError,
    consumer::TopicPartition,
    error::ErrorCode,
};
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
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
/// A leader with nothing new answers after this long.
const FETCH_WAIT: Duration = Duration::from_millis(500);
/// Leaders and topic ids are asked for anew this often; an answer that hints at a change asks at once.
const METADATA_EVERY: Duration = Duration::from_secs(5);
/// And while something is known to be wrong.
const METADATA_SOON: Duration = Duration::from_millis(500);
/// Open transactions are everyday; who holds one is asked when it lasts.
const HELD_FOR: Duration = Duration::from_secs(1);
const HELD_AGAIN: Duration = Duration::from_secs(30);
/// Failures of one partition or broker in a row before a person is told; a leader's move takes one or two.
const PATIENCE: u32 = 3;

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
            self.judge(*number);
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

    // ── what to ask ─────────────────────────────────────────────────────

    fn schedule(&mut self) {
        let now = Instant::now();
        self.ask_metadata(now);
        if self.metadata.failures == 0 {
            self.locate(now);
            self.fetch(now);
            self.ask_held(now);
        }
    }

    fn want_metadata(&mut self, within: Duration) {
        self.metadata.due = self.metadata.due.min(Instant::now() + within);
    }

    fn ask_metadata(&mut self, now: Instant) {
        if self.metadata.asking || now < self.metadata.due || self.partitions.is_empty() {
            return;
        }
        self.metadata.asking = true;
        let (connection, kafka) = (self.connection.clone(), self.kafka.clone());
        let mut names: Vec<String> = self.partitions.values().map(|p| p.address.channel.clone()).collect();
        names.sort_unstable();
        names.dedup();
        self.jobs.push(Box::pin(async move {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let refresh = kafka_metadata(&kafka).force_refresh(Some(&names));
            Done::Metadata(connection.bounded("find leaders", refresh).await)
        }));
    }

    /// Asks each leader where its partitions are to begin.
    fn locate(&mut self, now: Instant) {
        let mut asks: HashMap<i32, Vec<(u64, TopicPartition, Seek)>> = HashMap::new();
        for (number, partition) in &mut self.partitions {
            if let (Some((leader, _)), Some(seek)) = (partition.leader, partition.locatable(now)) {
                partition.asking = true;
                asks.entry(leader).or_default().push((*number, partition_of(&partition.address), seek));
            }
        }
        for asked in asks.into_values() {
            let kafka = self.kafka.clone();
            self.jobs.push(Box::pin(async move {
                let seeks: Vec<_> = asked.iter().map(|(_, tp, seek)| (tp.clone(), *seek)).collect();
                let found = probe::locate(&kafka, &seeks).await;
                Done::Found(asked.into_iter().map(|(number, tp, _)| (number, tp)).collect(), found)
            }));
        }
    }

    /// One fetch to each leader at a time, and none while something it sent waits to be handed out: a request
    /// without those partitions would wait for the others' news and change the session to and fro.
    fn fetch(&mut self, now: Instant) {
        let mut by_leader: HashMap<i32, (Vec<u64>, bool)> = HashMap::new();
        let mut unwalked = 0;
        for (number, partition) in &self.partitions {
            unwalked += partition.unwalked();
            let Some((leader, _)) = partition.leader else { continue };
            let (numbers, waits) = by_leader.entry(leader).or_default();
            *waits |= partition.unwalked() > 0 || partition.is_midway();
            if partition.fetchable(now) {
                numbers.push(*number);
            }
        }
        let room = self.limits.bytes / by_leader.len().max(1);
        if unwalked > self.limits.bytes {
            return;
        }
        for (broker, (numbers, waits)) in by_leader {
            if numbers.is_empty() || waits {
                continue;
            }
            let leader = self.leaders.entry(broker).or_default();
            if leader.fetching || !leader.retry.due(now) {
                continue;
            }
            let Some(address) = kafka_metadata(&self.kafka).broker(broker).map(|b| b.address().to_owned()) else {
                self.metadata.due = self.metadata.due.min(now + METADATA_SOON);
                continue;
            };
            let max_bytes = i32::try_from(room).unwrap_or(i32::MAX).max(64 << 10);
            // A quarter each lets several partitions share an answer; the broker's own turns see to the rest.
            let targets: Vec<Target> = numbers
                .iter()
                .filter_map(|n| self.partitions.get(n)?.target(*n, (max_bytes / 4).max(64 << 10)))
                .collect();
            leader.fetching = true;
            leader.address.clone_from(&address);
            let mut session = leader.session.take().unwrap_or_default();
            let pool = self.pool.clone();
            let request = Request { broker, address, targets: targets.clone(), max_bytes, max_wait: FETCH_WAIT };
            self.jobs.push(Box::pin(async move {
                let answer = fetch::fetch(pool, request, &mut session).await;
                Done::Fetched { broker, session, targets, answer }
            }));
        }
    }

    fn ask_held(&mut self, now: Instant) {
        let mut asked = Vec::new();
        for (number, partition) in &mut self.partitions {
            let Some((at, since, _)) = partition.held.seen else { continue };
            let again = partition.held.asked.is_none_or(|t| now - t >= HELD_AGAIN);
            if again && now - since >= HELD_FOR && partition.place.is_some_and(|p| p.next >= at) {
                partition.held.asked = Some(now);
                asked.push((*number, partition_of(&partition.address)));
            }
        }
        if asked.is_empty() {
            return;
        }
        let (kafka, clock) = (self.kafka.clone(), self.clock.now());
        self.jobs.push(Box::pin(async move {
            let partitions: Vec<TopicPartition> = asked.iter().map(|(_, tp)| tp.clone()).collect();
            let held = probe::held(&kafka, &partitions, clock).await;
            Done::Held(asked, held)
        }));
    }

    // ── what came ───────────────────────────────────────────────────────

    fn done(&mut self, done: Done) {
        match done {
            Done::Metadata(result) => self.got_metadata(result),
            Done::Found(asked, found) => self.got_found(asked, found),
            Done::Fetched { broker, session, targets, answer } => self.got_fetched(broker, session, &targets, answer),
            Done::Held(asked, held) => self.got_held(asked, held),
        }
    }

    fn got_metadata(&mut self, result: Result<(), BrokerError>) {
        self.metadata.asking = false;
        let now = Instant::now();
        match result {
            Ok(()) => {
                self.metadata.due = now + METADATA_EVERY;
                if std::mem::take(&mut self.metadata.failures) > 0 {
                    self.leaders.values_mut().for_each(|l| l.retry.reset());
                }
                self.failing.send_if_modified(|failing| failing.take().is_some());
                for number in self.partitions.keys().copied().collect::<Vec<_>>() {
                    self.judge(number);
                }
            }
            Err(error) => {
                self.metadata.failures = self.metadata.failures.saturating_add(1);
                let wait = Duration::from_millis(100 << self.metadata.failures.min(6)).min(Duration::from_secs(5));
                self.metadata.due = now + wait;
                self.failing.send_replace(Some(error));
            }
        }
    }

    /// What the metadata at hand means for a partition: who leads it, or that its incarnation has ended.
    fn judge(&mut self, number: u64) {
        let metadata = kafka_metadata(&self.kafka);
        let Some(partition) = self.partitions.get_mut(&number).filter(|p| p.phase != Phase::Over) else {
            self.queue_if_news(number);
            return;
        };
        let name = partition.address.channel.clone();
        partition.leader = None;
        let Some(topic) = metadata.topic_arc(&name) else {
            let sure = match metadata.topic_error(&name) {
                Some(ErrorCode::UnknownTopicOrPartition | ErrorCode::UnknownTopicId) => {
                    partition.not_listed(Instant::now())
                }
                Some(code) => {
                    let why = partition_problem(code).unwrap_or_else(|| format!("the broker answered {code:?}"));
                    partition.fail(Trouble::Routing, why);
                    false
                }
                None => false,
            };
            self.queue_if_news(number);
            if !sure {
                self.want_metadata(METADATA_SOON);
            }
            return;
        };
        partition.listed();
        if topic.topic_id != partition.topic {
            partition.recreated(topic.topic_id);
            self.queue_if_news(number);
            return;
        }
        let found = topic
            .partition(partition.address.number)
            .ok_or_else(|| format!("{name} has no partition {}", partition.address.number))
            .and_then(|p| leader(p).map(|id| (id, p.leader_epoch)));
        match found {
            Ok(leader) => {
                partition.leader = Some(leader);
                if partition.recover(Trouble::Routing) {
                    partition.retry.reset();
                    self.queue(number);
                }
            }
            Err(why) => {
                partition.fail(Trouble::Routing, why);
                self.queue_if_news(number);
                self.want_metadata(METADATA_SOON);
            }
        }
    }

    fn queue_if_news(&mut self, number: u64) {
        if self.partitions.get(&number).is_some_and(Partition::has_news) {
            self.queue(number);
        }
    }

    fn got_found(&mut self, asked: Vec<(u64, TopicPartition)>, found: Result<Answers<Found>, KrafkaError>) {
        let now = Instant::now();
        let (mut answers, whole) = match found {
            Ok(answers) => (answers, None),
            Err(e) => (HashMap::new(), Some(e)),
        };
        for (number, tp) in asked {
            let answer = answers.remove(&tp).unwrap_or_else(|| {
                Err(whole.clone().unwrap_or_else(|| KrafkaError::broker(ErrorCode::LeaderNotAvailable, "no answer")))
            });
            let Some(partition) = self.partitions.get_mut(&number) else { continue };
            partition.asking = false;
            if !matches!(partition.phase, Phase::Locating(_)) {
                continue;
            }
            match answer {
                Ok(found) => {
                    partition.found(found);
                    self.queue(number);
                }
                Err(error) => self.partition_failed(number, &error, now),
            }
        }
    }

    fn partition_failed(&mut self, number: u64, error: &KrafkaError, now: Instant) {
        let problem = match error {
            KrafkaError::Broker { code, .. } => partition_problem(*code),
            _ => None,
        };
        let explained = || self.connection.explain(error, "read this partition").to_string();
        let Some(partition) = self.partitions.get_mut(&number) else { return };
        partition.retry.failed(now);
        if problem.is_some() || partition.retry.failures >= PATIENCE {
            partition.fail(Trouble::Fetching, problem.unwrap_or_else(explained));
        }
        self.queue_if_news(number);
        self.want_metadata(METADATA_SOON);
    }

    fn got_fetched(&mut self, broker: i32, session: Session, targets: &[Target], answer: Result<Answer, KrafkaError>) {
        let now = Instant::now();
        let leader = self.leaders.entry(broker).or_default();
        (leader.fetching, leader.session) = (false, Some(session));
        let failure = match answer {
            Ok(answer) => {
                self.throttled.store(answer.throttle_ms, Ordering::Relaxed);
                match answer.error {
                    ErrorCode::None | ErrorCode::FetchSessionIdNotFound | ErrorCode::InvalidFetchSessionEpoch => {
                        leader.retry.reset();
                        for (target, response) in answer.partitions {
                            self.got_partition(&target, response, now);
                        }
                        return;
                    }
                    code => KrafkaError::broker(code, "the fetch as a whole was refused"),
                }
            }
            Err(error) => error,
        };
        leader.retry.failed(now);
        self.metadata.due = self.metadata.due.min(now);
        if leader.retry.failures < PATIENCE || self.failing.borrow().is_some() {
            return;
        }
        let address = leader.address.clone();
        let why = format!("its leader, broker {broker} at {address}, can't be read: {failure}");
        for target in targets {
            if let Some(partition) = self.partitions.get_mut(&target.number) {
                partition.fail(Trouble::Fetching, why.clone());
                self.queue(target.number);
            }
        }
    }

    fn got_partition(&mut self, target: &Target, response: FetchPartitionResponse, now: Instant) {
        let clock = self.clock.now();
        let Some(partition) = self.partitions.get_mut(&target.number) else { return };
        if partition.phase != Phase::Reading || partition.place.is_none_or(|p| p.next != target.ask.offset) {
            return;
        }
        match response.error_code {
            ErrorCode::None if response.diverging_epoch.is_none() => {
                partition.fetched(response, now, clock);
                self.queue(target.number);
            }
            ErrorCode::None | ErrorCode::OffsetOutOfRange => {
                partition.relocate();
                // An answer that leads nowhere must not turn into a circle without a pause.
                partition.retry.failed(now);
            }
            code => self.partition_failed(target.number, &KrafkaError::broker(code, "fetch"), now),
        }
    }

    fn got_held(
        &mut self,
        asked: Vec<(u64, TopicPartition)>,
        held: Result<HashMap<TopicPartition, Held>, KrafkaError>,
    ) {
        for (number, tp) in asked {
            let Some(partition) = self.partitions.get_mut(&number) else { continue };
            let Some((_, _, noticed)) = partition.held.seen else { continue };
            let by = match &held {
                Ok(held) => held.get(&tp).cloned(),
                // Not told (rights, age of the broker): that it is held is still to be seen.
                Err(_) => Some(Held { since: noticed, transactional_id: None }),
            };
            if by != partition.held.by {
                partition.held.by = by;
                self.queue(number);
            }
        }
    }
}
