//! What can't be told is said where it is missing, and nothing else is missing with it.

use crate::{
    cluster::{Cluster, settings},
    observing::{channel, commit, group, positions, probe},
    states::join,
};
use krafka::{
    admin::{AclBinding, AclOperation, AclPatternType, AclPermissionType, AclResourceType, CreateAclsOptions},
    consumer::GroupProtocol,
    producer::TopicPartitionOffset,
};
use weir_broker::{
    BrokerError, LagWanted, Sasl, SaslMechanism, Secret, Settings,
    conformance::{Fixture as _, eventually},
    memory::NewRecord,
};
use weir_testkit::{Kafka, KafkaOptions, unique};

async fn allow(cluster: &Cluster, user: &str, kind: AclResourceType, name: &str, operation: AclOperation) {
    let binding = AclBinding {
        resource_type: kind,
        resource_name: name.to_owned(),
        // krafka 0.28.1 numbers these one too low: what it calls prefixed is Kafka's LITERAL (3).
        pattern_type: AclPatternType::Prefixed,
        principal: format!("User:{user}"),
        host: "*".to_owned(),
        operation,
        permission_type: AclPermissionType::Allow,
    };
    let made = cluster.kafka.admin().create_acls(vec![binding], CreateAclsOptions::default()).await.unwrap();
    made.into_iter().for_each(|(_, result)| result.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn missing_rights_are_named_where_they_are_missing() {
    let options = KafkaOptions { secure: true, ..KafkaOptions::default() }
        .with("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
        .with("super.users", "User:ANONYMOUS");
    let kafka = Kafka::start(options).unwrap();
    let user = kafka.secure().unwrap().user;
    let mut cluster = Cluster::at(&kafka.bootstrap()).await;
    let (open, closed) = (cluster.create("open", 1).await, cluster.create("closed", 1).await);
    let (seen, hidden) = (unique("seen"), unique("hidden"));
    commit(&cluster, &seen, &[(&open, 0, 0), (&closed, 0, 0)]).await;
    commit(&cluster, &hidden, &[(&open, 0, 0)]).await;
    allow(&cluster, user.name, AclResourceType::Cluster, "kafka-cluster", AclOperation::Describe).await;
    allow(&cluster, user.name, AclResourceType::Group, &seen, AclOperation::Describe).await;
    allow(&cluster, user.name, AclResourceType::Topic, &open, AclOperation::Describe).await;
    let sasl = Sasl {
        mechanism: SaslMechanism::ScramSha256,
        username: user.name.to_owned(),
        password: Secret::new(user.password),
    };
    cluster.settings = Settings { sasl: Some(sasl.into()), ..settings(&kafka.secure().unwrap().sasl.to_string()) };

    let probe = probe(&cluster);
    let wanted = LagWanted { details: true, channels: vec![closed.clone()], ..LagWanted::default() };
    let observed = eventually("the rights are in force", || async {
        let observed = probe.observe(&wanted).await.ok()?;
        let told = observed.groups.iter().any(|g| g.name == seen && !g.positions.is_empty());
        (told && observed.groups.len() == 2).then_some(observed)
    })
    .await;
    assert_eq!(group(&observed, &seen).problem, None);
    assert_eq!(positions(&observed, &seen, &open), [(0, Some(0))]);
    let why = group(&observed, &hidden).problem.clone().unwrap();
    assert!(why.contains("lacks the right DESCRIBE on this group"), "{why}");
    assert!(why.ends_with(&format!("--operation DESCRIBE --group {hidden}")), "{why}");
    let why = channel(&observed, &closed).problem.clone().unwrap();
    assert!(why.ends_with(&format!("--operation DESCRIBE --topic {closed}")), "{why}");
    assert_eq!(channel(&observed, &open).partitions[0].end, Some(0));
    let told = observed.problems.join("\n");
    assert!(told.contains("--operation DESCRIBE_CONFIGS --cluster"), "{told}");
    assert!(told.contains("--operation DESCRIBE_CONFIGS --topic '*'"), "{told}");

    // One group that may not be described is there all the same.
    let alone = probe.group(&hidden).await.unwrap().unwrap();
    assert!(group(&alone, &hidden).problem.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_is_gone_takes_only_what_it_has() {
    let first = Kafka::start(KafkaOptions::default()).unwrap();
    let name = unique("billing");
    {
        // While there is one broker, it gets what the groups are kept in.
        let alone = Cluster::at(&first.bootstrap()).await;
        let channel = alone.create("early", 1).await;
        commit(&alone, &name, &[(&channel, 0, 0)]).await;
    }
    let second = first.start_second().unwrap();
    let mut cluster = Cluster::at(&first.bootstrap()).await;
    cluster.second = Some(second);
    let both = cluster.create("both", 2).await;
    for partition in 0..2 {
        cluster.produce(&both, partition, vec![NewRecord::new("x")]).await;
    }
    commit(&cluster, &name, &[(&both, 0, 1), (&both, 1, 0)]).await;
    let probe = probe(&cluster);
    let observed = probe.observe(&LagWanted::default()).await.unwrap();
    let ends = |o: &weir_broker::LagObserved| channel(o, &both).partitions.iter().map(|p| p.end).collect::<Vec<_>>();
    assert_eq!(ends(&observed), [Some(1), Some(1)]);

    cluster.set_leader(&both, 0, false).await;
    let observed = probe.observe(&LagWanted::default()).await.unwrap();
    assert_eq!(group(&observed, &name).problem, None);
    assert_eq!(positions(&observed, &name, &both), [(0, Some(1)), (1, Some(0))]);
    assert_eq!(ends(&observed), [None, Some(1)]);
    let why = channel(&observed, &both).partitions[0].problem.clone().unwrap();
    assert!(why.contains("no leader") || why.contains("can't be asked"), "{why}");

    cluster.set_leader(&both, 0, true).await;
    let all_is_told = async || {
        let told = async || {
            let observed = probe.observe(&LagWanted::default()).await.unwrap();
            (ends(&observed) == [Some(1), Some(1)] && observed.problems.is_empty()).then_some(())
        };
        eventually("all is told again", told).await;
    };
    all_is_told().await;

    // One that is there and does not answer.
    cluster.second.as_ref().unwrap().sigstop();
    for _ in 0..2 {
        let observed = probe.observe(&LagWanted::default()).await.unwrap();
        assert_eq!(positions(&observed, &name, &both), [(0, Some(1)), (1, Some(0))]);
        assert_eq!(ends(&observed), [None, Some(1)]);
    }
    cluster.second.as_ref().unwrap().sigcont();
    all_is_told().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_that_is_away_is_an_error_and_comes_back() {
    let cluster = Cluster::behind_a_network().await;
    let (channel, name) = (cluster.create("away", 1).await, unique("billing"));
    commit(&cluster, &name, &[(&channel, 0, 0)]).await;
    let probe = probe(&cluster);
    probe.observe(&LagWanted::default()).await.unwrap();
    cluster.set_reachable(false).await;
    let away = probe.observe(&LagWanted::default()).await;
    assert!(matches!(away, Err(BrokerError::Unreachable(_))), "{away:?}");
    cluster.set_reachable(true).await;
    let back = eventually("it is back", || async { probe.observe(&LagWanted::default()).await.ok() }).await;
    assert_eq!(positions(&back, &name, &channel), [(0, Some(0))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn channels_that_are_deleted_or_made_again_are_told_apart() {
    let cluster = Cluster::shared().await;
    let (kept, gone) = (cluster.create("kept", 1).await, cluster.create("gone", 1).await);
    let probe = probe(&cluster);
    let wanted = LagWanted { details: false, channels: vec![kept.clone(), gone.clone()], ..LagWanted::default() };
    let before = probe.observe(&wanted).await.unwrap();
    cluster.recreate(&kept, 1).await;
    cluster.delete(&gone).await;
    eventually("the change", || async {
        let now = probe.observe(&wanted).await.unwrap();
        let other = channel(&now, &kept).incarnation != channel(&before, &kept).incarnation;
        let deleted = channel(&now, &gone).problem.as_deref() == Some("deleted");
        (other && deleted && channel(&now, &kept).partitions[0].end == Some(0)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_that_an_open_transaction_moves_is_told_as_it_was_before() {
    let cluster = Cluster::shared().await;
    let (channel, name) = (cluster.create("moved", 2).await, unique("billing"));
    let members = join(&cluster, &name, GroupProtocol::Classic, 1, &[&channel], 2).await;
    cluster.produce(&channel, 0, (0..5).map(|n| NewRecord::new(n.to_string())).collect()).await;
    let at = |partition, to| {
        (krafka::consumer::TopicPartition::new(&channel, partition), krafka::consumer::OffsetAndMetadata::new(to))
    };
    members[0].commit_offsets([at(0, 2), at(1, 0)]).await.unwrap();
    let producer = cluster.kafka.producer().build_transactional(unique("lag")).await.unwrap();
    producer.begin().unwrap();
    let member = members[0].group_metadata().await.unwrap();
    producer.send_offsets(&[TopicPartitionOffset::new(&channel, 0, 5)], &member).await.unwrap();
    let probe = probe(&cluster);
    let observed = probe.observe(&LagWanted::default()).await.unwrap();
    assert_eq!(positions(&observed, &name, &channel), [(0, Some(2)), (1, Some(0))]);
    let problem = |partition| {
        let own = group(&observed, &name).positions.iter().find(|p| p.partition == partition);
        own.unwrap().problem.clone()
    };
    assert!(problem(0).unwrap().starts_with("a transaction that moves this position is open"));
    assert_eq!(problem(1), None);
    producer.commit().await.unwrap();
    eventually("the position after it", || async {
        let observed = probe.observe(&LagWanted::default()).await.unwrap();
        (positions(&observed, &name, &channel) == [(0, Some(5)), (1, Some(0))]).then_some(())
    })
    .await;
}
