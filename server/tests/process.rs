//! The program itself: its commands, its log, its end.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at its first surprise")]

mod common;

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use common::{
    LIMIT, PASSWORD,
    client::{Ask, ask, open},
    events::{Marked, stored},
    sql_on,
};
use weir_testkit::{PrivateDir, fresh_database};

const WEIR: &str = env!("CARGO_BIN_EXE_weir");

fn weir(dir: &PrivateDir, database: &str, args: &[&str]) -> Command {
    let mut command = Command::new(WEIR);
    command.args(args).args(["--config", "weir.toml"]).current_dir(dir.path()).env("DATABASE", database);
    command.env_remove("WEIR_LOG").env("WEIR_LOG_FORMAT", "json");
    command
}

fn configure(text: &str) -> PrivateDir {
    let dir = PrivateDir::new("process").unwrap();
    fs::write(dir.path().join("weir.toml"), text).unwrap();
    dir
}

const CONFIG: &str = "listen = \"127.0.0.1:0\"\ndatabase_url_env = \"DATABASE\"\n";

/// Kills it if the test ends early.
struct Server {
    child: Child,
    address: SocketAddr,
    log: std::thread::JoinHandle<Vec<String>>,
    out: std::thread::JoinHandle<Vec<String>>,
}

/// What an ended server leaves.
struct Ended {
    status: std::process::ExitStatus,
    /// Lines of its standard error and output.
    log: Vec<String>,
    out: Vec<String>,
    took: Duration,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve(dir: &PrivateDir, database: &str) -> Server {
    serve_as(dir, database, &["serve"])
}

fn serve_as(dir: &PrivateDir, database: &str, command: &[&str]) -> Server {
    let mut child = weir(dir, database, command).stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let stdout = child.stdout.take().unwrap();
    let out = std::thread::spawn(move || BufReader::new(stdout).lines().map_while(Result::ok).collect());
    let stderr = child.stderr.take().unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    let log = std::thread::spawn(move || {
        let lines = BufReader::new(stderr).lines().map_while(Result::ok);
        lines.inspect(|line| drop(tell.send(line.clone()))).collect()
    });
    let address = loop {
        let line = told.recv_timeout(LIMIT).expect("it never listened");
        let line: serde_json::Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("not JSON ({e}): {line}"));
        if let Some(address) = line["address"].as_str() {
            break address.parse().unwrap();
        }
    };
    Server { child, address, log, out }
}

