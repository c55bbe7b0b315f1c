//! The network to the cluster fails, or a broker of it: nothing is lost, it is told, and reading goes on by itself.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at its first surprise")]

mod cluster;

use cluster::{Cluster, broker, settings};
use weir_broker::{
    Broker as _, BrokerError, ReadLimits, StartAt,
    conformance::{Fixture as _, Follow, examining, failures},
    memory::NewRecord,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_fails_is_told_and_survived() {
    let behind = Cluster::behind_a_network().await;
    failures::away_is_told_and_reading_goes_on_by_itself(&behind).await;
    examining::an_absent_broker_fails_at_its_port(&behind).await;
    // The rest with connections that are cut or silent again and again while records come.
    let channel = behind.create("cut", 2).await;
    let mut follow = Follow::start(&behind, &channel, &[0, 1], StartAt::Earliest).await;
    for turn in 0..6 {
        for partition in 0..2 {
            let records = (0..50).map(|n| NewRecord::new(format!("{turn}/{n}"))).collect();
            behind.produce(&channel, partition, records).await;
        }
        behind.own().proxy().unwrap().cut().await;
        let sent = (turn + 1) * 50;
        let all = |f: &Follow| (0..2).all(|n| f.of(&channel, n).is_at_end(sent));
        follow.until("what was sent before the cut", all).await;
    }
    for number in 0..2 {
        assert_eq!(follow.of(&channel, number).positions(), (0..300).collect::<Vec<i64>>());
        assert_eq!(follow.of(&channel, number).gaps, []);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partition_whose_only_replica_is_away_is_told_and_taken_up_again() {
    let two = Cluster::of_two().await;
    failures::a_partition_without_leader_does_not_stop_the_others(&two).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_broker_comes_back_to_the_same_reader() {
    let behind = Cluster::behind_a_network().await;
    let channel = behind.create("killed", 1).await;
    let batch = |from: i64| (from..from + 20).map(|n| NewRecord::new(format!("{n}"))).collect();
    behind.produce(&channel, 0, batch(0)).await;
    let mut follow = Follow::start(&behind, &channel, &[0], StartAt::Earliest).await;
    follow.to_end(&channel, 20).await;
    behind.own().kill9();
    follow.until("its absence", |f| !f.errors.is_empty()).await;
    behind.own().restart().unwrap();
    behind.end(&channel, 0).await;
    behind.produce(&channel, 0, batch(20)).await;
    follow.to_end(&channel, 40).await;
    assert_eq!(follow.of(&channel, 0).positions(), (0..40).collect::<Vec<i64>>());
    assert!(follow.of(&channel, 0).ended.is_none(), "a new leader epoch alone is no cut log");
}

/// A leader epoch in which nothing is written leaves no trace in the log. A place taken in it must hold all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_restarted_while_nothing_was_written_goes_on() {
    let behind = Cluster::behind_a_network().await;
    let channel = behind.create("idle", 1).await;
    behind.produce(&channel, 0, vec![NewRecord::new("before")]).await;
    behind.own().restart().unwrap();
    behind.end(&channel, 0).await;
    let mut live = Follow::start(&behind, &channel, &[0], StartAt::Latest).await;
    live.to_end(&channel, 1).await;
    let cursor = live.of(&channel, 0).cursor.clone().unwrap();
    behind.own().restart().unwrap();
    behind.end(&channel, 0).await;
    behind.produce(&channel, 0, vec![NewRecord::new("after")]).await;
    let mut late = Follow::start(&behind, &channel, &[0], StartAt::Cursor(cursor)).await;
    for follow in [&mut live, &mut late] {
        follow.to_end(&channel, 2).await;
        assert_eq!(follow.of(&channel, 0).positions(), [1]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_listening_is_unreachable_and_names_the_address() {
    let port = weir_testkit::free_port(None).unwrap();
    let nowhere = broker(settings(&format!("127.0.0.1:{port}")));
    let Err(BrokerError::Unreachable(why)) = nowhere.discover().await else { panic!("unreachable") };
    assert!(why.contains("test cluster") && why.contains(&port.to_string()), "{why}");
    let opened = nowhere.reader(ReadLimits::default()).await.map(drop);
    assert!(matches!(opened, Err(BrokerError::Unreachable(_))), "{opened:?}");
}
