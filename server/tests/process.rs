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
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve(dir: &PrivateDir, database: &str) -> Server {
    let mut child = weir(dir, database, &["serve"]).stderr(Stdio::piped()).spawn().unwrap();
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
    Server { child, address, log }
}

async fn ready(address: SocketAddr) {
    let begun = Instant::now();
    while ask(address, Ask::get("/readyz")).await.status != 200 {
        assert!(begun.elapsed() < LIMIT, "never ready");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn end(mut server: Server) -> (std::process::ExitStatus, Vec<String>, Duration) {
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
    let log = std::mem::replace(&mut server.log, std::thread::spawn(Vec::new)).join().unwrap();
    (status, log, begun.elapsed())
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

    let (status, log, took) = end(server);
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
