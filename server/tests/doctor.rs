//! `weir doctor` beside the server: a real database and a real broker, and each kind of mistake.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at its first surprise")]

mod topics;

use std::{fs, process::Command};

use krafka::admin::NewTopic;
use serde_json::Value;
use weir_testkit::{Kafka, KafkaOptions, PrivateDir, fresh_database};

const WEIR: &str = env!("CARGO_BIN_EXE_weir");

/// What each check came to, and all that was said.
fn looked(dir: &PrivateDir, database: &str, config: &str, password: &str) -> (Option<i32>, Vec<Value>, String) {
    fs::write(dir.path().join("weir.toml"), config).unwrap();
    let run = |args: &[&str]| {
        let mut command = Command::new(WEIR);
        command.args(args).env_clear().current_dir(dir.path()).env("DATABASE", database).env("PASSWORD", password);
        command.output().unwrap()
    };
    let done = run(&["doctor", "--json"]);
    let out = String::from_utf8(done.stdout).unwrap();
    let checks = out.lines().map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}"))).collect();
    (done.status.code(), checks, out + &String::from_utf8(done.stderr).unwrap())
}

fn outcome<'c>(checks: &'c [Value], of: &str, check: &str) -> &'c str {
    let found = checks.iter().find(|c| c["of"] == of && c["check"] == check);
    found.map_or("nothing", |c| c["outcome"].as_str().unwrap())
}

fn said<'c>(checks: &'c [Value], of: &str, check: &str) -> &'c str {
    checks.iter().find(|c| c["of"] == of && c["check"] == check).map_or("", |c| c["said"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_is_looked_at_and_each_mistake_is_told_where_it_is() {
    let kafka = Kafka::start(KafkaOptions { secure: true, ..KafkaOptions::default() }).unwrap();
    let secure = kafka.secure().unwrap();
    let client = krafka::Kafka::builder(kafka.bootstrap()).connect().await.unwrap();
    let topic = NewTopic::new("order.placed", 1, 1).unwrap();
    topics::make(&client, [topic]).await;
    let (url, _database) = fresh_database().await.unwrap();
    let dir = PrivateDir::new("doctor").unwrap();
    fs::write(dir.path().join("ca.pem"), &secure.ca_pem).unwrap();
    let config = |bootstrap: &str, more: &str| {
        format!(
            "listen = \"127.0.0.1:1\"\ndatabase_url_env = \"DATABASE\"\n[environments.test]\nkind = \"other\"\n\
             [sources.shop]\nkind = \"kafka\"\nenvironment = \"test\"\nbootstrap = [\"{bootstrap}\"]\n\
             channels = [\"order.*\"]\ncapture = \"full\"\nact = \"none\"\n{more}\n"
        )
    };
    let sasl = format!(
        "sasl = {{ mechanism = \"scram-sha-512\", username = \"{}\", password_env = \"PASSWORD\" }}",
        secure.user.name
    );
    let tls = |ca: &str| format!("tls = {{ ca_file = \"{ca}\" }}");
    let both = format!("{}\n{sasl}", tls("ca.pem"));
    let right = secure.user.password;

    let (code, checks, text) = looked(&dir, &url, &config(&secure.sasl_tls.to_string(), &both), right);
    assert_eq!(code, Some(0), "{text}");
    for (of, check) in [
        ("configuration", "mistakes"),
        ("database", "reached"),
        ("database", "schema"),
        ("database", "clock"),
        ("database", "instance"),
        ("disk", "room"),
        ("disk", "state file"),
        ("source shop", "port"),
        ("source shop", "TLS"),
        ("source shop", "sign-in"),
        ("source shop", "may list"),
        ("source shop", "may read"),
    ] {
        assert_eq!(outcome(&checks, of, check), "ok", "{of}, {check}: {text}");
    }
    assert_eq!(outcome(&checks, "server", "ready"), "note", "nothing listens: {text}");

    // Each mistake stops at its own step, says what is the matter, and never shows a secret.
    let wrong = "wrong-password";
    for (line, bootstrap, more, password, step, words) in [
        ("a name", "no-such-host.invalid:9092".to_owned(), String::new(), right, "name", "does not resolve"),
        ("a port", "127.0.0.1:1".to_owned(), String::new(), right, "port", "does not open"),
        ("an authority", secure.sasl_tls.to_string(), format!("tls = {{}}\n{sasl}"), right, "TLS", "not trusted"),
        ("TLS where there is none", kafka.bootstrap(), tls("ca.pem"), right, "TLS", "TLS"),
        ("a password", secure.sasl_tls.to_string(), both.clone(), wrong, "sign-in", secure.user.name),
        ("no sign-in where one is wanted", secure.sasl.to_string(), String::new(), right, "sign-in", "shop"),
    ] {
        let (code, checks, text) = looked(&dir, &url, &config(&bootstrap, &more), password);
        assert!(!text.contains(wrong) && !text.contains(right) && !text.contains("PRIVATE KEY"), "{line}: {text}");
        assert_eq!(code, Some(1), "{line}: {text}");
        assert_eq!(outcome(&checks, "source shop", step), "failed", "{line}: {text}");
        assert!(said(&checks, "source shop", step).contains(words), "{line}: {text}");
        let told = checks.iter().filter(|c| c["outcome"] == "failed");
        assert!(told.clone().all(|c| c["what_to_do"].as_str().is_some_and(|w| !w.is_empty())), "{line}: {text}");
        assert_eq!(told.count(), 1, "{line}: what follows is skipped, not failed: {text}");
    }

    let none = config(&kafka.bootstrap(), "").replace("order.*", "nothing.*");
    let (code, checks, text) = looked(&dir, &url, &none, right);
    assert_eq!((code, outcome(&checks, "source shop", "may list")), (Some(0), "note"), "{text}");

    // The database.
    let (code, checks, text) = looked(&dir, "postgres://weir:secret-word@127.0.0.1:1/none", &none, right);
    assert_eq!((code, outcome(&checks, "database", "reached")), (Some(1), "failed"), "{text}");
    assert!(!text.contains("secret-word"), "{text}");
    let (code, checks, text) = looked(&dir, &url, "lisen = 5", right);
    assert_eq!((code, outcome(&checks, "configuration", "mistakes")), (Some(1), "failed"), "{text}");
    assert!(text.contains("did you mean"), "{text}");
    assert_eq!(checks.len(), 1, "nothing else was looked at");
}

#[test]
fn who_wants_to_look_at_a_server_elsewhere_is_told_how() {
    let dir = PrivateDir::new("doctor-elsewhere").unwrap();
    let done = Command::new(WEIR).args(["doctor", "--json"]).env_clear().current_dir(dir.path()).output().unwrap();
    let out = String::from_utf8_lossy(&done.stdout);
    assert_eq!(done.status.code(), Some(1), "{out}");
    assert!(out.contains("WEIR_URL") && out.contains("--config"), "{out}");
}
