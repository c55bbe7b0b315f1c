//! What came, and what it means for the partitions it is about.

use super::{Done, METADATA_SOON, Pump};
use crate::{
    discover::leader,
    failure::{missing_right, partition_problem},
    probe::{Answers, Found},
    reader::{
        fetch::{Answer, Target},
        partition::{Partition, Phase, Trouble},
        session::Session,
    },
};
use krafka::{
    __private::{kafka_metadata, protocol::FetchPartitionResponse},
    KrafkaError,
    consumer::TopicPartition,
    error::ErrorCode,
};
use std::{collections::HashMap, sync::atomic::Ordering, time::Duration};
use tokio::time::Instant;
use weir_broker::BrokerError;
use weir_domain::capture::Held;

/// Leaders and topic ids are asked for anew this often; an answer that hints at a change asks at once.
const METADATA_EVERY: Duration = Duration::from_secs(5);
/// Failures of one partition or broker in a row before a person is told; a leader's move takes one or two.
const PATIENCE: u32 = 3;

impl Pump {
    pub(super) fn done(&mut self, done: Done) {
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
                    self.judge(number, true);
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

    /// What the metadata at hand means for a partition: who leads it, or that its incarnation has ended. The end
    /// takes answers of its own (`fresh`): what was known before a partition was assigned may be older than it.
    pub(super) fn judge(&mut self, number: u64, fresh: bool) {
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
                    fresh && partition.not_listed(Instant::now())
                }
                Some(ErrorCode::TopicAuthorizationFailed) => {
                    partition.fail(Trouble::Routing, missing_right(self.connection.settings(), "DESCRIBE", &name));
                    false
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
        partition.listed(topic.topic_id);
        if topic.topic_id != partition.topic {
            let sure = fresh && partition.renewed(topic.topic_id);
            self.queue_if_news(number);
            if !sure {
                self.want_metadata(METADATA_SOON);
            }
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
        let explained = || self.connection.explain(error, "read this partition").to_string();
        let Some(partition) = self.partitions.get_mut(&number) else { return };
        let problem = match error {
            // Its place could be asked for, so DESCRIBE is there, or it would not be listed.
            KrafkaError::Broker { code: ErrorCode::TopicAuthorizationFailed, .. } => {
                Some(missing_right(self.connection.settings(), "READ", &partition.address.channel))
            }
            KrafkaError::Broker { code, .. } => partition_problem(*code),
            _ => None,
        };
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
                            self.got_partition(broker, &target, response, now);
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
        // A replica that is away is no reason not to read: the leader is.
        let near = |p: &Partition| p.leader.is_some_and(|(id, _)| id != broker);
        let (replicas, targets): (Vec<_>, Vec<_>) =
            targets.iter().partition(|t| self.partitions.get(&t.number).is_some_and(near));
        for target in replicas {
            self.partitions.get_mut(&target.number).map(|p| p.leave_replica(now));
        }
        let Some(leader) = self.leaders.get(&broker) else { return };
        if leader.retry.failures < PATIENCE || self.failing.borrow().is_some() {
            return;
        }
        let address = leader.address.clone();
        let why = self.connection.why(&failure, &address);
        let why = format!("its leader, broker {broker} at {address}, can't be read: {why}");
        for target in targets {
            if let Some(partition) = self.partitions.get_mut(&target.number) {
                partition.fail(Trouble::Fetching, why.clone());
                self.queue(target.number);
            }
        }
    }

    fn got_partition(&mut self, broker: i32, target: &Target, response: FetchPartitionResponse, now: Instant) {
        let clock = self.clock.now();
        let Some(partition) = self.partitions.get_mut(&target.number) else { return };
        if partition.phase != Phase::Reading || partition.place.is_none_or(|p| p.next != target.ask.offset) {
            return;
        }
        let from_leader = partition.leader.is_some_and(|(id, _)| id == broker);
        if !from_leader
            && (!response.error_code.is_ok() || response.diverging_epoch.is_some())
            && partition.leave_replica(now)
        {
            // A follower may lag behind or be one no more; what its leader says counts.
            return;
        }
        let nearer = response.preferred_read_replica;
        if from_leader
            && response.error_code.is_ok()
            && nearer >= 0
            && nearer != broker
            && !partition.is_leader_only(now)
        {
            tracing::debug!(
                channel = partition.address.channel,
                number = partition.address.number,
                nearer,
                "read from the nearest replica"
            );
            partition.nearer(nearer, now);
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
