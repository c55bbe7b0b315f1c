//! A tap that may only read, judged by the broker: whatever Weir does, no request that writes reaches it.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at its first surprise")]

mod common;
mod topics;

use std::time::Duration;

use common::{
    LIMIT, World,
    client::Ask,
    requests::{apis, decisions, of_weir, requests},
};
use krafka::{
    Kafka as Client, Record,
    admin::{
        AclBinding, AclOperation, AclPatternType, AclPermissionType, AclResourceType, CreateAclsOptions, NewTopic,
    },
    producer::Acks,
};
use weir_testkit::{Kafka, KafkaOptions};

/// Requests of Kafka's protocol that change nothing at a broker.
const READS: [&str; 22] = [
    "API_VERSIONS",
    "SASL_HANDSHAKE",
    "SASL_AUTHENTICATE",
    "METADATA",
    "DESCRIBE_CLUSTER",
    "DESCRIBE_TOPIC_PARTITIONS",
    "DESCRIBE_CONFIGS",
    "LIST_OFFSETS",
    "OFFSET_FOR_LEADER_EPOCH",
    "FETCH",
    "DESCRIBE_LOG_DIRS",
    "DESCRIBE_PRODUCERS",
    "LIST_TRANSACTIONS",
    // How far consumer groups are.
    "LIST_GROUPS",
    "DESCRIBE_GROUPS",
    "CONSUMER_GROUP_DESCRIBE",
    "SHARE_GROUP_DESCRIBE",
    "STREAMS_GROUP_DESCRIBE",
    "FIND_COORDINATOR",
    "OFFSET_FETCH",
    "DESCRIBE_SHARE_GROUP_OFFSETS",
    "DESCRIBE_TRANSACTIONS",
];
const EVENTS: usize = 5_000;

async fn allow(client: &Client, user: &str, resource: (AclResourceType, &str), operation: AclOperation) {
    let binding = AclBinding {
        resource_type: resource.0,
        resource_name: resource.1.to_owned(),
        // krafka 0.28.1 numbers these one too low: what it calls prefixed is Kafka's LITERAL (3).
        pattern_type: AclPatternType::Prefixed,
        principal: format!("User:{user}"),
        host: "*".to_owned(),
        operation,
        permission_type: AclPermissionType::Allow,
    };
    let made = client.admin().create_acls(vec![binding], CreateAclsOptions::default()).await.unwrap();
    made.into_iter().for_each(|(_, result)| result.unwrap());
}

async fn topics(client: &Client, names: &[&str]) {
    let topics: Vec<_> = names.iter().map(|name| NewTopic::new(*name, 6, 1).unwrap()).collect();
    topics::make(client, topics).await;
}

