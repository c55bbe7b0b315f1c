//! What is stored is compared with a real Kafka: equal, changed by hand, taken away, and what the broker itself took.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at its first surprise")]

mod common;
mod topics;

use std::time::{Duration, Instant};

use common::{LIMIT, World, client::Ask};
use http::Method;
use krafka::{
    Record,
    admin::{DeleteRecordsOptions, NewTopic},
    consumer::TopicPartition,
    producer::Acks,
};
use serde_json::{Value, json};
use weir_domain::access::Role;
use weir_testkit::{Kafka, unique};

const EVENTS: usize = 300;

/// How many they were.
async fn send(
    kafka: &krafka::Kafka,
    topic: &str,
    records: impl Iterator<Item = (String, String, Option<i64>)>,
) -> usize {
    let producer = kafka.producer().acks(Acks::All).build().await.unwrap();
    let mut sent = 0;
    for (key, payload, at) in records {
        let record = Record::new(topic, payload).key(key);
        let record = match at {
            Some(at) => record.timestamp(at),
            None => record,
        };
        let _placed = producer.send(record).await.unwrap();
        sent += 1;
    }
    producer.close().await.unwrap();
    sent
}

struct Here {
    world: World,
    kafka: krafka::Kafka,
    topic: String,
    token: String,
    cookie: String,
}

impl Here {
    /// With a topic of its own, all of which is stored.
    async fn with(topic: NewTopic, records: impl Iterator<Item = (String, String, Option<i64>)>) -> Self {
        let bootstrap = Kafka::shared().unwrap();
        let name = topic.name.clone();
        let kafka = krafka::Kafka::builder(bootstrap.as_str()).client_id("verify-test").connect().await.unwrap();
        topics::make(&kafka, [topic]).await;
        let sent = send(&kafka, &name, records).await;
        let world = World::start_with(&format!(
            "[environments.test]\nkind = \"other\"\n[sources.shop]\nkind = \"kafka\"\nenvironment = \"test\"\n\
             bootstrap = [\"{bootstrap}\"]\nchannels = [\"{name}\"]\ncapture = \"full\"\nact = \"none\"\n\
             start = \"earliest\""
        ))
        .await;
        let cookie = world.administrator().await;
        let mut here = Self { world, kafka, topic: name, token: String::new(), cookie };
        here.stored(sent).await;
        // What is visible is remembered for a moment: nobody asks before the channel is there.
        here.token = here.world.token(&here.cookie, "all", Role::ALL).await.text;
        here
    }

    /// So many events, and no other.
    async fn stored(&self, events: usize) {
        self.until("all is stored", || async {
            let stored = "select coalesce(sum(events), 0) from partition_bucket where part = 'metadata'";
            (self.world.sql(stored).await == events.to_string()).then_some(())
        })
        .await;
    }

