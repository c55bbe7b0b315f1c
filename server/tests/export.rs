//! Events exported, by program and by the browser, over a real database: whole, in order, each once.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at its first surprise")]

mod common;

use std::{collections::BTreeSet, time::Instant};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use common::{
    World,
    client::{Answer, Ask, open},
    seed::{Seeded, event},
};
use http::Method;
use serde_json::{Value, json};
use weir_domain::{
    access::Role,
    capture::{CapturedEvent, Withheld, WithheldBy},
};

const EVENTS: i64 = 3000;

/// What the payload of the nth event is: all kinds of things that break the files of careless programs.
fn payload(n: i64) -> Option<Vec<u8>> {
    match n % 8 {
        0 => None,
        1 => Some(
            format!("{{\"n\":{n},\n \"n\":12345678901234567890123.450,\"text\":\"say \\\"hi\\\", \\u0000\\n\"}}")
                .into_bytes(),
        ),
        2 => Some(format!("=HYPERLINK(\"http://evil.example/{n}\",\"a\")").into_bytes()),
        3 => Some(format!("one,\"two\"\r\nthree {n}\n\n").into_bytes()),
        4 => Some([b"nul \0 ".as_slice(), n.to_string().as_bytes()].concat()),
        5 => Some([b"\xff\xfe caf\xe9 ".as_slice(), n.to_string().as_bytes()].concat()),
        6 => Some(format!("-{n}").into_bytes()),
        _ => Some(format!("[{n},\"{}\"]", "Straße \u{202e}".repeat(40)).into_bytes()),
    }
}

fn key(n: i64) -> Option<Vec<u8>> {
    match n % 5 {
        0 => None,
        1 => Some(Vec::new()),
        2 => Some(format!("@sum,\"{n}\"\n").into_bytes()),
        3 => Some([b"\0\xff".as_slice(), n.to_string().as_bytes()].concat()),
        _ => Some(format!("ord-{n}").into_bytes()),
    }
}

/// A server with [`EVENTS`] events in one channel; one of them is too large, one was kept as metadata.
async fn world() -> (World, String, Seeded) {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let mut seeded = world.seed().await;
    let all: Vec<CapturedEvent> = (100..100 + EVENTS)
        .map(|n| CapturedEvent {
            event_type: "order.hostile".into(),
            ..event(n, key(n).as_deref(), payload(n).as_deref())
        })
        .collect();
    for some in all.chunks(700) {
        seeded.append(seeded.order, some.to_vec()).await;
    }
    (world, cookie, seeded)
}

/// Lines of an export: its events and its end.
fn lines(answer: &Answer) -> (Vec<Value>, Value) {
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/x-ndjson"), "{}", answer.text());
    assert!(answer.body.ends_with(b"\n"));
    let text = answer.text();
    // On a slow machine an empty line may stand in between.
    let lines = text.lines().filter(|l| !l.is_empty());
    let mut lines: Vec<Value> = lines.map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}"))).collect();
    let end = lines.pop().unwrap();
    assert!(end["complete"].is_boolean() && end["id"].is_null(), "{end}");
    assert!(lines.iter().all(|l| l["id"].is_string() && l["complete"].is_null()));
    (lines, end)
}

fn positions(events: &[Value]) -> Vec<i64> {
    events.iter().map(|e| e["position"].as_str().unwrap().parse().unwrap()).collect()
}

/// Rows of a table as RFC 4180 has them; what stands without quotes and is empty is null.
fn table(text: &str) -> Vec<Vec<Option<String>>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), None::<String>);
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '"' if cell.is_none() => {
                let mut quoted = String::new();
                loop {
                    match letters.next().expect("a quote has its end") {
                        '"' if letters.peek() == Some(&'"') => quoted.push(letters.next().unwrap()),
                        '"' => break,
                        c => quoted.push(c),
                    }
                }
                assert!(matches!(letters.peek(), Some(',' | '\r')), "after {quoted:?}");
                cell = Some(quoted);
            }
            ',' => row.push(cell.take()),
            '\r' => {
                assert_eq!(letters.next(), Some('\n'));
                row.push(cell.take());
                rows.push(std::mem::take(&mut row));
            }
            c => cell.get_or_insert_default().push(c),
        }
    }
    assert!(row.is_empty() && cell.is_none(), "the last row has its end");
    rows
}

type Row = Vec<Option<String>>;

