//! `weir estimate` on a real Kafka: what it says agrees with what was produced, and it leaves no trace.

mod topics;

use std::process::Command;

use krafka::{Record, admin::NewTopic, producer::Acks};
use serde_json::Value;
use weir_testkit::{Kafka, PrivateDir, unique};

const EVENTS: usize = 600;

#[tokio::test(flavor = "multi_thread")]
async fn it_says_what_was_produced_and_leaves_no_trace() {
    let bootstrap = Kafka::shared().unwrap();
    let (busy, quiet, other) = (unique("estimate-busy"), unique("estimate-quiet"), unique("left-out"));
    let kafka = krafka::Kafka::builder(bootstrap.as_str()).client_id("estimate-test").connect().await.unwrap();
    let topics = [(&busy, 3), (&quiet, 1), (&other, 1)].map(|(name, n)| NewTopic::new(name.as_str(), n, 1).unwrap());
    topics::make(&kafka, topics).await;
    let producer = kafka.producer().acks(Acks::All).build().await.unwrap();
    let mut raw = 0;
    for n in 0..EVENTS {
        let payload = format!(r#"{{"order":"ord-{n:08}","amount":{},"note":"{}"}}"#, n * 7, "x".repeat(200));
        let key = format!("ord-{n:08}");
        raw += payload.len() + key.len();
        let _placed = producer.send(Record::new(busy.as_str(), payload).key(key)).await.unwrap();
    }
    producer.close().await.unwrap();
    let groups = async || {
        let listed = kafka.admin().list_consumer_groups(Default::default()).await.unwrap();
        listed.into_values().flat_map(|groups| groups.unwrap()).filter(|g| g.group_id.contains("weir")).count()
    };
    let before = groups().await;

    let dir = PrivateDir::new("estimate").unwrap();
    let config = dir.path().join("weir.toml");
    // A database that is not there: none is needed.
    let text = format!(
        "database_url = \"postgres://nobody@127.0.0.1:1/none\"\n[environments.test]\nkind = \"other\"\n[sources.shop]\n\
         kind = \"kafka\"\nenvironment = \"test\"\nbootstrap = [\"{bootstrap}\"]\nchannels = [\"{busy}\", \"{quiet}\"]\n\
         capture = \"off\"\nact = \"none\"\n"
    );
    std::fs::write(&config, text).unwrap();
    let run = |json: bool| {
        let mut weir = Command::new(env!("CARGO_BIN_EXE_weir"));
        weir.args(["estimate", "--config"]).arg(&config);
        if json {
            weir.arg("--json");
        }
        let done = weir.output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    };
    let lines: Vec<Value> = run(true).lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let of = |name: &str| lines.iter().find(|l| l["channel"] == name).unwrap_or_else(|| panic!("{name} in {lines:?}"));
    let seen = of(&busy);
    assert_eq!(seen["events_per_day"], EVENTS);
    assert_eq!(seen["sampled"], EVENTS, "all of them fit into the sample: {seen}");
    let said = seen["raw_bytes_per_day"].as_u64().unwrap() as usize;
    assert!(said.abs_diff(raw) <= EVENTS, "{said} said, {raw} produced");
    assert!(seen["stored_bytes_per_day"].as_u64().unwrap() < raw as u64, "such payloads pack well: {seen}");
    assert_eq!((&of(&quiet)["events_per_day"], &of(&quiet)["raw_bytes_per_day"]), (&Value::from(0), &Value::from(0)));
    let total = lines.iter().find(|l| l["total"] == true).unwrap();
    assert_eq!(total["events_per_day"], EVENTS);
    assert!(total["left_out"].as_u64().unwrap() >= 1, "{total}");
    assert!(!lines.iter().any(|l| l["channel"] == other.as_str()));

    let table = run(false);
    assert!(table.contains("600") && table.contains("nothing was stored"), "{table}");
    assert_eq!(groups().await, before, "it joins no group");
}

#[test]
fn a_broker_that_is_not_there_is_said_and_fails() {
    let dir = PrivateDir::new("estimate-away").unwrap();
    let config = dir.path().join("weir.toml");
    // Nor has whoever asks the database's secret: it is not needed.
    let text = "database_url_env = \"WEIR_TEST_OF_NO_DATABASE\"\n[environments.test]\nkind = \"other\"\n[sources.shop]\n\
                kind = \"kafka\"\nenvironment = \"test\"\nbootstrap = [\"127.0.0.1:1\"]\nchannels = [\"*\"]\ncapture = \"off\"\nact = \"none\"\n";
    std::fs::write(&config, text).unwrap();
    let weir = |args: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_weir"))
            .args(["estimate", "--config"])
            .arg(&config)
            .args(args)
            .output()
            .unwrap()
    };
    let done = weir(&[]);
    assert!(!done.status.success());
    assert!(String::from_utf8_lossy(&done.stdout).contains("could not be asked"), "{done:?}");
    let done = weir(&["--source", "none"]);
    assert!(String::from_utf8_lossy(&done.stderr).contains("no source \"none\""), "{done:?}");
}
