//! A signed-in tap without rights on a channel: that one is told, the others are read.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at its first surprise")]

mod cluster;

use cluster::{Cluster, settings};
use krafka::admin::{AclBinding, AclOperation, AclPatternType, AclPermissionType, AclResourceType, CreateAclsOptions};
use weir_broker::{
    Broker as _, Sasl, SaslMechanism, Secret, Settings, StartAt, Wanted,
    conformance::{Fixture, Follow, eventually},
    examined,
    memory::NewRecord,
};
use weir_domain::sources::{Outcome, Step, StepKind};
use weir_testkit::{Kafka, KafkaOptions};

async fn allow(cluster: &Cluster, user: &str, topic: &str, operation: AclOperation) {
    let binding = AclBinding {
        resource_type: AclResourceType::Topic,
        resource_name: topic.to_owned(),
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
async fn a_channel_without_rights_is_told_and_the_others_are_read() {
    let options = KafkaOptions { secure: true, ..KafkaOptions::default() }
        .with("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
        .with("super.users", "User:ANONYMOUS");
    let kafka = Kafka::start(options).unwrap();
    let user = kafka.secure().unwrap().user;
    let mut cluster = Cluster::at(&kafka.bootstrap()).await;
    let (open, closed) = (cluster.create("open", 1).await, cluster.create("closed", 1).await);
    for channel in [&open, &closed] {
        allow(&cluster, user.name, channel, AclOperation::Describe).await;
    }
    allow(&cluster, user.name, &open, AclOperation::Read).await;
    let hidden = cluster.create("hidden", 1).await;
    let sasl = Sasl {
        mechanism: SaslMechanism::ScramSha256,
        username: user.name.to_owned(),
        password: Secret::new(user.password),
    };
    let address = kafka.secure().unwrap().sasl.to_string();
    cluster.settings = Settings { sasl: Some(sasl.into()), ..settings(&address) };

    let tap = cluster.broker_here();
    let names = eventually("the rights are in force", || async {
        let names: Vec<String> = tap.discover().await.ok()?.channels.into_iter().map(|c| c.channel).collect();
        (names.contains(&open) && names.contains(&closed)).then_some(names)
    })
    .await;
    assert!(!names.contains(&hidden), "what a tap may not describe it does not see");

    cluster.produce(&open, 0, vec![NewRecord::new("seen")]).await;
    let mut follow = Follow::start(&cluster, &closed, &[0], StartAt::Earliest).await;
    follow.until("the missing right", |f| f.of(&closed, 0).stuck.is_some()).await;
    let why = follow.of(&closed, 0).stuck.clone().unwrap();
    assert!(why.contains("not authorised") && why.contains("lacks the right READ"), "{why}");
    let command = format!("--allow-principal User:{} --operation READ --topic {closed}", user.name);
    assert!(why.ends_with(&command), "{why}");
    let discovery = tap.discover().await.unwrap();
    let assignments = [&open, &closed].map(|name| {
        let found = discovery.channels.iter().find(|c| c.channel == *name).unwrap();
        let address = weir_broker::PartitionAddress { channel: name.clone(), number: 0 };
        weir_broker::Assignment { address, incarnation: found.incarnation.clone(), start: StartAt::Earliest }
    });
    follow.assign(assignments.to_vec()).await;
    follow.to_end(&open, 1).await;

    // A test of the connection names the same right, and a preview counts what is there.
    let both = Wanted { patterns: vec![open.clone(), closed.clone()], include_internal: false };
    let tried = examined(&tap, &both).await;
    let Some(Step { kind: StepKind::Reads, outcome: Outcome::Failed { what, what_to_do } }) = tried.last() else {
        panic!("{tried:?}")
    };
    assert!(what.contains(&closed) && what.contains("1 of 2") && !what.contains(&open), "{what}");
    assert!(what_to_do.contains("--operation READ") && what_to_do.contains(&closed), "{what_to_do}");
    let only_open = Wanted { patterns: vec![open.clone()], include_internal: false };
    assert!(examined(&tap, &only_open).await.iter().all(|s| !s.is_failed()));
    let sizes = tap.sizes(&[open.clone(), closed.clone()]).await.unwrap();
    assert_eq!(sizes[0].records, Some(1));
    assert_eq!(sizes[0].bytes, None, "sizes on disk need DESCRIBE on the cluster");

    // The right comes later, and reading begins by itself.
    allow(&cluster, user.name, &closed, AclOperation::Read).await;
    cluster.produce(&closed, 0, vec![NewRecord::new("now seen")]).await;
    follow.to_end(&closed, 1).await;
}