/// Rows of a table and, if it has one, the record at its end that tells what it leaves out: in words, and the end.
fn apart(mut rows: Vec<Row>) -> (Vec<Row>, Option<(String, Value)>) {
    let last = rows.pop_if(|row| row[0].as_deref() == Some("#weir.export.completeness"));
    let told = last.map(|row| {
        assert_eq!(row.len(), rows[0].len().max(3), "it is as wide as the table");
        assert!(row[3..].iter().all(Option::is_none), "{row:?}");
        (row[1].clone().unwrap(), serde_json::from_str(row[2].as_ref().unwrap()).unwrap())
    });
    (rows, told)
}

/// Without the apostrophe before what would be a formula.
fn unguarded(text: &str) -> &str {
    text.strip_prefix('\'').filter(|t| t.starts_with(['=', '+', '-', '@', '\t', '\r', '\n'])).unwrap_or(text)
}

/// The bytes that a payload of an export stands for.
fn bytes(is: &str, text: Option<&str>) -> Option<Vec<u8>> {
    let text = text.map(str::to_owned);
    match is {
        "null" => None,
        "json" | "text" => Some(text.unwrap().into_bytes()),
        "base64" => Some(STANDARD.decode(text.unwrap()).unwrap()),
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_whole_in_order_and_each_event_once() {
    let (world, cookie, _) = world().await;
    let token = world.token(&cookie, "all", Role::ALL).await.text;
    let (events, end) = lines(&world.rest(&token, "/api/v1/events/export?type=order.hostile").await);
    assert_eq!(positions(&events), (100..100 + EVENTS).rev().collect::<Vec<_>>());
    assert_eq!(
        (&end["complete"], &end["matches"], &end["next"], &end["passed_over"]),
        (&json!(true), &json!(EVENTS), &Value::Null, &json!(false))
    );
    assert_eq!(end["silent_sources"], json!(["bank"]));
    assert!(end["scanned"].as_u64().unwrap() >= EVENTS as u64 && end["gaps"] == 0, "{end}");

    // What was sent is there, each kind as what it is.
    for event in &events {
        let n: i64 = event["position"].as_str().unwrap().parse().unwrap();
        let is = event["payload_is"].as_str().unwrap();
        let want = ["null", "json", "text", "text", "base64", "base64", "json", "json"][(n % 8) as usize];
        assert_eq!(is, want, "{event}");
        if want != "json" {
            assert_eq!(bytes(is, event["payload"].as_str()), payload(n), "{n}");
        }
        assert_eq!((event["headers"][0]["name"].as_str(), &event["headers_total"]), (Some("trace"), &json!(1)));
        assert_eq!(
            (&event["environment"], &event["masked"], &event["absent"]),
            (&json!("test"), &json!([]), &Value::Null)
        );
        assert_eq!(event["key"].is_null(), n % 5 == 0, "{event}");
    }
    // Documents are not read and written anew: what JSON's readers lose is there.
    let raw = world.rest(&token, "/api/v1/events/export?type=order.hostile&limit=8").await.text();
    let json = raw.lines().find(|l| l.contains("12345678901234567890123.450")).unwrap();
    assert!(
        json.contains(
            "\"payload\":{\"n\":3097,  \"n\":12345678901234567890123.450,\"text\":\"say \\\"hi\\\", \\u0000\\n\"}"
        ),
        "{json}"
    );

    // As a table it is the same.
    let csv = world.rest(&token, "/api/v1/events/export?type=order.hostile&format=csv").await;
    assert_eq!((csv.status, csv.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert!(!csv.body.contains(&0), "no reader stops in the middle");
    let (mut rows, told) = apart(table(std::str::from_utf8(&csv.body).unwrap()));
    // What lines tell at their end, tables do too.
    let (but, told) = told.unwrap();
    assert_eq!(but, "Not being read now, and may have more: bank.");
    for field in ["complete", "matches", "gaps", "silent_sources", "hidden_channels", "next"] {
        assert_eq!(told[field], end[field], "{field}: {told}");
    }
    let head: Vec<_> = rows.remove(0).into_iter().map(Option::unwrap).collect();
    let columns = "time source channel partition offset type key size payload payload_is id";
    assert_eq!(head.join(" "), columns);
    assert_eq!(rows.len(), events.len());
    for (row, event) in rows.iter().zip(&events) {
        let cell = |name: &str| row[head.iter().position(|h| h == name).unwrap()].as_deref();
        for (column, field) in
            [("time", "time"), ("offset", "position"), ("type", "type"), ("payload_is", "payload_is")]
        {
            assert_eq!(cell(column), event[field].as_str(), "{row:?}");
        }
        assert_eq!(
            (cell("source"), cell("channel"), cell("id")),
            (Some("shop"), Some("order.placed"), event["id"].as_str())
        );
        let formula = |text: Option<&str>| text.is_some_and(|t| t.starts_with(['=', '+', '-', '@']));
        assert!(!row.iter().any(|cell| formula(cell.as_deref())), "{row:?}");
        let n: i64 = cell("offset").unwrap().parse().unwrap();
        let is = cell("payload_is").unwrap();
        let sent =
            payload(n).map(|p| if is == "json" { String::from_utf8(p).unwrap().replace('\n', " ").into() } else { p });
        assert_eq!(bytes(is, cell("payload").map(unguarded)), sent, "{row:?}");
        assert_eq!(cell("key").map(unguarded), event["key"].as_str(), "{row:?}");
    }
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_goes_on_where_a_limit_ended_it_and_finds_what_a_query_finds() {
    let (world, cookie, mut seeded) = world().await;
    let token = world.token(&cookie, "all", &[Role::Support]).await.text;
    let ask = async |query: &str| world.rest(&token, &format!("/api/v1/events/export?{query}")).await;
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let (events, end) = lines(&ask(&format!("type=order.hostile&limit=1300{cursor}")).await);
        all.extend(positions(&events));
        let Some(next) = end["next"].as_str() else {
            assert_eq!((&end["complete"], events.len()), (&json!(true), 400));
            break;
        };
        assert_eq!((&end["complete"], events.len()), (&json!(false), 1300));
        cursor = format!("&cursor={next}");
    }
    assert_eq!(all, (100..100 + EVENTS).rev().collect::<Vec<_>>());
    let (rows, told) = apart(table(&ask("type=order.hostile&limit=5&format=csv").await.text()));
    let (but, end) = told.unwrap();
    assert!(rows.len() == 6 && but.starts_with("A limit was reached") && but.contains("bank"), "{but}");
    assert!(end["next"].is_string() && end["complete"] == false, "it can go on from there: {end}");
    // Nothing is left out where everything is read: it ends with its last event.
    let whole = ask("source=shop&type=order.hostile&query=key:ord-104&format=csv").await;
    let (rows, told) = apart(table(&whole.text()));
    assert_eq!((rows.len(), told), (2, None));

    // All of one subject: what holds its key, and nothing else.
    let (events, end) = lines(&ask("query=key:ord-104").await);
    assert_eq!((positions(&events), &end["complete"], &end["matches"]), (vec![104], &json!(true), &json!(1)));
    let (events, end) = lines(&ask("query=key:ord-2").await);
    assert_eq!((positions(&events), &end["complete"]), (vec![10, 9, 8, 2], &json!(true)));
    // Looked into: by words, by numbers, page after page.
    let (events, end) = lines(&ask("query=HYPERLINK").await);
    assert_eq!(positions(&events), (100..100 + EVENTS).rev().filter(|n| n % 8 == 2).collect::<Vec<_>>());
    assert!(end["opened"].as_u64().unwrap() >= events.len() as u64 && end["complete"] == true, "{end}");
    let (events, _) = lines(&ask("query=n%3C200&channel=order.placed").await);
    assert_eq!(positions(&events).len(), 12, "{events:?}");
    // The other way round, page after page: the same, turned round.
    let (events, end) = lines(&ask("query=HYPERLINK&order=oldest").await);
    assert_eq!(positions(&events), (100..100 + EVENTS).filter(|n| n % 8 == 2).collect::<Vec<_>>());
    assert_eq!((&end["complete"], &end["next"]), (&json!(true), &Value::Null));
    // By an expression: what it fails on is left out, and told once, however many pages it took.
    let (events, end) = lines(&ask("query=cel:%20n%3E%3D200%20%26%26%20channel%3D%3D%22order.placed%22").await);
    assert_eq!(positions(&events), (100..100 + EVENTS).rev().filter(|n| n % 8 == 1).collect::<Vec<_>>());
    let of_channel = lines(&ask("channel=order.placed").await).0.len();
    assert_eq!(end["unjudged"].as_u64().unwrap(), (of_channel - events.len()) as u64, "{end}");
    let (none, end) = lines(&ask("query=nothing-like-it").await);
    assert_eq!((none.len(), &end["complete"], &end["matches"]), (0, &json!(true), &json!(0)));

    // What is too large, and what is not there, says so and is no gap in the file.
    let large = event(9000, Some(b"large"), Some(&vec![b'x'; 1 << 20]));
    let withheld = Withheld { size: 10, tombstone: false, by: WithheldBy::Ceiling };
    let kept = CapturedEvent { withheld: Some(withheld), ..event(9001, None, None) };
    let many = (9002..9042).map(|n| event(n, Some(b"large"), Some(&vec![b'y'; 600_000]))).collect();
    seeded.append(seeded.order, vec![large, kept]).await;
    seeded.append(seeded.order, many).await;
    let (events, end) = lines(&ask("query=offset%3E%3D9000").await);
    assert_eq!((positions(&events), &end["matches"]), ((9000..9042).rev().collect(), &json!(42)));
    assert!(events[..40].iter().all(|e| e["payload"].as_str().is_some_and(|p| p.len() == 600_000)));
    let state = |e: &Value| (e["payload_is"].clone(), e["absent"].clone(), e["payload"].clone(), e["headers"].clone());
    assert_eq!(state(&events[40]), (json!("absent"), json!("metadata_only"), Value::Null, Value::Null));
    assert_eq!(state(&events[41]), (json!("too_large"), Value::Null, Value::Null, Value::Null));
    assert_eq!(events[41]["key"], "large");
    let payload = world.rest(&token, &format!("/api/v1/events/{}/payload", events[41]["id"].as_str().unwrap())).await;
    assert_eq!(payload.body.len(), 1 << 20);

    for wrong in [
        "format=xml",
        "limit=0",
        "limit=1000001",
        "cursor=x",
        "chanel=a",
        "channel=none",
        "query=a%20AND",
        "query=cel:%20a%3D1",
        "order=up",
    ] {
        let answer = ask(wrong).await;
        assert_eq!((answer.status, answer.header("content-type")), (400, "application/problem+json"), "{wrong}");
    }
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_downloads_what_its_page_finds() {
    let (world, cookie, seeded) = world().await;
    let get =
        async |cookie: &str, query: &str| world.ask(Ask::get(&format!("/events/export?{query}")).cookie(cookie)).await;
    // The page's own address, whichever of its pages and whatever is open on it.
    let place = "channel=order.placed&type=order.hostile&q=key%3Aord-*&from=2026-11-22T13%3A20%3A00Z&tail=1&sel=1-2&tab=raw&page=3&before=1.1-1";
    let answer = get(&cookie, place).await;
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"weir-events.ndjson\"");
    let (events, end) = lines(&answer);
    assert_eq!((events.len(), &end["complete"]), (EVENTS as usize / 5, &json!(true)));
    let csv = get(&cookie, &format!("{place}&format=csv")).await;
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"weir-events.csv\"");
    assert_eq!(
        (csv.header("content-type"), apart(table(&csv.text())).0.len()),
        ("text/csv; charset=utf-8", EVENTS as usize / 5 + 1)
    );
    // An id says that it is one; a number alone is a name, as on the page.
    let of_id = get(&cookie, &format!("channel=%23{}&type=order.hostile", seeded.orders.0)).await;
    assert_eq!(lines(&of_id).0.len(), EVENTS as usize);
    for wrong in ["format=xml", "from=never", "cursor=x", "channel=none", "channel=1", "source=1", "q=a%20AND"] {
        let page = get(&cookie, wrong).await;
        assert_eq!((page.status, page.header("content-disposition")), (400, ""), "{wrong}");
    }
    // Nobody else's page, and no event page of that name.
    let viewer = world.another("vic", &["viewer"]).await;
    let refused = get(&viewer, place).await;
    assert!(refused.status == 403 && refused.text().contains("events.export"), "{}", refused.text());
    let token = world.token(&viewer, "vic's", &[Role::Viewer]).await.text;
    let problem = world.rest(&token, "/api/v1/events/export").await;
    assert_eq!((problem.status, &problem.json()["needs"]), (403, &json!("events.export")));
    let told =
        "select count(*) from audit_entry where use_case = 'events/export' and outcome = 'refused' and login = 'vic'";
    assert_eq!(world.sql(told).await, "2");
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_hangs_up_ends_the_walk() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let mut seeded = world.seed().await;
    // More than all buffers on the way hold.
    let wide = vec![b'w'; 20_000];
    let all: Vec<_> = (100..100 + EVENTS).map(|n| event(n, Some(b"wide"), Some(&wide))).collect();
    for some in all.chunks(300) {
        seeded.append(seeded.order, some.to_vec()).await;
    }
    let token = world.token(&cookie, "all", Role::ALL).await.text;
    let begun = async || {
        let ask = Ask::program(Method::GET, "/api/v1/events/export?key=wide").bearer(&token);
        open(world.address, ask).await.unwrap()
    };
    let first = begun().await;
    assert_eq!(first.status, 200);
    drop(first.until("\"payload_is\":\"text\"").await);
    let ended = "select coalesce(string_agg(reason || ' ' || (shape->>'total'), ','), '') from audit_entry
                 where use_case = 'events/export' and outcome = 'ended'";
    let waited = Instant::now();
    let told = loop {
        let told = world.sql(ended).await;
        if !told.is_empty() {
            break told;
        }
        assert!(waited.elapsed() < common::LIMIT, "it goes on for nobody");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    let shown: i64 = told.strip_prefix("left ").unwrap_or_else(|| panic!("{told}")).parse().unwrap();
    assert!((1..EVENTS).contains(&shown), "{shown}");
    // Who was shown the key is found by it.
    let key = "select count(distinct e.id) from audit_key k join audit_entry e on e.id = k.entry_id and e.use_case = 'events/export'";
    assert_eq!(world.sql(key).await, "2", "when it began, and when it ended");

    // One token has so many at once, and no more.
    let mut open = Vec::new();
    for _ in 0..4 {
        open.push(begun().await);
    }
    let busy = world.rest(&token, "/api/v1/events/export").await;
    assert_eq!((busy.status, busy.header("retry-after")), (429, "10"), "{}", busy.text());
    // Taken away in the middle, the token ends them: cut off, never ended as if they were whole.
    world.sql("update api_token set revoked_at = now()").await;
    let other = world.log_in().await;
    world.ask(Ask::form("/sign-out", &[]).cookie(&other)).await;
    let statuses: BTreeSet<_> = open.iter().map(|s| s.status).collect();
    assert_eq!(statuses, BTreeSet::from([200]));
    for stream in open {
        assert!(stream.breaks_off().await, "it ended as if it were whole");
    }
    world.running.end().await;
}

/// A table of chosen columns: whole values, by program and by the page's own address.
#[tokio::test(flavor = "multi_thread")]
async fn a_table_has_the_columns_that_are_asked_for() {
    let (world, cookie, mut seeded) = world().await;
    let long = "x".repeat(2000);
    let payload = format!(r#"{{"data":{{"amount":12.50,"note":"{long}","tags":["a","b"]}}}}"#);
    seeded.append(seeded.order, vec![event(100 + EVENTS, Some(b"ord-new"), Some(payload.as_bytes()))]).await;
    let token = world.token(&cookie, "columns", &[Role::Support]).await.text;
    let asked = "format=csv&columns=key,offset,data.amount,data.note,data.tags,none";
    let by_program =
        world.ask(Ask::program(Method::GET, &format!("/api/v1/events/export?{asked}&limit=1")).bearer(&token)).await;
    assert_eq!(by_program.status, 200, "{}", by_program.text());
    let rows = table(&by_program.text());
    let row = |cells: &[Option<&str>]| cells.iter().map(|c| c.map(str::to_owned)).collect::<Vec<_>>();
    assert_eq!(rows[0], row(&["key", "offset", "data.amount", "data.note", "data.tags", "none"].map(Some)));
    let offset = (100 + EVENTS).to_string();
    assert_eq!(rows[1], row(&[Some("ord-new"), Some(&offset), Some("12.50"), Some(&long), Some("a, b"), None]));
    let by_page = world.ask(Ask::get(&format!("/events/export?{asked}")).cookie(&cookie)).await;
    assert_eq!(table(&by_page.text())[..2], rows[..2]);
    let refused =
        world.ask(Ask::program(Method::GET, "/api/v1/events/export?format=csv&columns=a%20b").bearer(&token)).await;
    assert_eq!(refused.status, 400, "{}", refused.text());
}
