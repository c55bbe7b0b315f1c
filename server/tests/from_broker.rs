//! A channel searched in a real Kafka where something is not as usual: rows that retired, an offset that there is not yet, a
//! broker that is away, a cap that is used up, and an answer that was cut off.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at its first surprise")]

mod common;
mod topics;

use std::{
    process::{Command, Output},
    time::{Duration, Instant},
};

use common::{LIMIT, World};
use krafka::{Record, admin::NewTopic, producer::Acks};
use serde_json::{Value, json};
use weir_domain::{Clock as _, access::Role, capture::Maintenance as _};
use weir_testkit::{Kafka, KafkaOptions, unique};

const WEIR: &str = env!("CARGO_BIN_EXE_weir");
const EVENTS: usize = 40;

/// A channel of one partition with [`EVENTS`] events, of which only metadata is stored.
struct Here {
    world: World,
    token: String,
    topic: String,
    channel: String,
}

impl Here {
    async fn with(bootstrap: &str, name: &str, (capture, more): (&str, &str)) -> Self {
        let topic = unique(name);
        let kafka = krafka::Kafka::builder(bootstrap).client_id("from-broker-test").connect().await.unwrap();
        topics::make(&kafka, [NewTopic::new(topic.as_str(), 1, 1).unwrap()]).await;
        let producer = kafka.producer().acks(Acks::All).build().await.unwrap();
        for n in 0..EVENTS {
            let record = Record::new(topic.as_str(), format!(r#"{{"order":{n},"note":"{}"}}"#, "x".repeat(200)));
            let _placed = producer.send(record.key(format!("ord-{n}"))).await.unwrap();
        }
        producer.close().await.unwrap();
        let world = World::start_with(&format!(
            "[environments.test]\nkind = \"other\"\n[sources.shop]\nkind = \"kafka\"\nenvironment = \"test\"\n\
             bootstrap = [\"{bootstrap}\"]\nchannels = [\"{topic}\"]\ncapture = \"{capture}\"\nact = \"none\"\n\
             start = \"earliest\"\n{more}"
        ))
        .await;
        let cookie = world.administrator().await;
        let token = world.token(&cookie, "all", Role::ALL).await.text;
        let stored = "select coalesce(sum(events), 0) from partition_bucket where part = 'metadata'";
        let begun = Instant::now();
        while world.sql(stored).await != EVENTS.to_string() {
            assert!(begun.elapsed() < LIMIT * 2, "they never came");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // What is visible is remembered for a moment.
        let named = async || world.rest(&token, &format!("/api/v1/events?channel={topic}")).await.status;
        while named().await != 200 {
            assert!(begun.elapsed() < LIMIT * 2, "the channel is never seen");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let channel = world.sql(&format!("select id from channel where name = '{topic}'")).await;
        Self { world, token, topic, channel }
    }

    async fn step(&self, query: &str) -> Value {
        let path = format!("/api/v1/channels/{}/at-broker?{query}", self.channel);
        let answer = self.world.rest(&self.token, &path).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// Away from this test's own thread, which serves.
    async fn weir(&self, args: &[&str]) -> Output {
        let mut command = Command::new(WEIR);
        command.args(args).env_clear().current_dir(self.world.dir.path());
        command.env("WEIR_URL", format!("http://{}", self.world.address)).env("WEIR_TOKEN", &self.token);
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }
}

fn keys(step: &Value) -> Vec<&str> {
    step["events"].as_array().unwrap().iter().map(|e| e["event"]["key"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_retired_from_the_store_is_found_in_the_broker_and_what_is_not_there_yet_is_not() {
    let here = Here::with(&Kafka::shared().unwrap(), "retired", ("full", "")).await;
    let found = here.step("q=order%3D7").await;
    assert_eq!((keys(&found), &found["events"][0]["known"]), (vec!["ord-7"], &json!(true)));

    // Beyond the end of its log there is nothing, and nothing is missing.
    let beyond = here.step("first=1000").await;
    let searched = &beyond["searched"];
    assert_eq!(
        (keys(&beyond), &searched["complete"], &searched["read"]),
        (vec![], &json!(true), &json!(0)),
        "{beyond}"
    );
    assert_eq!((&searched["parts"][0]["problems"], &beyond["next"]), (&json!([]), &Value::Null));
    let last = here.step(&format!("first={}", EVENTS - 1)).await;
    assert_eq!((keys(&last), &last["searched"]["complete"]), (vec![&*format!("ord-{}", EVENTS - 1)], &json!(true)));

    // Nothing is left of it in the store; the broker has it still, and nothing is known of it. (Where a source's owner lets
    // metadata be kept only, nothing tells what such an event was, and it is not read: see the cases' tests.)
    let over = "update bucket set to_time = from_time, detached_at = now() where part = 'metadata'
                and id in (select bucket from partition_bucket where part = 'metadata') returning 1";
    here.world.sql(over).await;
    here.world.running.parts.store.retire_buckets(weir::clock::SystemClock.now()).await.unwrap();
    let listed = here.world.rest(&here.token, &format!("/api/v1/events?channel={}", here.topic)).await.json();
    assert_eq!(listed["events"].as_array().map(Vec::len), Some(0), "its rows are gone");
    let found = here.step("q=order%3D7").await;
    assert_eq!((keys(&found), &found["events"][0]["known"]), (vec!["ord-7"], &json!(false)), "{found}");
    assert_eq!((&found["searched"]["complete"], &found["searched"]["kept_away"]), (&json!(true), &json!(0)));
    here.world.running.end().await;
}

/// A cap that others use up is no end: it is said, and where to go on from.
#[tokio::test(flavor = "multi_thread")]
async fn a_used_up_cap_is_told_with_where_to_go_on() {
    // A quarter of it is for reads beside capture.
    let here = Here::with(&Kafka::shared().unwrap(), "capped", ("metadata", "catch_up_bytes_per_s = 16384")).await;
    let first = here.step("events=5&seconds=2").await;
    assert_eq!(first["searched"]["read"], 5, "{first}");
    let next = first["next"].as_str().unwrap().to_owned();
    let more = format!("events=5&seconds=1&after={next}");
    // Each takes what it takes; at some point others have to wait.
    let begun = Instant::now();
    let told = loop {
        let step = here.step(&more).await;
        if step["searched"]["read"] == 0 {
            break step;
        }
        assert!(begun.elapsed() < LIMIT, "the cap is never used up");
    };
    let part = &told["searched"]["parts"][0];
    assert!(part["problems"].to_string().contains("use up the part of shop's cap"), "{told}");
    assert_eq!((&told["next"], &told["searched"]["complete"]), (&json!(next), &json!(false)), "it stands where it was");
    // The command line does not ask on and on, and says that it is not all.
    let done = here.weir(&["events", "--from-broker", "--channel", &here.topic, "--json"]).await;
    let text = String::from_utf8(done.stdout).unwrap();
    let end: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    let whole = end["matches"] == EVENTS;
    assert_eq!((end["complete"].as_bool(), end["next"].is_null()), (Some(whole), whole), "{text}");
    here.world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_command_line_cuts_off_is_not_all_and_says_where_it_goes_on() {
    let here = Here::with(&Kafka::shared().unwrap(), "cut-off", ("metadata", "")).await;
    let lines = async |args: &[&str]| {
        let done = here.weir(&[&["events", "--from-broker", "--channel", &here.topic], args].concat()).await;
        let (out, err) = (String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap());
        assert_eq!(done.status.code(), Some(0), "{err}");
        (out, err)
    };
    let (out, _) = lines(&["--json", "--limit", "3"]).await;
    let all: Vec<Value> = out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let found: Vec<_> = all[..3].iter().map(|e| e["key"].as_str().unwrap()).collect();
    assert_eq!((all.len(), found), (4, vec!["ord-0", "ord-1", "ord-2"]));
    let end = &all[3];
    assert_eq!((&end["complete"], &end["matches"]), (&json!(false), &json!(3)), "there are more: {end}");
    // It goes on behind the last one that was printed.
    let next = end["next"].as_str().unwrap();
    assert_eq!(keys(&here.step(&format!("events=1&after={next}")).await), ["ord-3"]);

    let (out, err) = lines(&["--limit", "3"]).await;
    assert!(out.starts_with("TIME (UTC)") && out.lines().count() == 4, "{out}");
    assert!(err.contains("3 events read live, not stored, that is not all"), "{err}");
    // As many as there are: that is all.
    let (out, err) = lines(&["order=7"]).await;
    assert!(out.contains("ord-7") && err.contains("that is all the broker has"), "{out}{err}");
    let (out, _) = lines(&["--json"]).await;
    let end: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!((&end["complete"], &end["matches"], &end["next"]), (&json!(true), &json!(EVENTS), &Value::Null));
    here.world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_stopped_is_said_and_nothing_is_taken_for_all() {
    let kafka = Kafka::start(KafkaOptions::default()).unwrap();
    let here = Here::with(&kafka.bootstrap(), "stopped", ("metadata", "")).await;
    assert_eq!(keys(&here.step("q=order%3D7").await), ["ord-7"]);
    kafka.stop();
    let away = here.step("q=order%3D7&seconds=5").await;
    let searched = &away["searched"];
    assert_eq!((keys(&away), &searched["complete"], &searched["read"]), (vec![], &json!(false), &json!(0)), "{away}");
    assert!(!searched["parts"][0]["problems"].as_array().unwrap().is_empty(), "it says why: {away}");
    let done = here.weir(&["events", "order=7", "--from-broker", "--channel", &here.topic]).await;
    let said = String::from_utf8(done.stderr).unwrap().replace('\n', " ");
    assert!(said.contains("that is not all") && said.contains("partition 0:"), "{said}");
    // It is back, and so is what it holds.
    kafka.restart().unwrap();
    let begun = Instant::now();
    while keys(&here.step("q=order%3D7").await) != ["ord-7"] {
        assert!(begun.elapsed() < LIMIT * 2, "it is never asked again");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    here.world.running.end().await;
}
