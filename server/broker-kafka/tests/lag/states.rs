//! Channels and groups in states drawn at random: what is drawn is settled first, so that a seed repeats it.

use crate::{cluster::Cluster, observing::commit};
use futures::{StreamExt as _, stream};
use krafka::{
    Kafka,
    admin::{AlterShareGroupOffsetsOptions, ConfigOp, ConfigResource, IncrementalAlterConfigsOptions},
    consumer::{AutoOffsetReset, Consumer, GroupProtocol, OffsetAndMetadata, TopicPartition},
    producer::{TopicPartitionOffset, TransactionalProducer},
    share_consumer::ShareConsumer,
};
use rand::{RngExt as _, rngs::StdRng, seq::IndexedRandom as _};
use std::{cell::Cell, time::Duration};
use weir_broker::{
    conformance::{Fixture as _, OpenTransaction, eventually},
    memory::NewRecord,
};
use weir_domain::Position;
use weir_testkit::unique;

/// What happens in a partition before its last records.
#[derive(Debug, Clone, Copy)]
enum Past {
    Plain,
    Deleted {
        before: i64,
    },
    Committed,
    Aborted,
    /// Still open when the observation is made.
    Open,
}

#[derive(Debug)]
struct ChannelPlan {
    recreated: bool,
    partitions: Vec<(usize, Past, usize)>,
}

#[derive(Debug)]
pub struct Channel {
    pub name: String,
    pub partitions: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Positions without any member, ever.
    Plain,
    /// Members, and then none.
    Left(GroupProtocol),
    Live(GroupProtocol),
    /// A transaction that moves positions.
    Moved {
        committed: bool,
    },
    ShareLive,
    ShareLeft,
    /// Starts set by hand.
    ShareSet,
}

impl Kind {
    pub fn is_share(self) -> bool {
        matches!(self, Self::ShareLive | Self::ShareLeft | Self::ShareSet)
    }
}

#[derive(Debug)]
struct GroupPlan {
    kind: Kind,
    members: usize,
    channels: Vec<usize>,
    /// Of each partition of each channel: a share of its end, more than 1000 is beyond it; `None`: not committed.
    commits: Vec<(usize, i32, Option<u32>)>,
}

#[derive(Debug)]
pub struct Group {
    pub name: String,
    pub kind: Kind,
}

/// Everything that is held open while figures are compared.
#[derive(Default)]
pub struct Held {
    transactions: Vec<Box<dyn OpenTransaction>>,
    consumers: Vec<Consumer>,
    shares: Vec<ShareConsumer>,
    producers: Vec<TransactionalProducer>,
}

impl Held {
    /// Members leave, transactions end.
    pub async fn let_go(self) {
        for transaction in self.transactions {
            transaction.abort().await;
        }
        for producer in self.producers {
            producer.abort().await.ok();
            producer.close().await.unwrap();
        }
        for consumer in self.consumers {
            consumer.close().await.unwrap();
        }
        for share in self.shares {
            share.close().await.unwrap();
        }
    }

    fn and(&mut self, other: Self) {
        self.transactions.extend(other.transactions);
        self.consumers.extend(other.consumers);
        self.shares.extend(other.shares);
        self.producers.extend(other.producers);
    }
}

fn channel_plan(rng: &mut StdRng) -> ChannelPlan {
    let partition = |rng: &mut StdRng| {
        let before = rng.random_range(0..20);
        let past = match rng.random_range(0..10) {
            0..4 => Past::Plain,
            4..6 => Past::Deleted { before: rng.random_range(0..=before as i64) },
            6 => Past::Committed,
            7 => Past::Aborted,
            _ => Past::Open,
        };
        (before, past, rng.random_range(0..6))
    };
    let partitions = (0..rng.random_range(1..=4)).map(|_| partition(rng)).collect();
    ChannelPlan { recreated: rng.random_ratio(1, 4), partitions }
}

fn group_plan(rng: &mut StdRng, channels: &[ChannelPlan]) -> GroupPlan {
    let kinds = [
        (Kind::Plain, 3),
        (Kind::Left(GroupProtocol::Classic), 1),
        (Kind::Left(GroupProtocol::Consumer), 1),
        (Kind::Live(GroupProtocol::Classic), 2),
        (Kind::Live(GroupProtocol::Consumer), 2),
        (Kind::Moved { committed: true }, 1),
        (Kind::Moved { committed: false }, 1),
        (Kind::ShareLive, 1),
        (Kind::ShareLeft, 1),
        (Kind::ShareSet, 1),
    ];
    let kind = kinds.choose_weighted(rng, |(_, weight)| *weight).unwrap().0;
    let some = rng.random_range(1..=2);
    let all: Vec<usize> = (0..channels.len()).collect();
    let mine: Vec<usize> = all.sample(rng, some).copied().collect();
    let mut commits = Vec::new();
    for &channel in &mine {
        for partition in 0..channels[channel].partitions.len() {
            let to = rng.random_ratio(3, 4).then(|| rng.random_range(0..1_100));
            commits.push((channel, i32::try_from(partition).unwrap(), to));
        }
    }
    GroupPlan { kind, members: rng.random_range(1..=2), channels: mine, commits }
}

