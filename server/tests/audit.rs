//! The audit log as people meet it: its page, an entry's own page, and its export.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at its first surprise")]

mod common;

use common::{
    World,
    client::{Answer, Ask},
    events::{Marked, stored},
    html,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use weir_domain::{EventId, access::Role};

const KEY: &str = "ord-73205";

/// An administrator who has opened one event by its key, and the event.
async fn world() -> (World, String, EventId) {
    let world = World::start().await;
    let mara = world.administrator().await;
    let parts = &world.running.parts;
    let marked = Marked { key: KEY, header: "a header", payload: "a payload" };
    let id = stored(&parts.store, parts.clock.now(), marked).await;
    // The catalog is read at most once a second.
    let begun = std::time::Instant::now();
    while !get(&world, &mara, &format!("/events?key={KEY}")).await.text().contains(&format!("data-event=\"{id}\"")) {
        assert!(begun.elapsed() < common::LIMIT, "the event never came");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(get(&world, &mara, &format!("/events/{id}")).await.text().contains("a payload"));
    (world, mara, id)
}

async fn get(world: &World, cookie: &str, path: &str) -> Answer {
    world.ask(Ask::get(path).cookie(cookie)).await
}

/// The table's rows: the form above names every act.
fn rows(page: &str) -> &str {
    page.split_once("<tbody>").map_or("", |(_, rows)| rows.split_once("</tbody>").unwrap().0)
}

/// Numbers of the entries that a page links to, in its order.
fn listed(page: &str) -> Vec<i64> {
    let links = html::tags(page).into_iter().filter(|t| t.name == "a").flat_map(|t| t.attributes);
    let numbers =
        links.filter(|(name, _)| name == "href").filter_map(|(_, to)| to.strip_prefix("/audit/")?.parse().ok());
    let mut seen = BTreeSet::new();
    numbers.filter(|n| seen.insert(*n)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_finds_who_saw_a_key_and_sees_no_event() {
    let (world, _, id) = world().await;
    let vera = world.another("vera", &["auditor"]).await;
    let page = get(&world, &vera, &format!("/audit?key={KEY}")).await;
    assert_eq!(page.status, 200);
    let text = page.text();
    for told in ["mara", "Opened an event", "Searched events", "by key"] {
        assert!(rows(&text).contains(told), "{told:?} is not in {text}");
    }
    assert!(text.contains("Whoever was shown an event with this key"), "{text}");
    assert!(!rows(&text).contains("Created the first administrator"), "that has nothing to do with the key");
    // What was typed stands in the form and in the page's own addresses, and nowhere else.
    for (at, _) in text.match_indices(KEY) {
        let before = &text[text.floor_char_boundary(at.saturating_sub(60))..at];
        // Quoted in the page, and once more where the page is carried along for the bundle.
        let bare = before.trim_end_matches(['\\', '"']);
        let typed = bare.ends_with("value=") || ["key=", "key%3D"].iter().any(|own| before.ends_with(own));
        assert!(typed, "{before}{KEY}");
    }
    // The same by the event, without knowing its key.
    let by_event = get(&world, &vera, &format!("/audit?seen={id}")).await.text();
    assert!(rows(&by_event).contains("Opened an event") && !by_event.contains(KEY), "{by_event}");
    assert!(listed(&by_event).len() >= listed(&text).len().min(2));
    let nobody = get(&world, &vera, "/audit?key=ord-4712").await.text();
    assert!(nobody.contains("Nothing in the log fits this filter"), "{nobody}");

    let event = get(&world, &vera, &format!("/events/{id}")).await.text();
    assert!(!event.contains("a payload") && !event.contains(KEY), "{event}");
    assert_eq!(get(&world, &vera, &format!("/events/{id}/payload")).await.status, 403);
    let refused = get(&world, &vera, "/audit?person=vera&outcome=refused").await.text();
    let refused = rows(&refused);
    assert!(refused.contains("needs events.payload") && refused.contains("Downloaded a payload"), "{refused}");
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_entry_has_a_page_of_its_own() {
    let (world, mara, id) = world().await;
    let page = get(&world, &mara, "/audit?act=events%2Fdetail").await.text();
    let number = listed(&page)[0];
    let entry = get(&world, &mara, &format!("/audit/{number}")).await;
    assert_eq!(entry.status, 200);
    let text = entry.text();
    for told in [
        "mara",
        "events/detail",
        "Opened an event",
        "allowed",
        "a browser that signed in",
        "127.0.0.1",
        "key, headers, payload",
    ] {
        assert!(text.contains(told), "{told:?} is not in {text}");
    }
    assert!(text.contains(&format!("href=\"/events/{id}\"")) && text.contains("1 key, kept as hashes"), "{text}");
    for nowhere in ["/audit/999999999", "/audit/x", "/audit/1/2"] {
        assert_eq!(get(&world, &mara, nowhere).await.status, 404, "{nowhere}");
    }
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_holds_what_the_page_lists_and_is_in_the_log_itself() {
    let (world, mara, _) = world().await;
    for _ in 0..130 {
        get(&world, &mara, "/api/events/list?query=").await;
    }
    let filter = "person=mara&act=events%2Flist";
    let (mut pages, mut before) = (Vec::new(), String::new());
    loop {
        let page = get(&world, &mara, &format!("/audit?{filter}{before}")).await.text();
        let numbers = listed(&page);
        before = format!("&before={}", numbers.last().unwrap());
        pages.extend(numbers);
        if !page.contains("rel=\"next\"") {
            break;
        }
    }
    let export = get(&world, &mara, &format!("/audit/export?{filter}")).await;
    assert_eq!((export.status, export.header("content-type")), (200, "application/x-ndjson"));
    assert!(export.header("content-disposition").contains("weir-audit.ndjson"));
    let text = export.text();
    let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let numbers: Vec<_> = lines.iter().map(|l| l["id"].as_i64().unwrap()).collect();
    assert!(numbers.len() > 130 && numbers == pages, "{numbers:?}\n{pages:?}");
    assert!(
        lines.iter().all(|l| l["login"] == "mara"
            && l["use_case"] == "events/list"
            && l["at"].as_str().unwrap().ends_with('Z'))
    );

    let begun = std::time::Instant::now();
    while world
        .sql("select string_agg(outcome, ' ' order by id) from audit_entry where use_case = 'audit/export'")
        .await
        != "began ended"
    {
        assert!(begun.elapsed() < common::LIMIT, "it never ended");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let nonsense = get(&world, &mara, "/audit/export?outcome=x").await;
    assert_eq!(nonsense.status, 400);
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_reads_the_log_and_is_in_it() {
    let (world, mara, id) = world().await;
    let vera = world.another("vera", &["auditor"]).await;
    let made = world.token(&vera, "collector", &[Role::Auditor]).await;
    let opener = world.token(&mara, "opener", &[Role::Support]).await;
    let (token, opened) = (made.text.as_str(), format!("/api/v1/events/{id}"));
    assert_eq!(world.rest(&opener.text, &opened).await.status, 200);
    // Who saw it, and with which token: one question.
    let page = world.rest(token, &format!("/api/v1/audit?key={KEY}&act=events/detail")).await;
    assert_eq!((page.status, page.text().contains("a payload"), page.text().contains(KEY)), (200, false, false));
    let page = page.json();
    let entry = &page["entries"][0];
    assert_eq!(
        (&entry["login"], &entry["via"], &entry["token_id"], &entry["outcome"]),
        (&json!("mara"), &json!("token"), &json!(opener.id.0), &json!("allowed"))
    );
    assert_eq!((&entry["object"]["kind"], &entry["object"]["id"]), (&json!("event"), &json!(id.to_string())));
    assert_eq!(entry["shape"]["parts"], json!(["key", "headers", "payload"]));
    let by_event = world.rest(token, &format!("/api/v1/audit?event={id}&act=events/detail")).await.json();
    assert_eq!(by_event["entries"], page["entries"]);
    // The token's name is where it was made.
    let making = world.rest(token, &format!("/api/v1/audit?kind=token&object={}", opener.id.0)).await.json();
    let (first, made_by) = (&making["entries"][0], &making["entries"][0]["act"]);
    assert_eq!((made_by, &first["object"]["name"]), (&json!("tokens/create"), &json!("opener")));
    assert_eq!(first["after"]["roles"], json!(["support"]));
    let number = entry["id"].as_str().unwrap();
    assert_eq!(world.rest(token, &format!("/api/v1/audit/{number}")).await.json(), *entry);
    for nowhere in ["999999999", "x"] {
        assert_eq!(world.rest(token, &format!("/api/v1/audit/{nowhere}")).await.status, 404, "{nowhere}");
    }

    // Page by page it is what the export holds.
    for _ in 0..7 {
        world.rest(&opener.text, "/api/v1/events?limit=1").await;
    }
    let filter = "act=events/list&person=mara";
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.rest(token, &format!("/api/v1/audit?{filter}&limit=3{cursor}")).await.json();
        pages.extend(page["entries"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let export = world.rest(token, &format!("/api/v1/audit/export?{filter}")).await;
    assert_eq!((export.status, export.header("content-type")), (200, "application/x-ndjson"));
    let lines: Vec<Value> = export.text().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert!(lines.len() > 7 && lines == pages, "{lines:?}\n{pages:?}");

    // What is not understood is named.
    for query in ["kind=channel", "object=a", "kind=x&object=a", "outcome=x", "event=x", "cursor=x", "from=x", "env=1"]
    {
        for path in ["/api/v1/audit", "/api/v1/audit/export"] {
            let answer = world.rest(token, &format!("{path}?{query}")).await;
            assert_eq!(answer.status, 400, "{path}?{query}: {}", answer.text());
        }
    }
    // A token that may not, one that may nothing of the kind whatever it is, and one that is none.
    assert_eq!(world.rest(&opener.text, "/api/v1/audit").await.status, 403);
    assert_eq!(world.rest("weir_nonsense", "/api/v1/audit/export").await.status, 401);
    let refused = world.rest(token, "/api/v1/audit?outcome=refused").await.json();
    let refused: Vec<_> = refused["entries"].as_array().unwrap().iter().take(2).cloned().collect();
    let told: Vec<_> = refused.iter().map(|e| (e["act"].as_str().unwrap(), e["reason"].as_str().unwrap())).collect();
    assert_eq!(told, [("audit/export", "the token is not valid"), ("audit/list", "audit.see")]);
    assert_eq!((&refused[0]["login"], &refused[1]["token_id"]), (&Value::Null, &json!(opener.id.0)));
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_see_the_log_is_told_and_is_in_it() {
    let (world, mara, _) = world().await;
    let vic = world.another("vic", &["viewer"]).await;
    let page = get(&world, &vic, "/audit").await.text();
    assert!(page.contains("audit.see") && page.contains("auditor or admin"), "{page}");
    assert!(listed(&page).is_empty() && !page.contains("Created the first administrator"));
    assert_eq!(get(&world, &vic, "/audit/export").await.status, 403);
    let in_rail =
        |page: &str| html::tags(page).iter().any(|t| t.attributes.contains(&("title".into(), "Audit".into())));
    assert!(!in_rail(&page) && in_rail(&get(&world, &mara, "/audit").await.text()));
    let refused = get(&world, &mara, "/audit?person=vic&outcome=refused").await.text();
    for told in ["Searched the audit log", "Exported the audit log", "needs audit.see"] {
        assert!(rows(&refused).contains(told), "{told:?} is not in {refused}");
    }
    // A filter that can't be understood says so, and keeps the form.
    for (query, told) in [
        ("outcome=x", "There is no such outcome."),
        ("from=never", "The time can&#x27;t be read."),
        ("kind=channel&object=no.such", "No channel that you may see is called"),
        ("from=2026-11-02&to=2026-11-01", "ends before it begins"),
    ] {
        let page = get(&world, &mara, &format!("/audit?{query}")).await;
        let text = page.text().replace("&#39;", "&#x27;").replace('\'', "&#x27;");
        assert!(text.contains(told) && text.contains("au-filter"), "{query}: {text}");
    }
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_can_not_be_written_keeps_payloads_and_acts_away() {
    let (world, mara, id) = world().await;
    world.sql("alter table audit_entry add constraint sealed check (request_id = 'x') not valid").await;
    for path in [format!("/events/{id}"), format!("/events?key={KEY}")] {
        let page = get(&world, &mara, &path).await.text();
        assert!(!page.contains("a payload") && !page.contains("data-event=\""), "{path}: {page}");
    }
    let payload = get(&world, &mara, &format!("/events/{id}/payload")).await;
    assert!(payload.status == 503 && !payload.text().contains("a payload"), "{}", payload.status);
    let wishes = "select count(*) from source where paused";
    let before = world.sql(wishes).await;
    let pause = Ask::form("/api/sources/pause", &[("source", "1")]).cookie(&mara);
    assert_eq!(world.ask(pause.clone()).await.status, 503);
    assert_eq!(world.sql(wishes).await, before, "it was paused all the same");
    let sign_in = world.ask(Ask::form("/sign-in", &[("login", "mara"), ("password", common::PASSWORD)])).await;
    assert!(sign_in.header("location").contains("error=unavailable"), "{}", sign_in.header("location"));
    world.sql("alter table audit_entry drop constraint sealed").await;
    assert!(get(&world, &mara, &format!("/events/{id}")).await.text().contains("a payload"));
    world.running.end().await;
}
