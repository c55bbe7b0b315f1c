//! Brokers that hang, that are older, and coordinators that move: what is told, and how long it takes.

use crate::{
    acts::{permits, to},
    cluster::{
        Cluster,
        between::{Between, DELETE_GROUPS, OFFSET_COMMIT, OFFSET_FETCH, Rules, WATCHER},
        broker, settings,
    },
    observing::{commit, group, positions, probe},
};
use krafka::{admin::AlterPartitionReassignmentsOptions, consumer::TopicPartition};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use weir_broker::{
    Broker as _, BrokerError, LagObserved, LagWanted, Settings,
    conformance::{Fixture as _, eventually},
    guard::Act,
    memory::NewRecord,
};
use weir_domain::{Timestamp, lag::GroupKind};
use weir_testkit::{Kafka, KafkaOptions, unique};

/// Longer than all that an act may take.
const LONGEST: Duration = Duration::from_secs(55);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_act_that_got_no_answer_says_what_may_have_happened() {
    let (between, kafka) = Between::before(KafkaOptions::default()).await;
    let cluster = Cluster::at(&kafka.bootstrap()).await;
    let (channel, name) = (cluster.create("moved", 2).await, unique("billing"));
    cluster.produce(&channel, 0, (0..5).map(|n| NewRecord::new(n.to_string())).collect()).await;
    commit(&cluster, &name, &[(&channel, 0, 4), (&channel, 1, 0)]).await;
    let probe = probe(&cluster);
    let allowed = || permits(&cluster, Act::MoveOffsets, &[&channel]);
    let moves = [to(&channel, 0, 1), to(&channel, 1, 0), to(&channel, 1, -4)];

    between.rule(Rules { swallowed: Some(OFFSET_COMMIT), ..Rules::default() });
    let began = Instant::now();
    let moved = probe.move_positions(allowed(), &name, GroupKind::Classic, &moves).await.unwrap();
    assert!(began.elapsed() < LONGEST);
    for one in &moved[..2] {
        let why = one.problem.as_deref().unwrap();
        assert!(why.starts_with("it may have been moved: broker 1 at 127.0.0.1:"), "{why}");
        assert!(why.contains("did not answer in time") && why.contains("before you try again"), "{why}");
    }
    assert_eq!(moved[2].problem.as_deref(), Some("-4 is no position"));
    between.rule(Rules::default());
    let now = eventually("the group", || async { probe.group(&name).await.ok().flatten() }).await;
    assert_eq!(positions(&now, &name, &channel), [(0, Some(1)), (1, Some(0))], "this time it had been");

    between.rule(Rules { swallowed: Some(DELETE_GROUPS), ..Rules::default() });
    let began = Instant::now();
    let deleted = probe.delete_group(allowed(), &name, GroupKind::Classic).await;
    assert!(began.elapsed() < LONGEST);
    let Err(BrokerError::Unreachable(why)) = deleted else { panic!("{deleted:?}") };
    assert!(why.contains(&format!("group {name} may have been deleted")), "{why}");
    between.rule(Rules::default());
    eventually("it is gone", || async { probe.group(&name).await.unwrap().is_none().then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_that_hangs_keeps_nobody_waiting_for_long_and_nothing_is_done() {
    let kafka = Kafka::start(KafkaOptions::default()).unwrap();
    let cluster = Cluster::at(&kafka.bootstrap()).await;
    let (channel, name) = (cluster.create("moved", 1).await, unique("billing"));
    commit(&cluster, &name, &[(&channel, 0, 0)]).await;
    cluster.produce(&channel, 0, vec![NewRecord::new("x")]).await;
    let probe = probe(&cluster);
    probe.observe(&LagWanted::default()).await.unwrap();
    kafka.sigstop();
    let allowed = || permits(&cluster, Act::MoveOffsets, &[&channel]);
    let (began, moves) = (Instant::now(), [to(&channel, 0, 1)]);
    let asked = [(channel.clone(), 0)];
    let (moved, deleted, found) = tokio::join!(
        probe.move_positions(allowed(), &name, GroupKind::Classic, &moves),
        probe.delete_group(allowed(), &name, GroupKind::Classic),
        probe.positions_at(&asked, Timestamp::EPOCH),
    );
    let took = began.elapsed();
    kafka.sigcont();
    assert!(took < LONGEST + Duration::from_secs(10), "{took:?}");
    let Err(BrokerError::Unreachable(why)) = moved else { panic!("{moved:?}") };
    assert!(why.contains("test cluster") && why.ends_with("nothing was moved"), "{why}");
    let Err(BrokerError::Unreachable(why)) = deleted else { panic!("{deleted:?}") };
    assert!(why.ends_with("it was not deleted"), "{why}");
    assert!(matches!(&found, Err(BrokerError::Unreachable(_))) || found == Ok(vec![None]), "{found:?}");
    let now = eventually("the group", || async { probe.group(&name).await.ok().flatten() }).await;
    assert_eq!(positions(&now, &name, &channel), [(0, Some(0))], "as it was");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_from_before_many_groups_in_one_question_is_asked_for_each() {
    let (between, kafka) = Between::before(KafkaOptions::default()).await;
    between.rule(Rules { newest: vec![(OFFSET_FETCH, 7)], ..Rules::default() });
    let cluster = Cluster::at(&kafka.bootstrap()).await;
    let channel = cluster.create("read", 2).await;
    let names: Vec<String> = (0..20).map(|n| unique(&format!("group-{n}"))).collect();
    for (name, n) in names.iter().zip(0i64..) {
        commit(&cluster, name, &[(&channel, 0, n), (&channel, 1, 0)]).await;
    }
    let probe = probe(&cluster);
    for details in [false, true] {
        let observed = probe.observe(&LagWanted { details, ..LagWanted::default() }).await.unwrap();
        assert_eq!(observed.problems, [""; 0]);
        for (name, n) in names.iter().zip(0i64..) {
            assert_eq!(group(&observed, name).problem, None);
            assert_eq!(positions(&observed, name, &channel), [(0, Some(n)), (1, Some(0))]);
        }
    }
    let asked = between.versions(OFFSET_FETCH);
    assert!(asked.len() >= 2 * names.len() && asked.iter().all(|version| *version == 7), "{asked:?}");
    let allowed = permits(&cluster, Act::MoveOffsets, &[&channel]);
    let moved = probe.move_positions(allowed, &names[3], GroupKind::Classic, &[to(&channel, 1, 0)]).await.unwrap();
    assert_eq!(moved[0].problem, None);
}

/// The partition of Kafka's own channel that keeps a group: Java's hash of its name.
fn keeper(group: &str, partitions: i32) -> i32 {
    let hash = group.encode_utf16().fold(0_i32, |hash, c| hash.wrapping_mul(31).wrapping_add(i32::from(c)));
    (hash & i32::MAX) % partitions
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coordinator_that_moves_while_it_is_asked_is_followed() {
    const KEEPERS: i32 = 8;
    let options = || KafkaOptions::default().with("offsets.topic.num.partitions", &KEEPERS.to_string());
    let first = Kafka::start(options()).unwrap();
    let (between, advertised) = Between::advertised(options()).await;
    let second = first.start_second_with(advertised).unwrap();
    between.lead_to(&second);
    let mut cluster = Cluster::at(&first.bootstrap()).await;
    cluster.second = Some(second);
    let channel = cluster.create("read", 2).await;
    let probe = probe(&cluster);
    // Of some groups, one that the second broker keeps and one that the first does.
    let names: Vec<String> = (0..16).map(|n| unique(&format!("group-{n}"))).collect();
    for name in &names {
        commit(&cluster, name, &[(&channel, 1, 0)]).await;
    }
    let observed = probe.observe(&LagWanted::default()).await.unwrap();
    let of = |number: &str| {
        let own = |name: &&String| {
            group(&observed, name).coordinator.as_ref().unwrap().starts_with(&format!("broker {number} "))
        };
        names.iter().find(own).cloned().unwrap()
    };
    let (moved, stays) = (of("2"), of("1"));

    // It lists the group, and before it is asked for positions another broker has the group.
    between.rule(Rules { held: Some(OFFSET_FETCH), ..Rules::default() });
    let before = between.versions(OFFSET_FETCH).len();
    let observing = tokio::spawn({
        let probe = Arc::clone(&probe);
        async move { probe.observe(&LagWanted::default()).await }
    });
    eventually("the question", || async { (between.versions(OFFSET_FETCH).len() > before).then_some(()) }).await;
    let keeper = TopicPartition::new("__consumer_offsets", keeper(&moved, KEEPERS));
    let to_first = [(keeper, Some(vec![1]))];
    let options = AlterPartitionReassignmentsOptions::default();
    let made = cluster.kafka.admin().alter_partition_reassignments(to_first, options).await.unwrap();
    made.into_values().for_each(|result| result.unwrap());
    // Another client sees where it is now.
    let watcher = Settings { client_id: WATCHER.to_owned(), ..settings(&first.bootstrap()) };
    let other = broker(watcher).lag().unwrap();
    eventually("the other coordinator", || async {
        let seen = other.group(&moved).await.ok()??;
        let own = group(&seen, &moved);
        (own.problem.is_none() && own.coordinator.as_ref()?.starts_with("broker 1 ")).then_some(())
    })
    .await;
    between.rule(Rules::default());
    let observed = observing.await.unwrap().unwrap();
    let is_followed = |observed: &LagObserved, name: &str| {
        let own = group(observed, name);
        let first = own.coordinator.as_ref().is_some_and(|c| c.starts_with("broker 1 "));
        first && own.problem.is_none() && positions(observed, name, &channel) == [(1, Some(0))]
    };
    assert!(is_followed(&observed, &stays), "{observed:?}");
    // On a busy machine the broker was not waited for so long: then the row says so, and the next one has it.
    if let Some(why) = &group(&observed, &moved).problem {
        assert!(why.contains("can't be asked"), "{why}");
        let next = async || is_followed(&probe.observe(&LagWanted::default()).await.ok()?, &moved).then_some(());
        eventually("the next observation", next).await;
    } else {
        assert!(is_followed(&observed, &moved), "{observed:?}");
    }

    // A coordinator that stops in the middle of it: the row says so, and all others are told.
    let held = names.iter().find(|n| {
        **n != moved && {
            let own = group(&observed, n);
            own.coordinator.as_ref().unwrap().starts_with("broker 2 ")
        }
    });
    let held = held.unwrap().clone();
    between.rule(Rules { held: Some(OFFSET_FETCH), ..Rules::default() });
    let before = between.versions(OFFSET_FETCH).len();
    let observing = tokio::spawn({
        let probe = Arc::clone(&probe);
        async move { probe.observe(&LagWanted::default()).await }
    });
    eventually("the question", || async { (between.versions(OFFSET_FETCH).len() > before).then_some(()) }).await;
    cluster.second.as_ref().unwrap().kill9();
    between.rule(Rules::default());
    let observed = observing.await.unwrap().unwrap();
    let why = group(&observed, &held).problem.clone().unwrap();
    assert!(why.contains("broker 2 at") && why.contains("can't be asked"), "{why}");
    assert_eq!(positions(&observed, &stays, &channel), [(1, Some(0))]);
    cluster.second.as_ref().unwrap().restart().unwrap();
    eventually("it is told again", || async {
        let observed = probe.observe(&LagWanted::default()).await.ok()?;
        let own = observed.groups.iter().find(|g| g.name == held)?;
        (own.problem.is_none() && positions(&observed, &held, &channel) == [(1, Some(0))]).then_some(())
    })
    .await;
}