/// Draws and makes them.
pub async fn make(
    cluster: &Cluster,
    rng: &mut StdRng,
    channels: usize,
    groups: usize,
) -> (Vec<Channel>, Vec<Group>, Held) {
    let channel_plans: Vec<ChannelPlan> = (0..channels).map(|_| channel_plan(rng)).collect();
    let plans: Vec<GroupPlan> = (0..groups).map(|_| group_plan(rng, &channel_plans)).collect();
    let mut held = Held::default();
    let mut made = Vec::new();
    for plan in &channel_plans {
        let (channel, open) = make_channel(cluster, plan).await;
        made.push(channel);
        held.transactions.extend(open);
    }
    let mut named = Vec::new();
    let making: Vec<_> = plans.iter().map(|plan| make_group(cluster, plan, &made)).collect();
    let groups: Vec<(Group, Held)> = stream::iter(making).buffered(8).collect().await;
    for (group, own) in groups {
        named.push(group);
        held.and(own);
    }
    (made, named, held)
}

fn records(count: usize) -> Vec<NewRecord> {
    (0..count).map(|n| NewRecord::new(n.to_string())).collect()
}

async fn make_channel(cluster: &Cluster, plan: &ChannelPlan) -> (Channel, Vec<Box<dyn OpenTransaction>>) {
    let name = cluster.create("lag", plan.partitions.len()).await;
    if plan.recreated {
        cluster.produce(&name, 0, records(30)).await;
        cluster.recreate(&name, plan.partitions.len()).await;
    }
    let mut open = Vec::new();
    for (number, (before, past, after)) in plan.partitions.iter().enumerate() {
        if *before > 0 {
            cluster.produce(&name, number, records(*before)).await;
        }
        match past {
            Past::Plain => {}
            Past::Deleted { before } => cluster.delete_records(&name, number, Position(*before)).await,
            Past::Committed => cluster.begin(&unique("lag"), &name, number, records(3)).await.commit().await,
            Past::Aborted => cluster.begin(&unique("lag"), &name, number, records(3)).await.abort().await,
            Past::Open => open.push(cluster.begin(&unique("lag"), &name, number, records(3)).await),
        }
        if *after > 0 {
            cluster.produce(&name, number, records(*after)).await;
        }
    }
    (Channel { name, partitions: i32::try_from(plan.partitions.len()).unwrap() }, open)
}

async fn make_group(cluster: &Cluster, plan: &GroupPlan, channels: &[Channel]) -> (Group, Held) {
    let name = unique("group");
    let mut held = Held::default();
    let mut commits: Vec<(&str, i32, i64)> = Vec::new();
    for (channel, partition, to) in &plan.commits {
        let topic = channels[*channel].name.as_str();
        let Some(to) = to else { continue };
        let end = cluster.end(topic, *partition).await;
        commits.push((topic, *partition, end * i64::from(*to) / 1_000 + i64::from(*to > 1_050)));
    }
    let topics: Vec<&str> = plan.channels.iter().map(|&c| channels[c].name.as_str()).collect();
    let partitions: i32 = plan.channels.iter().map(|&c| channels[c].partitions).sum();
    match plan.kind {
        Kind::Plain => {
            // Without any position there is no such group.
            let first = [(channels[plan.channels[0]].name.as_str(), 0, 0)];
            commit(cluster, &name, if commits.is_empty() { &first } else { &commits }).await;
        }
        Kind::Left(protocol) => {
            for consumer in join(cluster, &name, protocol, 1, &topics, partitions).await {
                commit_as_member(&consumer, &commits).await;
                consumer.close().await.unwrap();
            }
        }
        Kind::Live(protocol) => {
            held.consumers = join(cluster, &name, protocol, plan.members, &topics, partitions).await;
            commit_as_member(&held.consumers[0], &commits).await;
        }
        Kind::Moved { committed } => {
            held.consumers = join(cluster, &name, GroupProtocol::Classic, 1, &topics, partitions).await;
            // Some were committed before, some only by the transaction.
            commit_as_member(&held.consumers[0], &commits[..commits.len() / 2]).await;
            let offsets: Vec<_> = commits.iter().map(|(t, p, _)| TopicPartitionOffset::new(*t, *p, 0)).collect();
            // A transaction without anything in it can't be committed.
            if !offsets.is_empty() {
                let producer = cluster.kafka.producer().build_transactional(unique("lag")).await.unwrap();
                producer.begin().unwrap();
                let member = held.consumers[0].group_metadata().await.unwrap();
                producer.send_offsets(&offsets, &member).await.unwrap();
                if committed {
                    producer.commit().await.unwrap();
                    producer.close().await.unwrap();
                } else {
                    held.producers.push(producer);
                }
            }
        }
        Kind::ShareLive | Kind::ShareLeft => {
            let share = share(cluster, &name, &topics, partitions).await;
            if plan.kind == Kind::ShareLive { held.shares.push(share) } else { share.close().await.unwrap() }
        }
        Kind::ShareSet => {
            share(cluster, &name, &topics, partitions).await.close().await.unwrap();
            if !commits.is_empty() {
                let starts = commits.iter().map(|(t, p, to)| (TopicPartition::new(*t, *p), *to));
                let (admin, options) = (cluster.kafka.admin(), AlterShareGroupOffsetsOptions::default());
                // A start outside of the log is refused.
                drop(admin.alter_share_group_offsets(&name, starts, options).await.unwrap());
            }
        }
    }
    (Group { name, kind: plan.kind }, held)
}

