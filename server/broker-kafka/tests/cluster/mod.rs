//! Making a real Kafka do what the conformance suite asks. Batches and transactions are written request by request,
//! because a producer would not send header names that are no text, nor a transaction without records.
#![allow(dead_code, reason = "each test file uses its part")]

pub mod between;
pub mod wire;

use async_trait::async_trait;
use krafka::{
    Kafka, KrafkaError,
    admin::{
        AlterConsumerGroupOffsetsOptions, ConfigOp, ConfigResource, CreatePartitionsOptions, CreateTopicsOptions,
        DeleteRecordsOptions, DeleteTopicsOptions, IncrementalAlterConfigsOptions, ListOffsetsOptions, NewTopic,
        OffsetSpec,
    },
    consumer::{AutoOffsetReset, Consumer, TopicPartition},
    error::ErrorCode,
};
use std::{sync::Arc, time::Duration};
use weir_broker::{
    Broker, Settings,
    conformance::{Abilities, Fixture, Joined, OpenTransaction, eventually},
    memory::NewRecord,
};
use weir_broker_kafka::KafkaBroker;
use weir_domain::{Clock, Position, Timestamp};
use weir_testkit::{KafkaOptions, Network, unique};
use wire::Producer;

/// Some moment that no real clock shows, to see where it is asked.
pub struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp(12)
    }
}

pub fn settings(address: &str) -> Settings {
    Settings {
        name: "test cluster".to_owned(),
        addresses: vec![address.to_owned()],
        client_id: "weir.test".to_owned(),
        ..Settings::default()
    }
}

pub fn broker(settings: Settings) -> KafkaBroker {
    KafkaBroker::new(settings, Arc::new(Noon)).unwrap()
}

/// A cluster as the suite sees it, and a client that may change it.
pub struct Cluster {
    pub kafka: Kafka,
    /// How the broker under test connects: other than the client where sign-in or the network is the matter.
    pub settings: Settings,
    pub abilities: Abilities,
    /// A second broker, which alone has partition 0 of every channel. Before `own`, so that it ends first.
    pub second: Option<weir_testkit::Kafka>,
    /// A broker of this test alone.
    pub own: Option<weir_testkit::Kafka>,
}

pub const USUAL: Abilities = Abilities {
    transactions: true,
    delete_records: true,
    compaction: true,
    truncate: false,
    leaderless: false,
    away: false,
    lag: true,
};

impl Cluster {
    pub async fn at(address: &str) -> Self {
        let kafka = Kafka::builder(address).client_id("weir.test.control").connect().await.unwrap();
        Self { kafka, settings: settings(address), abilities: USUAL, own: None, second: None }
    }

    /// A broker behind a network of its own. The suite's client passes by it.
    pub async fn behind_a_network() -> Self {
        let own = weir_testkit::Kafka::start(KafkaOptions { proxied: true, ..KafkaOptions::default() }).unwrap();
        let cluster = Self::at(&own.bootstrap()).await;
        let settings = settings(&own.proxy().unwrap().address().to_string());
        Self { settings, abilities: Abilities { away: true, ..USUAL }, own: Some(own), ..cluster }
    }

    /// Two brokers that share no partition.
    pub async fn of_two() -> Self {
        let own = weir_testkit::Kafka::start(KafkaOptions::default()).unwrap();
        let second = own.start_second().unwrap();
        let cluster = Self::at(&own.bootstrap()).await;
        let abilities = Abilities { leaderless: true, transactions: false, ..USUAL };
        Self { abilities, own: Some(own), second: Some(second), ..cluster }
    }

    pub fn own(&self) -> &weir_testkit::Kafka {
        self.own.as_ref().unwrap()
    }

    /// The broker that all tests of a run share.
    pub async fn shared() -> Self {
        let cluster = Self::at(&weir_testkit::Kafka::shared().unwrap()).await;
        let quick = vec![ConfigOp::set("log.cleaner.backoff.ms", "100")];
        let changes = [(ConfigResource::broker_default(), quick)];
        let changed = cluster
            .kafka
            .admin()
            .incremental_alter_configs(changes, IncrementalAlterConfigsOptions::default())
            .await
            .unwrap();
        changed.into_values().for_each(|result| result.unwrap());
        cluster
    }

    pub fn broker_here(&self) -> KafkaBroker {
        broker(self.settings.clone())
    }