async fn ready(address: SocketAddr) {
    let begun = Instant::now();
    while ask(address, Ask::get("/readyz")).await.status != 200 {
        assert!(begun.elapsed() < LIMIT, "never ready");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn end(mut server: Server) -> Ended {
    let begun = Instant::now();
    let pid = server.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let status = loop {
        if let Some(status) = server.child.try_wait().unwrap() {
            break status;
        }
        assert!(begun.elapsed() < LIMIT, "it does not end");
        std::thread::sleep(Duration::from_millis(10));
    };
    let took = begun.elapsed();
    let lines = |of: &mut std::thread::JoinHandle<Vec<String>>| {
        std::mem::replace(of, std::thread::spawn(Vec::new)).join().unwrap()
    };
    Ended { status, log: lines(&mut server.log), out: lines(&mut server.out), took }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_serves_logs_without_secrets_and_ends_in_time() {
    let (url, _database) = fresh_database().await.unwrap();
    let dir = configure(CONFIG);
    let server = serve(&dir, &url);
    let address = server.address;
    ready(address).await;

    let link = weir(&dir, &url, &["admin-link"]).output().unwrap();
    let link = String::from_utf8(link.stdout).unwrap();
    let token = link.trim().split_once("/setup#token=").unwrap_or_else(|| panic!("{link}")).1.to_owned();
    let fields = [("token", &*token), ("login", "mara"), ("name", "Mara"), ("password", PASSWORD)];
    let cookie = ask(address, Ask::form("/setup", &fields)).await.cookie();
    assert!(cookie.starts_with("weir="), "{cookie}");
    let again = weir(&dir, &url, &["admin-link"]).output().unwrap();
    assert!(String::from_utf8_lossy(&again.stdout).contains("already has an administrator"));

    let secret = "key-that-must-not-be-logged";
    assert_eq!(ask(address, Ask::get(&format!("/events?key={secret}")).cookie(&cookie)).await.status, 200);
    ask(address, Ask::get(&format!("/api/events/list?query=key%3D{secret}")).cookie(&cookie)).await;
    ask(address, Ask::form("/sign-in", &[("login", secret), ("password", secret)])).await;
    ask(address, Ask::get(&format!("/nowhere?{secret}")).header("cookie", &format!("weir={secret}"))).await;
    let tail = Ask::get(&format!("/live?topics=tail&tail.key={secret}")).cookie(&cookie);
    let mut stream = open(address, tail).await.unwrap();
    assert_eq!(stream.next().await.unwrap().event, "tail");

    let Ended { status, log, took, out } = end(server);
    assert!(out.is_empty(), "nothing was asked to be written there: {out:?}");
    assert!(status.success(), "{status}");
    assert!(took < Duration::from_secs(10), "{took:?} with a stream open");
    // An open stream is told why it ends, and that is all that still comes.
    assert_eq!(stream.next_of("bye").await.unwrap().data, "{\"reason\":\"restarting\"}");
    assert_eq!(stream.next().await, None);
    let session = cookie.strip_prefix("weir=").unwrap();
    let password = url.split("://").nth(1).unwrap().split('@').next().unwrap().split(':').nth(1).unwrap();
    assert!(log.iter().any(|l| l.contains("\"path\":\"/events\"")), "{log:#?}");
    for line in &log {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("not JSON ({e}): {line}"));
        assert!(entry["timestamp"].is_string() && entry["level"].is_string(), "{line}");
        for bad in [secret, session, &token, PASSWORD, password, "?"] {
            assert!(!line.contains(bad), "the log holds {bad:?}: {line}");
        }
    }
}

/// Marks that stand in events, and where nobody else would put them.
const KEY: &str = "key-marked-4711";
const HEADER: &str = "header-marked-0815";
const PAYLOAD: &str = "payload-marked-1234";

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_and_its_lines_hold_no_value_of_any_event_and_lose_nothing_at_the_end() {
    let (url, _database) = fresh_database().await.unwrap();
    let dir = configure(&format!("{CONFIG}[audit]\nstdout = true\n[environments.test]\nkind = \"other\"\n"));
    let server = serve(&dir, &url);
    let address = server.address;
    ready(address).await;
    let link = weir(&dir, &url, &["admin-link"]).output().unwrap();
    let link = String::from_utf8(link.stdout).unwrap();
    let token = link.trim().split_once("/setup#token=").unwrap_or_else(|| panic!("{link}")).1.to_owned();
    let fields = [("token", &*token), ("login", "mara"), ("name", "Mara"), ("password", PASSWORD)];
    let cookie = ask(address, Ask::form("/setup", &fields)).await.cookie();
    let store = weir_store::Store::connect(&url, Default::default()).await.unwrap();
    let now = weir_domain::Timestamp(
        sql_on(&url, "select (extract(epoch from now()) * 1000000)::bigint").await.parse().unwrap(),
    );
    let id = stored(&store, now, Marked { key: KEY, header: HEADER, payload: PAYLOAD }).await;
    let get = async |path: &str| ask(address, Ask::get(path).cookie(&cookie)).await;
    let begun = Instant::now();
    while !get(&format!("/events/{id}")).await.text().contains(PAYLOAD) {
        assert!(begun.elapsed() < LIMIT, "the event never came");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let hex: String = KEY.bytes().map(|b| format!("{b:02x}")).collect();
    for path in [
        "/".to_owned(),
        "/events".to_owned(),
        format!("/events?key={KEY}&sel={id}"),
        format!("/events?key=hex%3A{hex}"),
        // Somebody looks for a payload's value as a type, a channel, a source, a person.
        format!("/events?type={PAYLOAD}"),
        format!("/events?channel={PAYLOAD}&source={PAYLOAD}"),
        format!("/events/{id}?tab=headers"),
        format!("/events/{id}/payload"),
        format!("/events/export?key={KEY}"),
        format!("/events/export?q={PAYLOAD}&format=csv&type={PAYLOAD}"),
        format!("/api/events/list?query=key%3D{KEY}"),
        format!("/api/events/detail?id[partition]={}&id[position]={}", id.partition, id.position),
        format!("/api/catalog/complete?text={KEY}"),
        format!("/api/catalog/complete?text=key%3A{KEY}"),
        format!("/api/catalog/complete?text={PAYLOAD}"),
        "/sources".to_owned(),
        "/audit".to_owned(),
        format!("/audit?key={KEY}"),
        format!("/audit?seen={id}"),
        format!("/audit?person={PAYLOAD}"),
        format!("/audit?kind=person&object={PAYLOAD}"),
        format!("/audit?kind=channel&object={PAYLOAD}&act={PAYLOAD}&outcome={PAYLOAD}&from={PAYLOAD}"),
        format!("/audit/export?key={KEY}"),
        "/audit/1".to_owned(),
        format!("/help?{PAYLOAD}"),
    ] {
        let answer = get(&path).await;
        assert!(answer.status < 500, "{path}: {}", answer.status);
    }
    ask(address, Ask::form("/sign-in", &[("login", PAYLOAD), ("password", KEY)])).await;
    let tail =
        Ask::get(&format!("/live?topics=overview,tail1,tail2&tail1.key={KEY}&tail2.type={PAYLOAD}")).cookie(&cookie);
    let mut stream = open(address, tail).await.unwrap();
    stream.next_of("tail1").await.unwrap();

    let Ended { status, log, out, .. } = end(server);
    assert!(status.success(), "{status}");
    store.close().await;
    let rows = "select coalesce(string_agg(e::text, E'\\n' order by id), '') from audit_entry e";
    let (entries, keys) = (sql_on(&url, rows).await, sql_on(&url, "select count(*) from audit_key").await);
    let text = [entries.as_str(), &log.join("\n"), &out.join("\n")].concat().to_lowercase();
    for mark in [KEY, HEADER, PAYLOAD, PASSWORD, hex.as_str()] {
        assert!(!text.contains(mark), "{mark:?} in {text}");
    }
    assert!(keys.parse::<u32>().unwrap() > 0, "and of keys there is the hash");
    // The lines are the log.
    let lines: Vec<serde_json::Value> =
        out.iter().map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}"))).collect();
    let numbers = |sql: &'static str| sql_on(&url, sql);
    let mut told: Vec<_> = lines.iter().map(|l| l["id"].as_i64().unwrap()).collect();
    told.sort_unstable();
    let told = told.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    assert_eq!(numbers("select string_agg(id::text, ',' order by id) from audit_entry").await, told);
    assert!(lines.iter().any(|l| l["use_case"] == "events/payload" && l["login"] == "mara" && l["keys"] == 1));
    // Two tails were open when it ended.
    let tails = "select string_agg(outcome, ' ' order by outcome) from audit_entry where use_case = 'events/tail'";
    assert_eq!(numbers(tails).await, "began began ended ended");
}

#[test]
fn check_tells_everything_and_fails() {
    let good = configure(CONFIG);
    let done = weir(&good, "postgres://weir@localhost/weir", &["check"]).output().unwrap();
    let said = String::from_utf8(done.stdout).unwrap();
    assert!(done.status.success() && said.starts_with("weir.toml: no mistakes."), "{said}");

    let bad = configure("listen = 5\nlisen = 5\n");
    let done = weir(&bad, "", &["check"]).output().unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(1));
    assert!(
        said.contains("weir.toml:1: listen is an integer") && said.contains("weir.toml:2: lisen is not a key"),
        "{said}"
    );
    assert!(said.contains("3 mistakes in weir.toml."), "{said}");

    fs::remove_file(bad.path().join("weir.toml")).unwrap();
    let done = weir(&bad, "", &["serve"]).output().unwrap();
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&done.stderr).contains("weir example > weir.toml"));
    let example = Command::new(WEIR).arg("example").output().unwrap();
    fs::write(bad.path().join("weir.toml"), example.stdout).unwrap();
    assert!(weir(&bad, "", &["check"]).output().unwrap().status.success());
}