async fn commit_as_member(consumer: &Consumer, commits: &[(&str, i32, i64)]) {
    let offsets = commits.iter().map(|(t, p, to)| (TopicPartition::new(*t, *p), OffsetAndMetadata::new(*to)));
    let offsets: Vec<_> = offsets.collect();
    if offsets.is_empty() {
        return;
    }
    eventually("the commit", || async {
        // It is refused while partitions are handed out anew.
        consumer.poll(Duration::from_millis(50)).await.unwrap();
        consumer.commit_offsets(offsets.clone()).await.ok()
    })
    .await;
}

/// One of its own for each member: a broker answers the requests of a connection in turn, and lets some wait for others.
async fn client(cluster: &Cluster) -> Kafka {
    Kafka::builder(&cluster.settings.addresses[0]).client_id("weir.test.member").connect().await.unwrap()
}

/// Members that hold all partitions between them. They commit nothing by themselves.
pub async fn join(
    cluster: &Cluster,
    group: &str,
    protocol: GroupProtocol,
    members: usize,
    topics: &[&str],
    partitions: i32,
) -> Vec<Consumer> {
    let mut consumers = Vec::new();
    for _ in 0..members {
        let builder = client(cluster).await.consumer(group).group_protocol(protocol).enable_auto_commit(false);
        let consumer = builder.auto_offset_reset(AutoOffsetReset::Earliest).build().await.unwrap();
        consumer.subscribe(topics).await.unwrap();
        consumers.push(consumer);
    }
    let settled = Cell::new(0);
    let wanted = usize::try_from(partitions).unwrap();
    eventually("all partitions are held", || async {
        let (mut all, mut each) = (0, true);
        for consumer in &consumers {
            consumer.poll(Duration::from_millis(50)).await.unwrap();
            let own = consumer.assignment().await.values().map(Vec::len).sum::<usize>();
            all += own;
            each &= own > 0;
        }
        // The second member may still be on its way in; of several topics the first one may get everything.
        let shared_out = each || topics.len() > 1 || wanted < members;
        settled.set(if all == wanted && shared_out { settled.get() + 1 } else { 0 });
        (settled.get() >= 5).then_some(())
    })
    .await;
    consumers
}

/// A member of a share group that has read and acknowledged what there was at first.
pub async fn share(cluster: &Cluster, group: &str, topics: &[&str], partitions: i32) -> ShareConsumer {
    let from_the_start = vec![ConfigOp::set("share.auto.offset.reset", "earliest")];
    let changes = [(ConfigResource::group(group), from_the_start)];
    let options = IncrementalAlterConfigsOptions::default();
    let changed = cluster.kafka.admin().incremental_alter_configs(changes, options).await.unwrap();
    changed.into_values().for_each(|result| result.unwrap());
    let consumer = client(cluster).await.share_consumer(group).max_poll_records(5).build().await.unwrap();
    consumer.subscribe(topics).await.unwrap();
    eventually("the share group's partitions", || async {
        consumer.poll(Duration::from_millis(200)).await.unwrap();
        let own: usize = consumer.assignment().values().map(Vec::len).sum();
        (own == usize::try_from(partitions).unwrap()).then_some(())
    })
    .await;
    consumer.poll(Duration::from_millis(500)).await.unwrap();
    consumer.commit().await.unwrap();
    consumer
}
