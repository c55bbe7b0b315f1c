//! The in-memory broker keeps what every broker must.

use async_trait::async_trait;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use weir_broker::{
    Broker, BrokerError,
    conformance::{Abilities, Fixture, Joined, OpenTransaction},
    memory::{MemoryBroker, NewRecord, Transaction},
};
use weir_domain::{Position, Timestamp, capture::Held, lag::Member};

#[derive(Default)]
struct Memory {
    broker: MemoryBroker,
    made: AtomicU64,
}

struct Open {
    broker: MemoryBroker,
    channel: String,
    partition: usize,
    transaction: Transaction,
}

struct In {
    broker: MemoryBroker,
    group: String,
}

#[async_trait]
impl Joined for In {
    async fn leave(self: Box<Self>) {
        self.broker.set_members(&self.group, Vec::new());
    }
}

#[async_trait]
impl OpenTransaction for Open {
    async fn commit(self: Box<Self>) {
        self.broker.commit(&self.channel, self.partition, self.transaction);
    }
    async fn abort(self: Box<Self>) {
        self.broker.abort(&self.channel, self.partition, self.transaction);
    }
}

#[async_trait]
impl Fixture for Memory {
    fn abilities(&self) -> Abilities {
        Abilities {
            transactions: true,
            delete_records: true,
            compaction: true,
            truncate: true,
            leaderless: true,
            away: true,
            lag: true,
        }
    }
    fn broker(&self) -> Arc<dyn Broker> {
        Arc::new(self.broker.clone())
    }
    async fn create(&self, name: &str, partitions: usize) -> String {
        let channel = format!("{name}-{}", self.made.fetch_add(1, Ordering::Relaxed));
        self.broker.create(&channel, partitions);
        channel
    }
    async fn create_compacted(&self, name: &str) -> String {
        self.create(name, 1).await
    }
    async fn internal(&self) -> String {
        self.broker.create_internal("__positions", 1);
        "__positions".to_owned()
    }
    async fn add_partitions(&self, channel: &str, total: usize) {
        self.broker.add_partitions(channel, total);
    }
    async fn delete(&self, channel: &str) {
        self.broker.delete(channel);
    }
    async fn recreate(&self, channel: &str, partitions: usize) {
        self.broker.create(channel, partitions);
    }
    async fn produce(&self, channel: &str, partition: usize, records: Vec<NewRecord>) -> Position {
        let positions: Vec<_> = records.into_iter().map(|r| self.broker.produce(channel, partition, r)).collect();
        positions[0]
    }
    async fn begin(
        &self,
        transactional_id: &str,
        channel: &str,
        partition: usize,
        records: Vec<NewRecord>,
    ) -> Box<dyn OpenTransaction> {
        let held = Held { since: Timestamp(1), transactional_id: Some(transactional_id.to_owned()) };
        let transaction = self.broker.begin(channel, partition, held);
        for record in records {
            self.broker.produce_in(channel, partition, transaction, record);
        }
        Box::new(Open { broker: self.broker.clone(), channel: channel.to_owned(), partition, transaction })
    }
    async fn delete_records(&self, channel: &str, partition: usize, before: Position) {
        self.broker.delete_records(channel, partition, before);
    }
    async fn compact(&self, channel: &str) {
        self.broker.compact_by_key(channel, 0);
    }
    async fn truncate(&self, channel: &str, partition: usize, end: Position) {
        self.broker.truncate(channel, partition, end);
    }
    async fn set_leader(&self, channel: &str, partition: usize, present: bool) {
        self.broker.set_problem(channel, partition, (!present).then_some("no leader"));
    }
    async fn set_reachable(&self, reachable: bool) {
        let away = BrokerError::Unreachable("the memory broker is away".to_owned());
        self.broker.set_failing((!reachable).then_some(away));
    }
    async fn commit(&self, group: &str, channel: &str, partition: i32, next: Position) {
        self.broker.commit_position(group, channel, partition, next);
    }
    async fn join(&self, group: &str, channel: &str) -> Box<dyn Joined> {
        let found = self.broker.discover().await.map(|found| found.channels).unwrap_or_default();
        let own = found.iter().find(|c| c.channel == channel);
        let partitions = own.map(|c| c.partitions.iter().map(|p| p.number).collect()).unwrap_or_default();
        let member = Member {
            id: format!("{group}-1"),
            client_id: "weir.test.member".into(),
            host: "127.0.0.1".into(),
            instance: None,
            holds: vec![(channel.to_owned(), partitions)],
        };
        self.broker.set_members(group, vec![member]);
        Box::new(In { broker: self.broker.clone(), group: group.to_owned() })
    }
}

weir_broker::conformance_tests!(Memory::default());
