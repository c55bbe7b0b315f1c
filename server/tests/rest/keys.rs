//! Lists of keys, by programs and by the page.

use crate::{
    common::{World, client::Ask},
    problem,
};
use http::Method;
use serde_json::{Value, json};
use weir_domain::access::{Permission, Role};

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_keys_is_asked_by_a_body_and_answered_in_its_order() {
    let world = World::start_with("[environments.test]\nkind = \"other\"\n[limits]\nbody_bytes = 4096").await;
    let cookie = world.administrator().await;
    world.seed().await;
    let token = world.token(&cookie, "all", Role::ALL).await.text;
    let viewer = world.token(&cookie, "viewer", &[Role::Viewer]).await.text;
    let path = "/api/v1/events/keys";
    let post = async |token: &str, path: &str, body: Value| {
        let ask = Ask::program(Method::POST, path).bearer(token).header("content-type", "application/json");
        world.ask(ask.body(body.to_string())).await
    };
    let answer = post(&token, path, json!({ "keys": ["ord-2", "no-such", "ord-2", "ord-1"] })).await.json();
    let told: Vec<_> = answer["keys"].as_array().unwrap().iter().map(|k| (&k["key"], &k["found"])).collect();
    let told: Vec<_> = told.iter().map(|(key, found)| (key.as_str().unwrap(), found.as_bool().unwrap())).collect();
    assert_eq!(told, [("ord-2", true), ("no-such", false), ("ord-1", true)]);
    assert_eq!(
        (&answer["found"], &answer["doubles"], &answer["scanned"]["complete"]),
        (&json!(2), &json!(1), &json!(true))
    );
    let newest = &answer["keys"][0]["newest"];
    assert_eq!((&newest["type"], &newest["source"]["name"]), (&json!("com.example.payment.failed.v1"), &json!("shop")));
    assert!(answer["keys"][1]["newest"].is_null());
    let narrowed = post(&token, path, json!({ "keys": ["ord-2"], "channel": "order.placed" })).await.json();
    assert_eq!(narrowed["keys"][0]["newest"]["channel"]["name"], "order.placed");

    // More than other bodies may hold.
    let many: Vec<_> = (0..10_000).map(|n| format!("0193e7a2-4c1b-7d52-a0f3-{n:012}")).collect();
    let found = post(&token, path, json!({ "keys": many })).await;
    assert_eq!((found.status, found.json()["keys"].as_array().map(Vec::len)), (200, Some(10_000)));
    for (wrong, status) in [
        (json!({ "keys": [] }), 400),
        (json!({ "keys": (0..10_001).map(|n| n.to_string()).collect::<Vec<_>>() }), 400),
        (json!({ "keys": ["x".repeat(5000)] }), 400),
        (json!({ "keys": ["a"], "channel": "nonsense" }), 400),
        (json!({ "keys": ["a"], "from": "yesterday" }), 400),
        (json!({ "key": "a" }), 400),
        (json!({ "keys": ["x".repeat(3 << 20)] }), 413),
    ] {
        let answer = post(&token, path, wrong).await;
        assert_eq!(answer.status, status, "{}", problem(&answer, "a wrong list"));
    }
    let refused = post(&viewer, path, json!({ "keys": ["ord-1"] })).await;
    assert_eq!((refused.status, &refused.json()["needs"]), (403, &json!("events.key")));

    // The page's form asks the same, and gives files.
    let form = async |fields: &[(&str, &str)]| world.ask(Ask::form("/keys", fields).cookie(&cookie)).await;
    let page = form(&[("keys", "ord-2\r\nno-such")]).await;
    assert_eq!(page.status, 200);
    for told in ["1 of 2 keys found", "not found", "payment.failed"] {
        assert!(page.text().contains(told), "{told}");
    }
    let csv = form(&[("keys", "ord-1\r\nno-such"), ("format", "csv")]).await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.header("content-disposition").contains("weir-keys.csv") && csv.text().contains("\r\nno-such,no,0,"));
    let lines = form(&[("keys", "ord-1,no-such"), ("format", "ndjson")]).await;
    assert_eq!(lines.text().lines().count(), 2);
    let wrong = form(&[("keys", "ord-1"), ("channel", "nonsense")]).await;
    assert_eq!((wrong.status, wrong.text().contains("ord-1</textarea>")), (400, true), "nothing of it is lost");
    // Who looked is known by each key.
    let audit = world.rest(&token, "/api/v1/audit?key=no-such").await.json();
    let acts: Vec<_> = audit["entries"].as_array().unwrap().iter().map(|e| e["act"].as_str().unwrap()).collect();
    assert!(acts.len() >= 4 && acts.iter().all(|act| *act == "events/keys"), "{acts:?}");
    world.running.end().await;
}

/// What is in a file of keys is keys, where their events are and of what type: who may see keys may have it, and nobody
/// else. No right to export is asked for: it holds nothing that the page does not show.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_keys_is_for_who_may_see_keys_and_nobody_else() {
    let world = World::start().await;
    world.administrator().await;
    world.seed().await;
    for role in Role::ALL {
        let name = role.as_str();
        let cookie = world.another(&format!("p{name}"), &[name]).await;
        let may = role.allows(Permission::EventsKey);
        assert_eq!(may, ["support", "architect"].contains(&name), "{name}");
        for (format, kind) in
            [("csv", "text/csv; charset=utf-8"), ("ndjson", "application/x-ndjson"), ("", "text/html; charset=utf-8")]
        {
            let fields = [("keys", "ord-2\r\nno-such"), ("format", format)];
            let answer = world.ask(Ask::form("/keys", &fields).cookie(&cookie)).await;
            let told = ["payment.failed", "no-such,no", "\"found\":false"].iter().any(|t| answer.text().contains(t));
            assert_eq!((answer.status, told), (if may { 200 } else { 403 }, may), "{name} {format}: {}", answer.text());
            let want = if may { kind } else { "text/html; charset=utf-8" };
            assert_eq!(answer.header("content-type"), want, "{name} {format}");
            assert_eq!(answer.header("content-disposition").is_empty(), !may || format.is_empty(), "{name} {format}");
        }
    }
    // Channels beyond the grants are in nobody's file.
    let narrow = world.another("narrow", &["support"]).await;
    world.sql("update person_grant set channel_pattern = 'order.*' where person_id = (select id from person where login = 'narrow')").await;
    let file = world.ask(Ask::form("/keys", &[("keys", "ord-2"), ("format", "csv")]).cookie(&narrow)).await.text();
    assert!(file.contains("order.placed") && !file.contains("payment.failed"), "{file}");
    world.running.end().await;
}
