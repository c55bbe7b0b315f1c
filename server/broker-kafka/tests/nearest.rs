//! Reading from the nearest replica (KIP-392), on two brokers in two racks.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at its first surprise")]

mod cluster;

use cluster::{Cluster, USUAL, settings};
use krafka::admin::NewTopic;
use weir_broker::{
    Settings, StartAt,
    conformance::{Fixture as _, Follow},
    memory::NewRecord,
};
use weir_testkit::{Kafka, KafkaOptions, Network, unique};

fn in_rack(rack: &str) -> KafkaOptions {
    KafkaOptions { proxied: true, ..KafkaOptions::default() }
        .with("broker.rack", rack)
        .with("replica.selector.class", "org.apache.kafka.common.replica.RackAwareReplicaSelector")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_nearest_replica_is_read_and_its_leader_when_it_goes_away() {
    let near = Kafka::start(in_rack("near")).unwrap();
    let far = near.start_second_with(in_rack("far")).unwrap();
    let mut cluster = Cluster { abilities: USUAL, ..Cluster::at(&near.bootstrap()).await };
    // Led by the far one, and copied to the near one.
    let name = unique("copied");
    let topic = NewTopic::with_replica_assignment(&name, [(0, vec![2, 1])].into_iter().collect()).unwrap();
    let channel = cluster.create_with(topic).await;
    let batch = |from: i64| (from..from + 10).map(|n| NewRecord::new(format!("{n}"))).collect();
    cluster.produce(&channel, 0, batch(0)).await;
    let (near_at, far_at) = (near.proxy().unwrap(), far.proxy().unwrap());
    let addresses = vec![near_at.address().to_string(), far_at.address().to_string()];
    cluster.settings = Settings { addresses, rack: Some("near".into()), ..settings("") };

    let mut follow = Follow::start(&cluster, &channel, &[0], StartAt::Earliest).await;
    follow.to_end(&channel, 10).await;
    // From here on only the near one can be reached. The leader still takes what is produced beside this network.
    far_at.set(Network::Away).await;
    cluster.produce(&channel, 0, batch(10)).await;
    follow.to_end(&channel, 20).await;
    assert_eq!(follow.of(&channel, 0).positions(), (0..20).collect::<Vec<i64>>());
    // And now the other way round.
    far_at.set(Network::Good).await;
    near_at.set(Network::Away).await;
    cluster.produce(&channel, 0, batch(20)).await;
    follow.to_end(&channel, 30).await;
    assert_eq!(follow.of(&channel, 0).positions(), (0..30).collect::<Vec<i64>>());
    assert_eq!(follow.of(&channel, 0).gaps, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_rack_the_leader_is_read() {
    let near = Kafka::start(in_rack("near")).unwrap();
    let far = near.start_second_with(in_rack("far")).unwrap();
    let mut cluster = Cluster { abilities: USUAL, ..Cluster::at(&near.bootstrap()).await };
    let name = unique("led");
    let topic = NewTopic::with_replica_assignment(&name, [(0, vec![2, 1])].into_iter().collect()).unwrap();
    let channel = cluster.create_with(topic).await;
    cluster.produce(&channel, 0, vec![NewRecord::new("one")]).await;
    let addresses = vec![near.proxy().unwrap().address().to_string(), far.proxy().unwrap().address().to_string()];
    cluster.settings = Settings { addresses, ..settings("") };
    let mut follow = Follow::start(&cluster, &channel, &[0], StartAt::Earliest).await;
    follow.to_end(&channel, 1).await;
    far.proxy().unwrap().set(Network::Away).await;
    follow.until("that its leader is away", |f| f.of(&channel, 0).stuck.is_some()).await;
    far.proxy().unwrap().set(Network::Good).await;
    cluster.produce(&channel, 0, vec![NewRecord::new("two")]).await;
    follow.to_end(&channel, 2).await;
}
