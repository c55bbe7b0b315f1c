//! What lay in a real Kafka before capture began is filled: each event once, by the producer's own log, whatever is killed
//! and when; held within a second; and nothing that capture does is touched. The same of content that was not kept.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test ends at its first surprise"
)]
#![allow(dead_code, clippy::allow_attributes, reason = "it uses its part of the campaigns' ground")]

mod campaign;
mod common;
mod topics;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use campaign::Weir;
use common::{LIMIT, World, client::Ask};
use http::Method;
use krafka::{Record, admin::NewTopic, producer::Acks};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use weir_domain::access::Role;
use weir_testkit::{Kafka, unique};

const PARTITIONS: i32 = 3;

/// (partition, position) -> key, as the broker acknowledged it.
type Log = BTreeMap<(i32, i64), String>;

async fn send(kafka: &krafka::Kafka, topic: &str, numbers: std::ops::Range<usize>, log: &mut Log) {
    let producer = kafka.producer().acks(Acks::All).build().await.unwrap();
    for n in numbers {
        let key = format!("ord-{n}");
        let payload = format!(r#"{{"order":{n},"note":"{}"}}"#, "x".repeat(300));
        let placed = producer.send(Record::new(topic, payload).key(key.clone())).await.unwrap();
        log.insert((placed.partition, placed.offset), key);
    }
    producer.close().await.unwrap();
}

fn config(bootstrap: &str, topic: &str) -> String {
    format!(
        "[environments.test]\nkind = \"other\"\n[sources.shop]\nkind = \"kafka\"\nenvironment = \"test\"\n\
         bootstrap = [\"{bootstrap}\"]\nchannels = [\"{topic}\"]\ncapture = \"full\"\nact = \"none\"\nstart = \"latest\""
    )
}

async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < LIMIT * 3, "this never came: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// How many positions are filled.
async fn filled(database: &str) -> i64 {
    let sql = "select coalesce(sum(coalesce(k.next_position, 0)), 0)
               from backfill_partition d join partition_cursor k on k.partition_id = d.partition_id";
    common::sql_on(database, sql).await.parse().unwrap()
}

async fn state(database: &str) -> String {
    common::sql_on(database, "select state from backfill").await
}

struct Here {
    world: World,
    kafka: krafka::Kafka,
    config: String,
    topic: String,
    token: String,
    log: Log,
    channel: String,
}

impl Here {
    /// `before` events lie before capture, some come after it began.
    async fn with(name: &str, before: usize) -> Self {
        let bootstrap = Kafka::shared().unwrap();
        let topic = unique(name);
        let kafka = krafka::Kafka::builder(bootstrap.as_str()).client_id("backfill-test").connect().await.unwrap();
        topics::make(&kafka, [NewTopic::new(topic.as_str(), PARTITIONS, 1).unwrap()]).await;
        let mut log = Log::new();
        send(&kafka, &topic, 0..before, &mut log).await;
        let config = config(&bootstrap, &topic);
        let world = World::start_with(&config).await;
        let cookie = world.administrator().await;
        let at_end =
            "select count(*) from partition_cursor where next_position is not null and next_position >= end_position";
        until("its start", || async { (world.sql(at_end).await == PARTITIONS.to_string()).then_some(()) }).await;
        send(&kafka, &topic, before..before + 60, &mut log).await;
        let stored = "select coalesce(sum(events), 0) from partition_bucket where part = 'metadata'";
        until("what came", || async { (world.sql(stored).await == "60").then_some(()) }).await;
        let channel = world.sql("select id from channel").await;
        // What is visible is remembered for a moment: nobody asks before the channel is there.
        let token = world.token(&cookie, "all", Role::ALL).await.text;
        Self { world, kafka, config, topic, token, log, channel }
    }

    async fn post(&self, path: &str, body: Value) -> common::client::Answer {
        let ask = Ask::program(Method::POST, path).bearer(&self.token).header("content-type", "application/json");
        self.world.ask(ask.body(body.to_string())).await
    }

    async fn fill(&self, bytes_per_s: u64) {
        let path = format!("/api/v1/channels/{}/backfill", self.channel);
        let answer = self.post(&path, json!({ "bytes_per_s": bytes_per_s })).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    async fn act(&self, what: &str) -> u16 {
        self.post(&format!("/api/v1/channels/{}/backfill/{what}", self.channel), json!({})).await.status
    }
}

/// Every event once, with its own key.
async fn whole(world: &World, token: &str, topic: &str, log: &Log) {
    let export = world.rest(token, &format!("/api/v1/events/export?channel={topic}")).await.text();
    let mut found = Log::new();
    for line in export.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        let (Some(partition), Some(position)) = (line["partition"].as_i64(), line["position"].as_str()) else {
            continue;
        };
        let at = (i32::try_from(partition).unwrap(), position.parse().unwrap());
        let key = line["key"].as_str().unwrap().to_owned();
        assert_eq!(line["payload"]["order"].to_string(), key.trim_start_matches("ord-"), "{line}");
        assert_eq!(found.insert(at, key), None, "twice: {at:?}");
    }
    assert_eq!(found.len(), log.len());
    assert!(found == *log, "what is stored is not what was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lay_before_is_filled_held_and_compared() {
    let here = Here::with("backfill", 3_000).await;
    let (database, source) = (here.world.database.clone(), here.world.sql("select id from source").await);
    let listed = here.world.rest(&here.token, &format!("/api/v1/sources/{source}/backfills")).await.json();
    assert_eq!(listed["fillable"][0]["positions"], 3_000, "{listed}");
    assert!(listed["fillable"][0]["estimated_bytes"].as_u64().unwrap() > 900_000, "{listed}");
    let refused = here.post(&format!("/api/v1/channels/{}/backfill", here.channel), json!({ "bytes_per_s": 10 })).await;
    assert_eq!(refused.status, 400, "{}", refused.text());

    here.fill(100_000).await;
    until("the first of it", || async { (filled(&database).await > 0).then_some(()) }).await;
    // Held: nothing more within a second, for as long as it stands.
    assert_eq!(here.act("pause").await, 200);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let stands = filled(&database).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!((filled(&database).await, state(&database).await), (stands, "paused".to_owned()));
    assert!(stands < 3_000, "it was held before its end");
    assert_eq!(here.act("stop").await, 200);
    assert_eq!(here.act("stop").await, 409, "there is none any more");

    // On where it ended, and faster.
    here.fill(50_000_000).await;
    until("all of it", || async { (state(&database).await == "done").then_some(()) }).await;
    whole(&here.world, &here.token, &here.topic, &here.log).await;
    let listed = here.world.rest(&here.token, &format!("/api/v1/sources/{source}/backfills")).await.json();
    assert_eq!((&listed["backfills"][0]["events"], &listed["fillable"]), (&json!(3_000), &json!([])), "{listed}");

    // Capture goes on as before, nothing of it is missing, and it is no change of the channel.
    let mut log = here.log.clone();
    send(&here.kafka, &here.topic, 5_000..5_010, &mut log).await;
    let stored = "select coalesce(sum(events), 0) from partition_bucket where part = 'metadata'";
    let all = log.len().to_string();
    until("what came", || async { (here.world.sql(stored).await == all).then_some(()) }).await;
    whole(&here.world, &here.token, &here.topic, &log).await;
    let compared = here.post(&format!("/api/v1/sources/{source}/verify"), json!({})).await.json();
    assert_eq!((&compared["differences"], &compared["unread"]), (&json!(0), &json!([])), "{compared}");
    let changes = here.world.rest(&here.token, "/api/v1/changes").await.text();
    assert!(!changes.contains("made again"), "{changes}");
    let detail = here.world.rest(&here.token, &format!("/api/v1/sources/{source}")).await.json();
    assert_eq!(detail["captured"][0]["partitions"].as_array().map(Vec::len), Some(PARTITIONS as usize), "{detail}");
    here.world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_moments_nothing_is_filled_twice() {
    let seed = std::env::var("WEIR_CAMPAIGN_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or_else(rand::random);
    println!("WEIR_CAMPAIGN_SEED={seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let here = Here::with("backfill-killed", 6_000).await;
    here.fill(250_000).await;
    let (topic, log, text) = (here.topic.clone(), here.log.clone(), here.config.clone());
    let token = here.token.clone();
    let (dir, database, owner) = here.world.end().await;
    std::fs::write(
        dir.path().join("weir.toml"),
        format!("listen = \"127.0.0.1:0\"\ndatabase_url_env = \"DATABASE\"\n{text}\n"),
    )
    .unwrap();
    let mut kills = 0;
    while state(&database).await == "running" && kills < 5 {
        let before = filled(&database).await;
        let weir = Weir::start("backfill", &["serve"], dir.path(), &database);
        until("it goes on", || async {
            (filled(&database).await > before || state(&database).await != "running").then_some(())
        })
        .await;
        tokio::time::sleep(Duration::from_millis(rng.random_range(0..700))).await;
        weir.kill();
        kills += 1;
        println!("killed {kills}, {} filled", filled(&database).await);
    }
    assert!(kills >= 2, "it was done before it could be killed");
    let world = World::start_in(dir, &database, &text).await;
    world.until_ready().await;
    until("all of it", || async { (state(&database).await == "done").then_some(()) }).await;
    whole(&world, &token, &topic, &log).await;
    world.running.end().await;
    drop(owner);
}

/// Events whose content is filled, and the state of their filling.
async fn content(database: &str) -> (i64, String) {
    let sql = "select coalesce((select sum(events) from content_fill_partition), 0) || ' ' || coalesce((select state from content_fill), '')";
    let text = common::sql_on(database, sql).await;
    let (events, state) = text.split_once(' ').unwrap();
    (events.parse().unwrap(), state.to_owned())
}

impl Here {
    /// With so many events of which metadata alone was kept.
    async fn of_metadata(name: &str, events: usize) -> Self {
        let mut here = Self::with(name, 0).await;
        let (world, log) = (&here.world, &mut here.log);
        world.sql("update channel set policy = 'metadata'").await;
        // Taps ask for the policy every few seconds.
        let withheld = "select count(*) from event where flags & 64 > 0";
        let mut sent = 1_000;
        while world.sql(withheld).await == "0" {
            send(&here.kafka, &here.topic, sent..sent + 3, log).await;
            sent += 3;
            let all = log.len().to_string();
            let stored = "select coalesce(sum(events), 0) from partition_bucket where part = 'metadata'";
            until("what came", || async { (world.sql(stored).await == all).then_some(()) }).await;
        }
        send(&here.kafka, &here.topic, 100_000..100_000 + events, log).await;
        let all = log.len().to_string();
        let stored = "select coalesce(sum(events), 0) from partition_bucket where part = 'metadata'";
        until("what came", || async { (world.sql(stored).await == all).then_some(()) }).await;
        here
    }

    async fn lacking(&self) -> i64 {
        self.world.sql("select count(*) from event where flags & 64 > 0").await.parse().unwrap()
    }

    async fn fill_content(&self, bytes_per_s: u64) -> common::client::Answer {
        let range = json!({ "from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z", "bytes_per_s": bytes_per_s });
        self.post(&format!("/api/v1/channels/{}/content", self.channel), range).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn content_that_was_not_kept_is_filled_and_compared() {
    let here = Here::of_metadata("content", 3_000).await;
    let (database, source) = (here.world.database.clone(), here.world.sql("select id from source").await);
    let lacking = here.lacking().await;
    assert!(lacking >= 3_000);
    let path = format!("/api/v1/channels/{}/content", here.channel);
    let of = |from: &str, to: &str| format!("{path}?from={from}-01-01T00:00:00Z&to={to}-01-01T00:00:00Z");
    let counted = here.world.rest(&here.token, &of("2020", "2100")).await.json();
    assert_eq!((&counted["lacking"]["events"], &counted["fill"]), (&json!(lacking), &Value::Null), "{counted}");
    assert_eq!(here.world.rest(&here.token, &of("2100", "2020")).await.status, 400);

    assert_eq!(here.fill_content(10).await.status, 400);
    assert_eq!(here.fill_content(100_000).await.status, 200);
    until("the first of it", || async { (content(&database).await.0 > 0).then_some(()) }).await;
    assert_eq!(here.post(&format!("{path}/pause"), json!({})).await.status, 200);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let stands = content(&database).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(content(&database).await, (stands.0, "paused".to_owned()));
    assert!(stands.0 < lacking, "it was held before its end");
    // On, and faster.
    assert_eq!(here.fill_content(50_000_000).await.status, 200);
    until("all of it", || async { (content(&database).await.1 == "done").then_some(()) }).await;
    assert_eq!((content(&database).await.0, here.lacking().await), (lacking, 0));
    whole(&here.world, &here.token, &here.topic, &here.log).await;
    let compared = here.post(&format!("/api/v1/sources/{source}/verify"), json!({})).await.json();
    assert_eq!((&compared["differences"], &compared["unread"]), (&json!(0), &json!([])), "{compared}");
    let again = here.fill_content(1_000_000).await;
    assert_eq!(again.status, 409, "{}", again.text());
    let listed = here.world.rest(&here.token, &format!("/api/v1/sources/{source}/backfills")).await.json();
    assert_eq!((&listed["contents"][0]["events"], &listed["contents"][0]["state"]), (&json!(lacking), &json!("done")));
    here.world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_moments_content_is_whole() {
    let seed = std::env::var("WEIR_CAMPAIGN_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or_else(rand::random);
    println!("WEIR_CAMPAIGN_SEED={seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let here = Here::of_metadata("content-killed", 6_000).await;
    let lacking = here.lacking().await;
    assert_eq!(here.fill_content(250_000).await.status, 200);
    let (topic, log, text) = (here.topic.clone(), here.log.clone(), here.config.clone());
    let token = here.token.clone();
    let (dir, database, owner) = here.world.end().await;
    std::fs::write(
        dir.path().join("weir.toml"),
        format!("listen = \"127.0.0.1:0\"\ndatabase_url_env = \"DATABASE\"\n{text}\n"),
    )
    .unwrap();
    let mut kills = 0;
    while content(&database).await.1 == "running" && kills < 5 {
        let before = content(&database).await.0;
        let weir = Weir::start("content", &["serve"], dir.path(), &database);
        until("it goes on", || async {
            let (filled, state) = content(&database).await;
            (filled > before || state != "running").then_some(())
        })
        .await;
        tokio::time::sleep(Duration::from_millis(rng.random_range(0..700))).await;
        weir.kill();
        kills += 1;
        println!("killed {kills}, {} filled", content(&database).await.0);
    }
    assert!(kills >= 2, "it was done before it could be killed");
    let world = World::start_in(dir, &database, &text).await;
    world.until_ready().await;
    until("all of it", || async { (content(&database).await.1 == "done").then_some(()) }).await;
    assert_eq!(content(&database).await.0, lacking, "each was filled once");
    whole(&world, &token, &topic, &log).await;
    world.running.end().await;
    drop(owner);
}