async fn until(what: &str, mut yes: impl AsyncFnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !yes().await {
        assert!(begun.elapsed() < 2 * LIMIT, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_read_only_rights_under_load_no_write_reaches_the_broker() {
    let options = KafkaOptions { secure: true, ..KafkaOptions::default() }
        .logging_requests()
        .with("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
        .with("super.users", "User:ANONYMOUS");
    let kafka = Kafka::start(options).unwrap();
    let secure = kafka.secure().unwrap();
    let user = secure.user;
    let client = Client::builder(kafka.bootstrap()).client_id("load").connect().await.unwrap();
    topics(&client, &["orders", "held"]).await;
    for topic in ["orders", "held", "later"] {
        for operation in [AclOperation::Describe, AclOperation::Read] {
            allow(&client, user.name, (AclResourceType::Topic, topic), operation).await;
        }
    }
    allow(&client, user.name, (AclResourceType::Cluster, "kafka-cluster"), AclOperation::Describe).await;

    let password = kafka.dir().join("password");
    std::fs::write(&password, user.password).unwrap();
    let world = World::start_with(&format!(
        "read_only = true\n[environments.test]\nkind = \"production\"\n\
         [sources.shop]\nkind = \"kafka\"\nenvironment = \"test\"\nbootstrap = [{:?}]\nchannels = [\"*\"]\n\
         start = \"earliest\"\ncapture = \"metadata\"\nact = \"replay\"\n\
         sasl = {{ mechanism = \"scram-sha-256\", username = {:?}, password_file = {:?} }}\n",
        secure.sasl.to_string(),
        user.name,
        password,
    ))
    .await;
    let producer = client.producer().acks(Acks::All).build().await.unwrap();
    for n in 0..EVENTS {
        drop(
            producer.enqueue(Record::new("orders", format!("{{\"number\":{n}}}")).key(format!("n-{n}"))).await.unwrap(),
        );
    }
    producer.flush().await.unwrap();
    // What holds a partition back is asked after, and a channel that comes later is found.
    let held = client.producer().build_transactional("billing").await.unwrap();
    held.begin().unwrap();
    let _ = held.send(Record::new("held", "open")).await.unwrap();
    topics(&client, &["later"]).await;
    let _ = producer.send(Record::new("later", "found")).await.unwrap();
    let stored = "select count(*) from event e join partition p on p.id = e.partition_id join channel c on c.id = p.channel_id where c.name = ";
    until("everything is stored", async || world.sql(&format!("{stored}'orders'")).await == EVENTS.to_string()).await;
    until("the later one", async || world.sql(&format!("{stored}'later'")).await == "1").await;
    let holds = "select count(*) from partition_cursor where held_since is not null";
    until("it is held", async || world.sql(holds).await == "1").await;
    held.abort().await.unwrap();
    until("it is free", async || world.sql(holds).await == "0").await;

    // A person looks at everything, and stops and starts it.
    let cookie = world.administrator().await;
    let page = world.ask(Ask::get("/sources/1").cookie(&cookie)).await.text();
    assert!(page.contains("capture metadata · act none · read-only"), "{page}");
    let topbar = page.split("<header class=\"topbar\"").nth(1).and_then(|rest| rest.split("</header>").next()).unwrap();
    assert!(topbar.contains(">read-only<"), "the shell says so on every page: {topbar}");
    for path in ["/", "/events", "/sources"] {
        assert_eq!(world.ask(Ask::get(path).cookie(&cookie)).await.status, 200);
    }
    for act in ["pause", "resume"] {
        let done = world.ask(Ask::form(&format!("/api/sources/{act}"), &[("source", "1")]).cookie(&cookie)).await;
        assert!(done.status < 400, "{}", done.text());
    }
    let _ = producer.send(Record::new("later", "again")).await.unwrap();
    until("it reads on", async || world.sql(&format!("{stored}'later'")).await == "2").await;
    world.end().await;
    producer.close().await.unwrap();

    let all = requests(&kafka);
    let ours: Vec<_> = all.iter().filter(|r| r.user.ends_with(user.name)).collect();
    let seen = apis(ours.iter().copied());
    println!("{} requests of Weir's: {seen:?}", ours.len());
    let writes: Vec<_> = ours.iter().filter(|r| !READS.contains(&r.api.as_str())).collect();
    assert!(writes.is_empty(), "{writes:?}");
    // Under its own name, and by nobody else's rights.
    assert!(of_weir(&all).all(|r| r.user.ends_with(user.name) && r.listener == "SASL"));
    assert!(["FETCH", "METADATA", "LIST_OFFSETS"].iter().all(|api| seen.contains(api)), "{seen:?}");
    // The look itself sees what writes.
    let others = apis(all.iter().filter(|r| r.client == "load"));
    assert!(["PRODUCE", "CREATE_TOPICS", "CREATE_ACLS"].iter().all(|api| others.contains(api)), "{others:?}");

    let decided = decisions(&kafka, user.name);
    assert!(
        decided.iter().any(|(operation, resource)| operation == "READ" && resource.contains("orders")),
        "{decided:?}"
    );
    let beyond: Vec<_> =
        decided.iter().filter(|(o, _)| !["READ", "DESCRIBE", "DESCRIBE_CONFIGS"].contains(&o.as_str())).collect();
    assert!(beyond.is_empty(), "no right beyond reading was ever asked for: {beyond:?}");
}
