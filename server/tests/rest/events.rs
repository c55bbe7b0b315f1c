//! Lists, events and streams are what they say.

use std::collections::BTreeSet;

use crate::{
    common::{
        World,
        client::{Ask, open},
        seed::event,
    },
    kind, problem,
};
use http::Method;
use serde_json::{Value, json};
use weir_domain::access::Role;

#[tokio::test(flavor = "multi_thread")]
async fn pages_visit_every_event_once_while_new_ones_arrive() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let mut seeded = world.seed().await;
    let token = world.token(&cookie, "all", Role::ALL).await.text;
    let many = (100..160).map(|n| event(n, Some(b"many"), Some(b"{}"))).collect();
    seeded.append(seeded.order, many).await;
    let there: BTreeSet<String> =
        world.sql("select partition_id || '-' || position from event").await.lines().map(str::to_owned).collect();
    assert_eq!(there.len(), 70);
    let (mut seen, mut next, mut position) = (Vec::new(), None::<String>, 1000);
    loop {
        let cursor = next.map(|n| format!("&cursor={n}")).unwrap_or_default();
        let page = world.rest(&token, &format!("/api/v1/events?limit=7{cursor}")).await.json();
        let events = page["events"].as_array().unwrap();
        assert!(events.len() <= 7);
        let times: Vec<_> = events.iter().map(|e| e["time"].as_str().unwrap().to_owned()).collect();
        assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
        seen.extend(events.iter().map(|e| e["id"].as_str().unwrap().to_owned()));
        // Newer than all, in a partition and at a time of their own.
        seeded.append(seeded.payment, vec![event(position, Some(b"new"), Some(b"{}"))]).await;
        position += 1;
        match page["next"].as_str() {
            Some(token) => next = Some(token.to_owned()),
            None => break,
        }
    }
    let once: BTreeSet<_> = seen.iter().cloned().collect();
    assert_eq!(once.len(), seen.len(), "one came twice");
    assert!(there.is_subset(&once), "missed {:?}", there.difference(&once));
    assert_eq!(once, there, "what came meanwhile is newer than where the pages began");
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_found_by_name_and_read_in_full() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let mut seeded = world.seed().await;
    let token = world.token(&cookie, "all", Role::ALL).await.text;
    let count = |query: &'static str| {
        let (world, token) = (&world, &token);
        async move { world.rest(token, &format!("/api/v1/events?{query}")).await.json()["events"].as_array().unwrap().len() }
    };
    for (query, want) in [
        ("", 10),
        ("env=test", 10),
        ("channel=order.placed", 7),
        ("source=shop&channel=payment.failed", 3),
        ("source=bank", 0),
        ("key=ord-2", 4),
        ("key=ord-2&type=com.example.payment.failed.v1", 3),
        ("key=hex:1b5b33316d726564", 1),
        ("key=", 0),
        ("from=2026-11-22T13:20:08Z", 3),
        ("from=2026-11-22T14:20:02%2B01:00&to=2026-11-22T13:20:04Z", 2),
        ("limit=3", 3),
    ] {
        assert_eq!(count(query).await, want, "{query}");
    }
    let page = world.rest(&token, "/api/v1/events?key=ord-1").await.json();
    assert_eq!((&page["next"], &page["hidden_channels"]), (&Value::Null, &json!(0)));
    assert_eq!(page["scanned"]["silent_sources"], json!(["bank"]));
    let listed = &page["events"][0];
    let id = listed["id"].as_str().unwrap();
    assert_eq!(id, format!("{}-1", seeded.order));
    assert_eq!(listed["time"], "2026-11-22T13:20:01.000000Z");
    assert_eq!(listed["channel"], json!({"id": seeded.orders.to_string(), "name": "order.placed"}));
    assert_eq!((&listed["position"], &listed["partition_id"]), (&json!("1"), &json!(seeded.order.to_string())));
    assert_eq!((&listed["key"], &listed["masked"]), (&json!("ord-1"), &json!([])));

    let full = world.rest(&token, &format!("/api/v1/events/{id}")).await.json();
    assert_eq!(full["key"], "ord-1");
    assert_eq!(
        full["headers"],
        json!([{"name": "trace", "name_is_text": true, "kind": "bytes", "value": {"text": "abc", "hex": null, "size": 3, "cut": false}}])
    );
    assert_eq!(
        full["payload"],
        json!({
            "state": "present",
            "value": {"text": "{\"order\":\"ord-1\",\"total\":100}", "hex": null, "size": 29, "cut": false},
            "decoded_as": "JSON",
            "decoded": null,
            "problem": null,
        })
    );
    assert_eq!(full["broker_time"], json!({"kind": "create", "milliseconds": "1795353601000"}));
    let bytes = world.rest(&token, &format!("/api/v1/events/{id}/payload")).await;
    assert_eq!(
        (bytes.header("content-type"), bytes.text().as_str()),
        ("application/octet-stream", "{\"order\":\"ord-1\",\"total\":100}")
    );
    let binary = world.rest(&token, &format!("/api/v1/events/{}-6/payload", seeded.order)).await;
    assert_eq!(binary.body.as_ref(), b"\xff\xfe\x00");
    let tombstone = world.rest(&token, &format!("/api/v1/events/{}-7", seeded.order)).await.json();
    assert_eq!(
        (&tombstone["key"], &tombstone["payload"]["state"], &tombstone["tombstone"]),
        (&Value::Null, &json!("null"), &json!(true))
    );
    assert_eq!(world.rest(&token, &format!("/api/v1/events/{}-7/payload", seeded.order)).await.status, 404);

    // What bytes alone don't tell is beside them.
    seeded.append(seeded.order, vec![event(8, None, Some(b"\x81\xa5order\x01"))]).await;
    let packed = world.rest(&token, &format!("/api/v1/events/{}-8", seeded.order)).await.json();
    assert_eq!(
        packed["payload"],
        json!({
            "state": "present",
            "value": {"text": null, "hex": "81a56f7264657201", "size": 8, "cut": false},
            "decoded_as": "MessagePack",
            "decoded": {"text": "{\"order\":1}", "hex": null, "size": 11, "cut": false},
            "problem": null,
        })
    );

    // A viewer sees that they are there, and what is masked is named.
    let viewer = world.token(&cookie, "viewer", &[Role::Viewer]).await.text;
    let masked = world.rest(&viewer, &format!("/api/v1/events/{id}")).await.json();
    let parts: Vec<_> = masked["masked"].as_array().unwrap().iter().map(|m| m["part"].as_str().unwrap()).collect();
    assert_eq!(parts, ["key", "summary", "headers", "payload"]);
    for part in ["key", "summary", "headers", "payload"] {
        assert_eq!(masked[part], Value::Null, "{part}");
    }
    assert_eq!(world.rest(&viewer, &format!("/api/v1/events/{id}/payload")).await.status, 403);

    let source = world.rest(&token, &format!("/api/v1/sources/{}", seeded.shop)).await.json();
    let captured: Vec<_> = source["captured"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!((source["name"].as_str(), captured), (Some("shop"), vec!["order.placed", "payment.failed"]));
    let overview = world.rest(&token, "/api/v1/overview?env=test").await.json();
    assert_eq!(overview["sources"].as_array().unwrap().len(), 2);
    assert!(overview["attention"].as_array().unwrap().iter().any(|a| a["kind"] == "down"), "{overview}");
    let environments = world.rest(&token, "/api/v1/environments").await.json();
    assert_eq!(environments["environments"][0]["name"], "test");
    // What is counted says what it can't know, as lists do.
    let counted = world.rest(&token, "/api/v1/events/breakdown").await.json();
    assert_eq!((&counted["silent_sources"], &counted["gaps"]), (&json!(["bank"]), &json!(0)), "{counted}");
    let of_shop = world.rest(&token, "/api/v1/events/breakdown?source=shop").await.json();
    assert_eq!(of_shop["silent_sources"], json!([]));
    let names = world.rest(&token, "/api/v1/catalog/complete?text=channel:order").await.json();
    assert_eq!(names["completions"][0]["channel_id"], seeded.orders.to_string());
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_goes_on_where_it_broke_and_ends_with_its_token() {
    let world = World::start_with("[environments.test]\nkind = \"other\"\n[limits]\nstreams_per_session = 4").await;
    let cookie = world.administrator().await;
    let mut seeded = world.seed().await;
    let made = world.token(&cookie, "all", Role::ALL).await;
    let ask = |query: &str| Ask::program(Method::GET, &format!("/api/v1/events/tail{query}")).bearer(&made.text);
    let mut stream = open(world.address, ask("?channel=order.placed")).await.unwrap();
    assert_eq!((stream.status, stream.headers["content-type"].to_str().unwrap()), (200, "text/event-stream"));
    assert_eq!(stream.headers["x-accel-buffering"], "no");
    let begin = stream.next_of("tail").await.unwrap();
    assert_eq!(serde_json::from_str::<Value>(&begin.data).unwrap()["events"], json!([]));
    seeded.append(seeded.order, vec![event(20, Some(b"first"), Some(b"{}"))]).await;
    let first = stream.next_of("tail").await.unwrap();
    let frame: Value = serde_json::from_str(&first.data).unwrap();
    assert_eq!((&frame["events"][0]["key"], &frame["events"][0]["position"]), (&json!("first"), &json!("20")));
    drop(stream);
    seeded.append(seeded.order, vec![event(21, Some(b"meanwhile"), Some(b"{}"))]).await;
    let mut again = open(world.address, ask("?channel=order.placed").header("last-event-id", &first.id)).await.unwrap();
    let frame: Value = serde_json::from_str(&again.next_of("tail").await.unwrap().data).unwrap();
    let keys: Vec<_> = frame["events"].as_array().unwrap().iter().map(|e| e["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["meanwhile"], "nothing is missed, and nothing comes twice");
    for (query, status) in [("?channel=nonsense", 400), ("?limit=5", 400), ("?key=a&key=b", 400)] {
        let answer = world.ask(ask(query)).await;
        problem(&answer, query);
        assert_eq!(answer.status, status, "{query}");
    }
    let mut lost = open(world.address, ask("").header("last-event-id", "of-another-version")).await.unwrap();
    assert_eq!(lost.next().await.unwrap().event, "missed");

    let mut more = Vec::new();
    let refused = loop {
        let stream = open(world.address, ask("")).await.unwrap();
        if stream.status != 200 {
            break stream.rest().await;
        }
        more.push(stream);
        assert!(more.len() <= 4, "there is no end of them");
    };
    assert_eq!((refused.status, kind(&problem(&refused, "too many"))), (429, "too_many"));
    assert!(world.running.parts.cases.tokens.revoke(&world.caller(&cookie).await, &made.id).await.unwrap());
    for mut stream in more.into_iter().chain([again, lost]) {
        assert_eq!(stream.next_of("bye").await.unwrap().data, "{\"reason\":\"signed_out\"}");
        assert_eq!(stream.next().await, None);
    }
    assert_eq!(world.ask(ask("")).await.status, 401);
    world.running.end().await;
}