    pub async fn create_with(&self, topic: NewTopic) -> String {
        let name = topic.name.clone();
        let partitions = topic.num_partitions.max(i32::try_from(topic.replica_assignments.len()).unwrap());
        eventually("the topic can be made", || async {
            let made = self.kafka.admin().create_topics([topic.clone()], CreateTopicsOptions::default()).await.unwrap();
            match made.into_values().next().unwrap() {
                // A topic of this name may be on its way out.
                Ok(()) => Some(()),
                Err(KrafkaError::Broker { code: ErrorCode::TopicAlreadyExists, .. }) => None,
                Err(e) => panic!("{e}"),
            }
        })
        .await;
        for partition in 0..partitions {
            self.end(&name, partition).await;
        }
        name
    }

    /// The end of a partition, once it has a leader that knows it.
    pub async fn end(&self, topic: &str, partition: i32) -> i64 {
        eventually("the partition's end", || async {
            let wanted = [(TopicPartition::new(topic, partition), OffsetSpec::Latest)];
            let ends = self.kafka.admin().list_offsets(wanted, ListOffsetsOptions::default()).await.unwrap();
            Some(ends.into_values().next()?.ok()?.offset)
        })
        .await
    }

    pub async fn producer(&self, topic: &str, partition: usize) -> Producer {
        Producer::to(&self.kafka, topic, i32::try_from(partition).unwrap()).await
    }

    fn topic(&self, name: &str, partitions: usize) -> NewTopic {
        let partitions = i32::try_from(partitions).unwrap();
        let topic = match &self.second {
            None => NewTopic::new(name, partitions, 1).unwrap(),
            Some(_) => {
                let replicas = (0..partitions).map(|n| (n, vec![if n == 0 { 2 } else { 1 }]));
                NewTopic::with_replica_assignment(name, replicas.collect()).unwrap()
            }
        };
        topic
            .with_config("max.message.bytes", "20971520")
            .with_config("message.timestamp.after.max.ms", "9223372036854775807")
    }

    /// Offset of the first record there is, read by another client.
    async fn first_offset(&self, topic: &str) -> Option<i64> {
        let consumer =
            self.kafka.consumer_without_group().auto_offset_reset(AutoOffsetReset::Earliest).build().await.unwrap();
        consumer.assign(topic, vec![0]).await.unwrap();
        let first = consumer.poll(Duration::from_millis(500)).await.unwrap().first().map(|r| r.offset);
        consumer.close().await.unwrap();
        first
    }
}

struct In(Consumer);

#[async_trait]
impl Joined for In {
    async fn leave(self: Box<Self>) {
        self.0.close().await.unwrap();
    }
}

struct Open {
    kafka: Kafka,
    producer: Producer,
}

#[async_trait]
impl OpenTransaction for Open {
    async fn commit(self: Box<Self>) {
        self.end(true).await;
    }
    async fn abort(self: Box<Self>) {
        self.end(false).await;
    }
}

impl Open {
    /// Returns when the marker is in the partition, not only decided.
    async fn end(self, commit: bool) {
        let cluster = Cluster { kafka: self.kafka, settings: settings(""), abilities: USUAL, own: None, second: None };
        let (topic, partition) = (self.producer.topic.clone(), self.producer.partition);
        let before = cluster.end(&topic, partition).await;
        self.producer.end_transaction(commit).await;
        eventually("the transaction's marker", || async {
            (cluster.end(&topic, partition).await > before).then_some(())
        })
        .await;
    }
}

#[async_trait]
impl Fixture for Cluster {
    fn abilities(&self) -> Abilities {
        self.abilities
    }

    fn broker(&self) -> Arc<dyn Broker> {
        Arc::new(self.broker_here())
    }

    async fn create(&self, name: &str, partitions: usize) -> String {
        self.create_with(self.topic(&unique(name), partitions)).await
    }

    async fn create_compacted(&self, name: &str) -> String {
        let topic = self
            .topic(&unique(name), 1)
            .with_config("cleanup.policy", "compact")
            .with_config("min.cleanable.dirty.ratio", "0.001")
            // A record a second later begins a new segment, and only the others are compacted.
            .with_config("segment.ms", "1000");
        self.create_with(topic).await
    }