    async fn until<T, F: Future<Output = Option<T>>>(&self, what: &str, mut look: impl FnMut() -> F) -> T {
        let begun = Instant::now();
        loop {
            if let Some(found) = look().await {
                return found;
            }
            assert!(begun.elapsed() < LIMIT * 2, "this never came: {what}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn source(&self) -> String {
        self.world.sql("select id from source").await
    }

    /// All that is stored, in as many calls as it takes.
    async fn all(&self, body: Value) -> Value {
        let path = format!("/api/v1/sources/{}/verify", self.source().await);
        let mut body = body;
        let (mut compared, mut gone, mut found) = (0, 0, Vec::new());
        loop {
            let ask = Ask::program(Method::POST, &path).bearer(&self.token);
            let answer = self.world.ask(ask.header("content-type", "application/json").body(body.to_string())).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            let answer = answer.json();
            assert_eq!(answer["unread"], json!([]), "{answer}");
            compared += answer["compared"].as_u64().unwrap();
            gone += answer["gone"].as_u64().unwrap();
            found.extend(answer["found"].as_array().unwrap().iter().map(|d| json!([d["position"], d["kind"]])));
            match &answer["next"] {
                Value::Null => return json!({ "compared": compared, "gone": gone, "found": found }),
                next => body["after"] = next.clone(),
            }
        }
    }

    /// What a page of the source tells of the topic.
    async fn listed(&self) -> Value {
        let path = format!("/api/v1/sources/{}/verified", self.source().await);
        self.world.rest(&self.token, &path).await.json()["channels"][0].clone()
    }
}

fn plain(name: &str) -> NewTopic {
    NewTopic::new(unique(name).as_str(), 1, 1).unwrap()
}

fn numbered() -> impl Iterator<Item = (String, String, Option<i64>)> {
    (0..EVENTS).map(|n| (format!("ord-{n}"), format!(r#"{{"order":{n},"note":"{}"}}"#, "x".repeat(n)), None))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_or_taken_away_by_hand_is_found_and_told() {
    let here = Here::with(plain("verify"), numbered()).await;
    let events = EVENTS as u64;
    assert_eq!(here.all(json!({})).await, json!({ "compared": events, "gone": 0, "found": [] }));
    let sampled = here.all(json!({ "sample": 60, "channel": here.topic })).await;
    assert!((1..=120).contains(&sampled["compared"].as_u64().unwrap()) && sampled["found"] == json!([]), "{sampled}");
    let quiet = here.listed().await;
    assert_eq!((&quiet["differences"], &quiet["partitions"], &quiet["verified"]), (&json!(0), &json!(1), &json!(1)));
    assert!(quiet["verified_until"].is_string(), "{quiet}");

    // One bit of a block, by hand, and back again.
    let first = "(select first_position from block order by first_position desc limit 1)";
    let bit = format!(
        "update block set body = set_byte(body, length(body) - 3, get_byte(body, length(body) - 3) # 1)
         where first_position = {first} returning last_position - first_position + 1"
    );
    let damaged: u64 = here.world.sql(&bit).await.parse().unwrap();
    let changed = here.all(json!({})).await;
    let found = changed["found"].as_array().unwrap();
    assert!(!found.is_empty() && found.iter().all(|d| d[1] == "bytes"), "{changed}");
    assert!(found.len() as u64 <= damaged, "only in that block: {changed}");
    here.world.sql(&bit).await;
    assert_eq!(here.all(json!({})).await["found"], json!([]));

    // A run of events, by hand.
    let last = "(select max(first_position) from event_span)";
    let span = here.world.sql(&format!("delete from event_span where first_position = {last} returning events")).await;
    let missing: u64 = span.parse().unwrap();
    let taken = here.all(json!({})).await;
    let found = taken["found"].as_array().unwrap().iter().filter(|d| d[1] == "missing").count() as u64;
    // At most a hundred are told by one call; all of them are counted.
    assert_eq!((found, &taken["compared"]), (missing.min(100), &json!(events - missing)), "{taken}");

    // It is on the source's page and on the first one, and the command ends with 1.
    let listed = here.listed().await;
    assert_eq!(listed["differences"], missing, "{listed}");
    let source = here.source().await;
    let page = here.world.ask(Ask::get(&format!("/sources/{source}/verified")).cookie(&here.cookie)).await.text();
    assert!(page.contains("is at the broker and not stored") && page.contains(&here.topic), "{page}");
    let overview = here.world.rest(&here.token, "/api/v1/overview").await.json();
    let attention = overview["attention"].as_array().unwrap();
    assert!(attention.iter().any(|a| a["kind"] == "differs"), "{overview}");
    let weir = |more: Vec<String>| {
        let (address, token) = (here.world.address, here.token.clone());
        async move {
            let mut weir = tokio::process::Command::new(env!("CARGO_BIN_EXE_weir"));
            weir.args(["verify", "shop", "--url", &format!("http://{address}")]).args(more).env("WEIR_TOKEN", token);
            let done = weir.output().await.unwrap();
            let text = String::from_utf8_lossy(&done.stdout).into_owned();
            (done.status.code(), text, String::from_utf8_lossy(&done.stderr).into_owned())
        }
    };
    let (code, out, why) = weir(vec!["--all".into()]).await;
    assert_eq!(code, Some(1), "{out}{why}");
    assert!(out.contains("is at the broker and not stored") && why.contains("not stored as the brokers"), "{out}{why}");

    // What the broker took itself is no difference any more.
    let partition = TopicPartition::new(here.topic.as_str(), 0);
    let all = [(partition, EVENTS as i64)];
    let deleted = here.kafka.admin().delete_records(all, DeleteRecordsOptions::default()).await.unwrap();
    deleted.into_values().for_each(|done| assert_eq!(done.unwrap(), EVENTS as i64));
    here.until("a clean answer", || async {
        let after = here.all(json!({})).await;
        (after["found"] == json!([])).then_some(())
    })
    .await;
    let after = here.all(json!({})).await;
    assert_eq!((&after["compared"], &after["gone"]), (&json!(0), &json!(events - missing)));
    assert_eq!(here.listed().await["differences"], 0, "what is no more is forgotten");
    let (code, out, why) = weir(vec!["--sample".into(), "50".into()]).await;
    assert_eq!(code, Some(0), "{out}{why}");
    here.world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn compaction_is_no_difference() {
    let topic = plain("verify-compacted")
        .with_config("cleanup.policy", "compact")
        .with_config("min.cleanable.dirty.ratio", "0.001")
        .with_config("segment.ms", "1000");
    // Few keys, often; a record of a later second begins a new segment, and only the others are compacted. It comes once
    // all others are stored: what is compacted before that was never there to be compared.
    let begin = 1_767_225_600_000;
    let many = (0..200).map(move |n| (format!("key-{}", n % 5), format!("{n}"), Some(begin)));
    let last = std::iter::once(("roll".to_owned(), "end".to_owned(), Some(begin + 60_000)));
    let here = Here::with(topic, many).await;
    send(&here.kafka, &here.topic, last).await;
    here.stored(201).await;
    let gone = here
        .until("compaction", || async {
            let all = here.all(json!({})).await;
            assert_eq!(all["found"], json!([]));
            (all["gone"].as_u64().unwrap() > 0).then(|| all.clone())
        })
        .await;
    assert_eq!(gone["compared"].as_u64().unwrap() + gone["gone"].as_u64().unwrap(), 201);
    here.world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_sample_is_compared_all_the_time() {
    let here = Here::with(plain("verify-always"), numbered()).await;
    let listed = here
        .until("the first round", || async {
            let listed = here.listed().await;
            listed["verified_until"].is_string().then_some(listed)
        })
        .await;
    assert_eq!((&listed["differences"], &listed["gone"]), (&json!(0), &json!(0)), "{listed}");
    let compared = listed["compared"].as_u64().unwrap();
    assert!((1..=EVENTS as u64).contains(&compared), "{listed}");
    here.world.running.end().await;
}
