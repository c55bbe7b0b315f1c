//! The command line as a program: `weir events`, `weir sources` and `weir doctor`, run for real against a real server.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at its first surprise")]

mod common;

use std::{
    fs,
    io::{Read as _, Write as _},
    net::SocketAddr,
    process::{Command, Output, Stdio},
};

use common::{
    World,
    lag::{On, observe},
    seed::event,
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    task::JoinHandle,
};
use weir_domain::{access::Role, lag::Status};

const WEIR: &str = env!("CARGO_BIN_EXE_weir");

/// A server with events, and a token for each role that matters.
struct Served {
    world: World,
    seeded: common::seed::Seeded,
    cookie: String,
    token: String,
}

async fn served() -> Served {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let seeded = world.seed().await;
    let token = world.token(&cookie, "all", Role::ALL).await.text;
    Served { world, seeded, cookie, token }
}

impl Served {
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(WEIR);
        command.args(args).env_clear().current_dir(self.world.dir.path());
        command.env("WEIR_URL", format!("http://{}", self.world.address)).env("WEIR_TOKEN", &self.token);
        command
    }

    /// Away from this test's own thread, which serves.
    async fn run(&self, args: &[&str]) -> Output {
        let mut command = self.command(args);
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }

    /// Standard output, then standard error, with what changes from run to run taken out.
    async fn said(&self, args: &[&str]) -> String {
        let done = self.run(args).await;
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let (out, err) = (text(&done.stdout), text(&done.stderr));
        let code = done.status.code().unwrap();
        let port = self.world.address.port().to_string();
        for line in out.lines() {
            let wide = args.contains(&"--json") || args.contains(&"--csv");
            assert!(wide || line.chars().count() <= 80, "wider than 80: {line}");
        }
        format!("{out}--- {code}\n{err}").replace(&port, "PORT").replace(&self.token, "TOKEN")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_as_a_table_and_as_json() {
    let served = served().await;
    insta::assert_snapshot!("events", served.said(&["events"]).await);
    insta::assert_snapshot!(
        "events_by_key",
        served.said(&["events", "--key", "ord-2", "--channel", "payment.failed"]).await
    );
    insta::assert_snapshot!(
        "events_limited",
        served.said(&["events", "--limit", "2", "--until", "2026-11-22T13:20:04Z"]).await
    );
    insta::assert_snapshot!("events_none", served.said(&["events", "--key", "nobody's", "--env", "test"]).await);

    let json = served.run(&["events", "--json", "--limit", "3"]).await;
    assert!(json.status.success());
    let lines: Vec<serde_json::Value> =
        String::from_utf8(json.stdout).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let ids: Vec<_> = lines.iter().filter_map(|e| e["position"].as_str()).collect();
    assert_eq!(ids, ["10", "9", "8"]);
    assert_eq!(lines[0]["type"], "com.example.payment.failed.v1");
    assert_eq!(lines[0]["payload"]["total"], 1000, "{}", lines[0]);
    let end = &lines[3];
    assert_eq!((lines.len(), end["complete"].as_bool(), end["matches"].as_u64()), (4, Some(false), Some(3)));
    assert!(end["next"].is_string() && end["silent_sources"][0] == "bank", "{end}");
    insta::assert_snapshot!("events_csv", served.said(&["search", "ord-2", "--csv"]).await);
    // More than one page, told once each.
    let many = (100..450).map(|n| event(n, Some(b"many"), Some(b"{}"))).collect();
    let Served { mut seeded, world, cookie, token } = served;
    seeded.append(seeded.order, many).await;
    let served = Served { seeded, world, cookie, token };
    for limit in [&[][..], &["--limit", "1000"]] {
        let all = served.run(&[&["events", "--json"], limit].concat()).await;
        let all = String::from_utf8(all.stdout).unwrap();
        let end: serde_json::Value = serde_json::from_str(all.lines().last().unwrap()).unwrap();
        assert_eq!((all.lines().count(), &end["complete"], &end["matches"]), (361, &true.into(), &360.into()));
    }
    served.world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expression_finds_events_and_what_is_oldest_can_come_first() {
    let served = served().await;
    let lines = async |args: &[&str]| -> Vec<serde_json::Value> {
        let done = served.run(&[args, &["--json"]].concat()).await;
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect()
    };
    let positions = |lines: &[serde_json::Value]| -> Vec<String> {
        lines.iter().filter_map(|e| e["position"].as_str().map(str::to_owned)).collect()
    };
    let found = lines(&["search", "--cel", "channel == \"payment.failed\" && total > 800"]).await;
    assert_eq!(positions(&found), ["10", "9"]);
    assert_eq!((&found[2]["complete"], &found[2]["unjudged"]), (&true.into(), &0.into()), "{}", found[2]);
    // What the expression fails on is left out and counted.
    let found = lines(&["search", "--cel", "total > 800"]).await;
    assert_eq!((positions(&found).len(), &found[2]["unjudged"]), (2, &2.into()), "{}", found[2]);
    let said = served.said(&["search", "--cel", "total > 800"]).await;
    assert!(said.contains("2 events could not be judged and are left out."), "{said}");

    let found = lines(&["search", "--oldest-first", "--limit", "3"]).await;
    assert_eq!(positions(&found), ["1", "2", "3"]);
    assert_eq!((&found[3]["complete"], found[3]["next"].is_string()), (&false.into(), true));
    assert_eq!(positions(&lines(&["search", "--oldest-first", "--cel", "total >= 900"]).await), ["9", "10"]);
    let said = served.said(&["search", "--oldest-first", "--limit", "2"]).await;
    let rows: Vec<_> = said.lines().take(3).collect();
    assert!(rows[0].starts_with("TIME (UTC)") && rows[1].contains("ord-1") && rows[2].contains("ord-2"), "{said}");
    let remark = said.replace('\n', " ");
    assert!(remark.contains("There are newer ones (shown up to") && remark.contains("set --since."), "{said}");

    // One or the other way of asking; what follows has no end to begin at; what can't be read is said with its place.
    for usage in [
        &["search", "ord-1", "--cel", "true == true"][..],
        &["search", "--oldest-first", "--follow"],
        &["search", "--cel", "total >"],
        &["search", "--cel", "nothing(total)"],
    ] {
        let done = served.run(usage).await;
        assert_eq!((done.status.code(), done.stdout.len()), (Some(2), 0), "{usage:?}");
    }
    let said = served.said(&["search", "--cel", "nothing(total)"]).await.replace('\n', " ");
    assert!(said.contains("a function that is known, not `nothing`"), "{said}");
    served.world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_keys_as_a_table_as_json_and_as_what_is_missing() {
    let served = served().await;
    fs::write(served.world.dir.path().join("list.txt"), "ord-2\nno-such, ord-2\n").unwrap();
    let said = served.said(&["keys", "list.txt"]).await;
    let lines: Vec<_> = said.lines().collect();
    assert!(lines[0].starts_with("KEY") && lines[1].starts_with("ord-2    2026-11-22 "), "{said}");
    assert!(lines[1].contains("payment.failed") && lines[2].starts_with("no-such  not found"), "{said}");
    let remarks = "--- 0\n1 of 2 keys were found.\n1 stood there before and counted once.\nNot being read now";
    assert!(said.contains(remarks), "{said}");
    assert!(served.said(&["keys", "list.txt", "--missing"]).await.starts_with("no-such\n--- 0\n"));
    // Nothing is missing: nothing is printed, and that is no failure either.
    fs::write(served.world.dir.path().join("there.txt"), "ord-1\nord-2\n").unwrap();
    assert!(served.said(&["keys", "there.txt", "--missing"]).await.starts_with("--- 0\n2 of 2 keys were found."));
    let json = served.run(&["keys", "list.txt", "--json", "--channel", "order.placed"]).await;
    let lines: Vec<serde_json::Value> =
        String::from_utf8(json.stdout).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let told: Vec<_> = lines.iter().map(|l| (l["key"].as_str().unwrap(), l["found"].as_bool().unwrap())).collect();
    assert_eq!(told, [("ord-2", true), ("no-such", false)]);
    assert_eq!(lines[0]["newest"]["channel"]["name"], "order.placed");

    // By the standard input; and what is no list.
    let mut command = served.command(&["keys", "-", "--json"]);
    let piped = tokio::task::spawn_blocking(move || {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"ord-1;ord-3").unwrap();
        child.wait_with_output().unwrap()
    });
    assert_eq!(piped.await.unwrap().stdout.split(|b| *b == b'\n').count(), 3);
    fs::write(served.world.dir.path().join("empty.txt"), " \n,").unwrap();
    for (file, why) in [("empty.txt", "holds no key"), ("nowhere.txt", "can't be read")] {
        let said = served.said(&["keys", file]).await;
        assert!(said.starts_with("--- 2\n") && said.contains(why), "{said}");
    }
    served.world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_as_a_table_and_as_json() {
    let served = served().await;
    insta::assert_snapshot!("sources", served.said(&["sources"]).await);
    let json = served.run(&["sources", "--json", "--env", "test"]).await;
    let lines: Vec<serde_json::Value> =
        String::from_utf8(json.stdout).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().any(|s| s["name"] == "bank" && s["state"] == "down"));
    served.world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_as_tables_and_as_json() {
    let served = served().await;
    let on = |group, channel, status, lag, loses_in_s| On { group, channel, status, lag, loses_in_s };
    let store = served.world.running.parts.store.clone();
    let shop = [
        on("billing", "order.placed", Status::Stop, Some(1_204), None),
        on("shipping", "order.placed", Status::Ok, Some(2), None),
        on("\u{1b}[31mred", "payment.failed", Status::Warn, Some(40), Some(7_250)),
    ];
    observe(&store, (served.seeded.shop, "shop"), &shop).await;
    observe(&store, (served.seeded.bank, "bank"), &[on("shipping", "transfer.booked", Status::Ok, None, None)]).await;

    let said = served.said(&["lag"]).await;
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("STATUS  GROUP") && lines[0].ends_with("FORECAST"), "{said}");
    assert!(lines[1].starts_with("WARN") && lines[1].ends_with("loses unread events in 2 h"), "{said}");
    assert!(lines[2].starts_with("  it reads slower"), "{said}");
    assert!(
        lines[3].starts_with("STOP    billing") && lines[3].contains("1204  ~ 4 min  never drains: +120"),
        "{said}"
    );
    assert!(!said.contains('\u{1b}') && said.contains("--- 0"), "{said}");
    let json = async |args: &[&str]| -> Vec<serde_json::Value> {
        let done = served.run(&[&["lag"], args, &["--json"]].concat()).await;
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect()
    };
    assert_eq!(json(&[]).await.len(), 4);
    assert_eq!(json(&["--status", "stop"]).await[0]["name"], "billing");
    assert_eq!(json(&["--source", "bank", "--all"]).await.len(), 1);

    let said = served.said(&["lag", "--group", "billing"]).await;
    assert!(said.starts_with("billing at shop: classic, stable, 1 member\n"), "{said}");
    assert!(said.contains("order.placed     0  STOP    4398  5000  602"), "{said}");
    let partitions = json(&["--group", "billing"]).await;
    assert_eq!((partitions.len(), &partitions[1]["channel"]), (2, &"order.placed".into()));
    assert_eq!(partitions[1]["next"], "4398");

    let said = served.said(&["lag", "explain", "--group", "billing"]).await;
    assert!(said.contains("order.placed/0  Weir    STOP    silent"), "{said}");
    assert!(said.contains("Burrow  OK      within"), "{said}");
    let explained = json(&["explain", "--group", "shipping", "--source", "shop"]).await;
    assert_eq!((explained.len(), &explained[0]["channel"]), (2, &"order.placed".into()));
    assert_eq!((&explained[0]["partition"], &explained[0]["weir"]["status"]), (&0.into(), &"OK".into()));

    for (args, code, why) in [
        (&["lag", "--group", "nobody"][..], 1, "no consumer group nobody"),
        (&["lag", "--group", "shipping"], 2, "Several sources have a group shipping"),
        (&["lag", "--source", "nowhere"], 2, "no source"),
        (&["lag", "--status", "bad"], 2, "status"),
        (&["lag", "explain"], 2, "FILE"),
    ] {
        let done = served.run(args).await;
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(code), "{args:?}: {said}");
        assert!(said.contains(why), "{args:?}: {said}");
    }
    served.world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_is_said_with_a_code_for_the_shell() {
    let served = served().await;
    let viewer = served.world.token(&served.cookie, "viewer", &[Role::Viewer]).await.text;
    fs::write(served.world.dir.path().join("viewer.token"), format!("{viewer}\n")).unwrap();
    insta::assert_snapshot!(
        "not_allowed",
        served.said(&["events", "--key", "a", "--token-file", "viewer.token"]).await
    );
    insta::assert_snapshot!("no_such_channel", served.said(&["events", "--channel", "order.plcd"]).await);
    insta::assert_snapshot!("no_token_file", served.said(&["events", "--token-file", "none"]).await);
    insta::assert_snapshot!("no_such_time", served.said(&["events", "--since", "yesterday"]).await);
    for (line, change, code) in [
        ("no token", ("WEIR_TOKEN", ""), 3),
        ("a wrong one", ("WEIR_TOKEN", "weir_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), 3),
        ("one with a line in it", ("WEIR_TOKEN", "weir_\nAAAA"), 2),
        ("no address", ("WEIR_URL", "nonsense"), 2),
        ("nobody there", ("WEIR_URL", "http://127.0.0.1:1"), 4),
        ("not Weir", ("WEIR_URL", &format!("http://{}/somewhere/else", served.world.address)), 4),
        ("no TLS there", ("WEIR_URL", &format!("https://{}", served.world.address)), 4),
    ] {
        let mut command = served.command(&["events"]);
        command.env(change.0, change.1);
        let done = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(code), "{line}: {said}");
        assert!(said.lines().count() >= 2 && done.stdout.is_empty(), "{line}: {said}");
        assert!(change.1.len() < 40 || !change.0.ends_with("TOKEN") || !said.contains(change.1), "{line}: {said}");
    }
    insta::assert_snapshot!(
        "export_not_allowed",
        served.said(&["events", "--json", "--token-file", "viewer.token"]).await
    );
    for usage in [
        &["events", "--csv", "--json"][..],
        &["events", "--csv", "--follow"],
        &["events", "--nonsense"],
        &["events", "--limit", "0"],
        &["events", "--follow", "--since", "1h"],
    ] {
        assert_eq!(served.run(usage).await.status.code(), Some(2), "{usage:?}");
    }
    // A token on the command line would stand in every process list.
    let refused = served.run(&["events", "--token", "weir_x"]).await;
    assert_eq!(refused.status.code(), Some(2));
    served.world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_has_seen_enough_is_no_failure() {
    let served = served().await;
    let mut command = served.command(&["events", "--json"]);
    let (status, said) = tokio::task::spawn_blocking(move || {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Gone before the first line is written.
        drop(child.stdout.take());
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (child.wait().unwrap(), said)
    })
    .await
    .unwrap();
    assert_eq!((status.code(), said.as_str()), (Some(0), ""));
    served.world.running.end().await;
}

/// A server that answers one export with these bytes, and then ends the answer or hangs up.
async fn a_server_that_sends(part: Vec<u8>, to_its_end: bool) -> (SocketAddr, JoinHandle<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answering = tokio::spawn(async move {
        let (mut to, _) = listener.accept().await.unwrap();
        let mut asked = [0; 4096];
        let read = to.read(&mut asked).await.unwrap();
        assert!(asked[..read].starts_with(b"GET /api/v1/events/export?"));
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n",
            part.len()
        );
        let end: &[u8] = if to_its_end { b"\r\n0\r\n\r\n" } else { b"\r\n" };
        to.write_all(&[head.as_bytes(), &part, end].concat()).await.unwrap();
    });
    (address, answering)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_breaks_off_is_a_failure() {
    let served = served().await;
    let whole = served.run(&["events", "--json", "--limit", "2"]).await.stdout;
    let lines: Vec<_> = whole.split_inclusive(|b| *b == b'\n').collect();
    // A server that sends so many bytes and hangs up: in the middle of the answer, of a line, and before its end.
    let (first, all_but_the_end) = (lines[0].len(), lines[0].len() + lines[1].len());
    // Where nothing is found for a while, empty lines come in between.
    let spaced = [b"\n\n".as_slice(), lines[0], b"\n", lines[1], b"\n\n", lines[2]].concat();
    let (address, answering) = a_server_that_sends(spaced, true).await;
    let mut command = served.command(&["events", "--json", "--channel", "order.placed", "--limit", "2"]);
    command.env("WEIR_URL", format!("http://{address}"));
    let done = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    answering.await.unwrap();
    assert_eq!((done.status.code(), &done.stdout), (Some(0), &whole), "as if they were not there");

    for (bytes, chunked_to_its_end) in [(first, false), (first + 9, true), (all_but_the_end, true)] {
        let (address, answering) = a_server_that_sends(whole[..bytes].to_vec(), chunked_to_its_end).await;
        let mut command = served.command(&["events", "--json", "--channel", "order.placed"]);
        command.env("WEIR_URL", format!("http://{address}"));
        let done = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        answering.await.unwrap();
        let said = String::from_utf8(done.stderr).unwrap().replace('\n', " ");
        assert_eq!(done.status.code(), Some(1), "{said}");
        assert!(said.contains("broke off") && said.contains("is not all"), "{said}");
        assert!(whole.starts_with(&done.stdout) && done.stdout.ends_with(b"\n"), "whole lines");
    }
    served.world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn following_tells_what_comes_and_ends_with_its_token() {
    let served = served().await;
    let made = served.world.token(&served.cookie, "follower", &[Role::Support]).await;
    let mut command = tokio::process::Command::from(served.command(&["events", "--follow", "--key", "live"]));
    let mut child = command
        .env("WEIR_TOKEN", &made.text)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    assert_eq!(said.next_line().await.unwrap().unwrap(), "Following; Ctrl-C ends it.");
    let Served { mut seeded, world, cookie, .. } = served;
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let position = std::sync::atomic::AtomicI64::new(500);
    // The positions are taken a moment after the stream begins; whatever comes from then on is told.
    let first = tokio::time::timeout(common::LIMIT, async {
        let mut look = Box::pin(lines.next_line());
        loop {
            let n = position.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            seeded.append(seeded.order, vec![event(n, Some(b"live"), Some(b"{}"))]).await;
            tokio::select! {
                line = &mut look => return line.unwrap().unwrap(),
                () = tokio::time::sleep(std::time::Duration::from_millis(500)) => {}
            }
        }
    })
    .await
    .expect("nothing was told");
    assert!(first.starts_with("TIME (UTC)"), "{first}");
    let row = tokio::time::timeout(common::LIMIT, lines.next_line()).await.unwrap().unwrap().unwrap();
    assert!(row.contains("order.placed") && row.contains("live"), "{row}");

    world.running.parts.cases.tokens.revoke(&world.caller(&cookie).await, &made.id).await.unwrap();
    let status = tokio::time::timeout(common::LIMIT, child.wait()).await.expect("it goes on").unwrap();
    assert_eq!(status.code(), Some(3));
    let mut rest = Vec::new();
    while let Some(line) = said.next_line().await.unwrap() {
        rest.push(line);
    }
    assert!(rest.iter().any(|l| l.starts_with("The token has ended")), "{rest:?}");
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_looks_from_outside() {
    let served = served().await;
    // How much is used is the database's own affair.
    let told = served.said(&["doctor"]).await;
    let told: Vec<&str> =
        told.lines().map(|l| l.split_once(", and ").filter(|l| l.0.contains("budget")).map_or(l, |l| l.0)).collect();
    insta::assert_snapshot!("doctor_remote", told.join("\n"));
    let json = served.run(&["doctor", "--json"]).await;
    assert_eq!(json.status.code(), Some(1), "a source is down");
    let checks: Vec<serde_json::Value> =
        String::from_utf8(json.stdout).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let failed: Vec<_> = checks.iter().filter(|c| c["outcome"] == "failed").collect();
    assert_eq!(failed.len(), 1);
    assert_eq!((failed[0]["of"].as_str(), failed[0]["check"].as_str()), (Some("source bank"), Some("state")));
    assert!(failed[0]["what_to_do"].as_str().is_some_and(|w| !w.is_empty()));
    served.world.running.end().await;
}