#[test]
fn it_says_its_version() {
    let done = Command::new(WEIR).arg("--version").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&done.stdout), concat!("weir ", env!("CARGO_PKG_VERSION"), "\n"));
}

/// A process that only taps: it answers whether it lives where it was told to, and serves no console.
#[tokio::test(flavor = "multi_thread")]
async fn a_tap_says_that_it_lives_and_serves_nothing_else() {
    let (url, _database) = fresh_database().await.unwrap();
    let dir = configure(&format!("{CONFIG}health_listen = \"127.0.0.1:0\"\n"));
    let server = serve_as(&dir, &url, &["tap"]);
    ready(server.address).await;
    assert_eq!(ask(server.address, Ask::get("/healthz")).await.status, 200);
    for path in ["/", "/sign-in", "/api/access/me"] {
        assert_eq!(ask(server.address, Ask::get(path)).await.status, 404, "{path}");
    }
    let Ended { status, log, took, .. } = end(server);
    assert!(status.success() && took < Duration::from_secs(10), "{status} after {took:?}");
    assert!(log.iter().any(|l| l.contains("\"roles\":\"tap\"")), "{log:#?}");

    let wrong = weir(&dir, &url, &["serve", "--roles", "web,tapp"]).output().unwrap();
    let said = String::from_utf8(wrong.stderr).unwrap();
    assert!(!wrong.status.success() && said.contains("web, tap, engine"), "{said}");
}

/// Back to what an older program knows: told first, done only when asked to, and never under a server at work.
#[tokio::test(flavor = "multi_thread")]
async fn the_schema_goes_back_only_when_nobody_is_at_work() {
    let (url, _database) = fresh_database().await.unwrap();
    let dir = configure(CONFIG);
    let server = serve(&dir, &url);
    ready(server.address).await;
    let said = |args: &[&str]| {
        let done = weir(&dir, &url, args).output().unwrap();
        let text =
            String::from_utf8_lossy(if done.status.success() { &done.stdout } else { &done.stderr }).into_owned();
        (done.status.success(), text)
    };
    const OLD: &str = "20261123091900";
    let (ok, text) = said(&["migrate", "--down-to", OLD]);
    assert!(ok && text.contains("capture tap member") && text.contains("--yes"), "{text}");
    let (ok, text) = said(&["migrate", "--down-to", OLD, "--yes"]);
    assert!(!ok && text.contains("stop every one first"), "{text}");
    end(server);
    let (ok, text) = said(&["migrate", "--down-to", "17", "--yes"]);
    assert!(!ok && text.contains("no schema 17"), "{text}");
    let (ok, text) = said(&["migrate", "--down-to", OLD, "--yes"]);
    assert!(ok && text.contains(&format!("The schema is at {OLD}")), "{text}");
    let (ok, text) = said(&["migrate", "--down-to", OLD]);
    assert!(ok && text.contains("already"), "{text}");
    assert!(said(&["migrate"]).0, "and up again");
}
