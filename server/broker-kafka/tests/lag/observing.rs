//! What an observation holds: positions, ends, members, retention, and what each costs.

use crate::cluster::Cluster;
use futures::{StreamExt as _, stream};
use krafka::{admin::AlterConsumerGroupOffsetsOptions, consumer::TopicPartition};
use weir_broker::{
    Broker as _, ChannelObserved, GroupObserved, LagObserved, LagProbe, LagWanted, conformance::Fixture as _,
    memory::NewRecord,
};
use weir_domain::lag::{GroupKind, GroupState};
use weir_testkit::{Kafka, KafkaOptions, unique};

pub async fn commit(cluster: &Cluster, group: &str, offsets: &[(&str, i32, i64)]) {
    let offsets = offsets.iter().map(|(topic, partition, to)| (TopicPartition::new(*topic, *partition), *to));
    let options = AlterConsumerGroupOffsetsOptions::default();
    let made = cluster.kafka.admin().alter_consumer_group_offsets(group, offsets, options).await.unwrap();
    made.into_values().for_each(|result| result.unwrap());
}

pub fn group<'a>(observed: &'a LagObserved, name: &str) -> &'a GroupObserved {
    observed.groups.iter().find(|g| g.name == name).unwrap()
}

pub fn channel<'a>(observed: &'a LagObserved, name: &str) -> &'a ChannelObserved {
    observed.channels.iter().find(|c| c.name == name).unwrap()
}

/// Positions of a group in one channel, by partition.
pub fn positions(observed: &LagObserved, name: &str, channel: &str) -> Vec<(i32, Option<i64>)> {
    let own = group(observed, name).positions.iter().filter(|p| observed.channels[p.channel].name == channel);
    let mut positions: Vec<_> = own.map(|p| (p.partition, p.next)).collect();
    positions.sort_unstable();
    positions
}

pub fn probe(cluster: &Cluster) -> std::sync::Arc<dyn LagProbe> {
    cluster.broker_here().lag().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_group_has_its_positions_and_the_ends_of_what_it_reads() {
    let cluster = Cluster::shared().await;
    let (read, asked, name) = (cluster.create("read", 3).await, cluster.create("asked", 1).await, unique("billing"));
    cluster.produce(&read, 0, (0..10).map(|n| NewRecord::new(n.to_string())).collect()).await;
    cluster.produce(&read, 2, vec![NewRecord::new("x")]).await;
    cluster.delete_records(&read, 0, weir_domain::Position(2)).await;
    commit(&cluster, &name, &[(&read, 0, 7), (&read, 1, 0)]).await;

    let probe = probe(&cluster);
    let wanted = LagWanted { details: false, channels: vec![asked.clone()], ..LagWanted::default() };
    for _ in 0..2 {
        let observed = probe.observe(&wanted).await.unwrap();
        let own = group(&observed, &name);
        assert_eq!((own.kind, own.state, &own.problem), (GroupKind::Classic, GroupState::Empty, &None));
        assert!(own.members.is_none());
        assert!(own.coordinator.as_ref().unwrap().starts_with("broker 1 at 127.0.0.1:"), "{own:?}");
        assert_eq!(positions(&observed, &name, &read), [(0, Some(7)), (1, Some(0))]);
        let ends: Vec<_> =
            channel(&observed, &read).partitions.iter().map(|p| (p.start, p.end, p.stable_end)).collect();
        let at = |start, end| (Some(start), Some(end), Some(end));
        assert_eq!(ends, [at(2, 10), at(0, 0), at(0, 1)]);
        assert_eq!(channel(&observed, &asked).partitions.len(), 1);
        let found = cluster.broker_here().discover().await.unwrap();
        let found = found.channels.into_iter().find(|c| c.channel == read).unwrap();
        assert_eq!(channel(&observed, &read).incarnation, found.incarnation.0);
        // Other tests have groups here, too.
        assert!(observed.requests <= 25, "{}", observed.requests);
    }
    let observed = probe.observe(&LagWanted { details: true, ..LagWanted::default() }).await.unwrap();
    assert!(observed.channels.iter().all(|c| c.name != asked), "nobody reads it, and nobody asks for it now");
    assert_eq!(group(&observed, &name).members.as_deref(), Some(&[][..]));
    let keeps = channel(&observed, &read).keeps.clone().unwrap();
    assert_eq!((keeps.for_ms, keeps.deletes, keeps.tiered), (None, true, false));
    assert_eq!(keeps.positions_for_ms, Some(7 * 24 * 3_600_000));
    assert!(channel(&observed, &read).partitions[0].bytes.unwrap() > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_groups_cost_a_handful_of_requests() {
    const GROUPS: usize = 2_100;
    let kafka = Kafka::start(KafkaOptions::default()).unwrap();
    let cluster = Cluster::at(&kafka.bootstrap()).await;
    let channel = cluster.create("read", 2).await;
    let names: Vec<String> = (0..GROUPS).map(|n| format!("group-{n:05}")).collect();
    let (cluster, channel) = (&cluster, &channel);
    let made = stream::iter(names.iter().zip(0i64..)).map(async |(name, n)| {
        commit(cluster, name, &[(channel, 0, n), (channel, 1, 0)]).await;
    });
    made.buffer_unordered(64).collect::<Vec<()>>().await;
    let probe = probe(cluster);
    for _ in 0..2 {
        let observed = probe.observe(&LagWanted::default()).await.unwrap();
        assert_eq!((observed.groups.len(), observed.channels.len()), (GROUPS, 1));
        for (group, n) in observed.groups.iter().zip(0i64..) {
            assert_eq!(group.name, names[usize::try_from(n).unwrap()]);
            let mut positions: Vec<_> = group.positions.iter().map(|p| (p.partition, p.next)).collect();
            positions.sort_unstable();
            assert_eq!(positions, [(0, Some(n)), (1, Some(0))]);
        }
        // Metadata, groups, positions in two parts, three for the ends; at first leaders are asked for once more.
        assert!(observed.requests <= 8, "{}", observed.requests);
    }
    let details = probe.observe(&LagWanted { details: true, ..LagWanted::default() }).await.unwrap();
    assert!(details.groups.iter().all(|g| g.members.as_deref() == Some(&[])));
    assert!(details.requests <= 20, "{}", details.requests);
}