    async fn internal(&self) -> String {
        wire::init_transactions(&self.kafka, &unique("internal")).await;
        "__transaction_state".to_owned()
    }

    async fn add_partitions(&self, channel: &str, total: usize) {
        let totals = [(channel, i32::try_from(total).unwrap())];
        let made = self.kafka.admin().create_partitions(totals, CreatePartitionsOptions::default()).await.unwrap();
        made.into_values().for_each(|result| result.unwrap());
        let metadata = krafka::__private::kafka_metadata(&self.kafka);
        eventually("the new partitions", || async {
            metadata.force_refresh(Some(&[channel])).await.unwrap();
            let topic = metadata.topic(channel)?;
            (topic.partition_count() == total && topic.partitions_iter().all(|p| p.is_routable())).then_some(())
        })
        .await;
    }

    async fn delete(&self, channel: &str) {
        let gone = self.kafka.admin().delete_topics([channel], DeleteTopicsOptions::default()).await.unwrap();
        gone.into_values().for_each(|result| result.unwrap());
    }

    async fn recreate(&self, channel: &str, partitions: usize) {
        self.delete(channel).await;
        self.create_with(self.topic(channel, partitions)).await;
        // Until the broker has heard of the deletion, it takes what is sent by name for the old log.
        eventually("the new log", || async { (self.end(channel, 0).await == 0).then_some(()) }).await;
    }

    async fn produce(&self, channel: &str, partition: usize, records: Vec<NewRecord>) -> Position {
        self.producer(channel, partition).await.send(&records).await
    }

    async fn begin(
        &self,
        transactional_id: &str,
        channel: &str,
        partition: usize,
        records: Vec<NewRecord>,
    ) -> Box<dyn OpenTransaction> {
        let mut producer = self.producer(channel, partition).await;
        producer.begin_transaction(transactional_id).await;
        if !records.is_empty() {
            producer.send(&records).await;
        }
        Box::new(Open { kafka: self.kafka.clone(), producer })
    }

    async fn delete_records(&self, channel: &str, partition: usize, before: Position) {
        let partition = TopicPartition::new(channel, i32::try_from(partition).unwrap());
        let options = DeleteRecordsOptions::default();
        let deleted = self.kafka.admin().delete_records([(partition, before.0)], options).await.unwrap();
        deleted.into_values().for_each(|result| assert_eq!(result.unwrap(), before.0));
    }

    async fn compact(&self, channel: &str) {
        let later = NewRecord::new("a new segment").key("roll").at(1_767_225_600_000 + 60_000);
        self.produce(channel, 0, vec![later]).await;
        eventually("compaction", || async { (self.first_offset(channel).await? > 0).then_some(()) }).await;
    }

    async fn truncate(&self, _: &str, _: usize, _: Position) {
        unreachable!("see tests/damaged.rs");
    }

    async fn set_leader(&self, _: &str, partition: usize, present: bool) {
        assert_eq!(partition, 0, "the others are the first broker's");
        let second = self.second.as_ref().unwrap();
        if present { second.restart().unwrap() } else { second.stop() }
    }

    async fn set_reachable(&self, reachable: bool) {
        self.own().proxy().unwrap().set(if reachable { Network::Good } else { Network::Away }).await;
    }

    async fn commit(&self, group: &str, channel: &str, partition: i32, next: Position) {
        let offsets = [(TopicPartition::new(channel, partition), next.0)];
        let options = AlterConsumerGroupOffsetsOptions::default();
        let made = self.kafka.admin().alter_consumer_group_offsets(group, offsets, options).await.unwrap();
        made.into_values().for_each(|result| result.unwrap());
    }

    async fn join(&self, group: &str, channel: &str) -> Box<dyn Joined> {
        let partitions = self.broker_here().discover().await.unwrap();
        let partitions = partitions.channels.iter().find(|c| c.channel == channel).unwrap().partitions.len();
        let client = self.kafka.consumer(group).enable_auto_commit(false);
        let consumer = client.build().await.unwrap();
        consumer.subscribe(&[channel]).await.unwrap();
        eventually("all partitions are held", || async {
            consumer.poll(Duration::from_millis(50)).await.unwrap();
            let held = consumer.assignment().await.values().map(Vec::len).sum::<usize>();
            (held == partitions).then_some(())
        })
        .await;
        Box::new(In(consumer))
    }
}
