//! `/api/v1`: who is let in, what is refused and how, and that lists, payloads and streams are what they say.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at its first surprise")]

mod common;

use std::collections::BTreeSet;

use common::{
    World,
    client::{Answer, Ask, open},
    seed::event,
};
use http::Method;
use serde_json::{Value, json};
use weir::http::Gate;
use weir_domain::access::{Kind, Role, USE_CASES, use_case};
use weir_testkit::{Postgres, PostgresOptions};

/// Queries and commands that programs can't ask for, each with its reason. Those for sessions only need none: they say
/// so themselves.
const NOT_FOR_PROGRAMS: &[(&str, &str)] = &[
    ("access/log_in", "a form of the browser: programs come with a token"),
    ("access/set_up", "a form of the browser, before there is anybody to have a token"),
    ("access/page", "pages are for people; what they show has routes of its own"),
    ("events/table", "draws columns for a page: programs read the fields of whole events, from events/export"),
    ("people/accept", "a form of the browser, for somebody who has no token yet"),
];

/// A problem as every error under /api/v1 must be one, and its kind.
fn problem(answer: &Answer, line: &str) -> Value {
    assert_eq!(answer.header("content-type"), "application/problem+json", "{line}: {}", answer.text());
    let problem = answer.json();
    assert_eq!(problem["status"], answer.status, "{line}");
    for field in ["type", "title", "detail", "what_to_do", "request_id"] {
        assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{line}: {field} in {problem}");
    }
    assert!(problem["type"].as_str().unwrap().starts_with("urn:weir:error:"), "{line}");
    problem
}

fn kind(problem: &Value) -> &str {
    problem["type"].as_str().unwrap().rsplit(':').next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_use_case_is_served_to_programs_or_says_why_not() {
    let world = World::start().await;
    let mounted = &world.running.mounted;
    let served: BTreeSet<&str> =
        mounted.iter().filter_map(|m| if let Gate::Token(name) = m.gate { Some(name) } else { None }).collect();
    for case in USE_CASES {
        let excepted = NOT_FOR_PROGRAMS.iter().any(|(name, _)| *name == case.name);
        let wanted = case.kind != Kind::Stream && !case.sessions_only && !excepted;
        if case.sessions_only || excepted {
            assert!(!served.contains(case.name), "{} is served, and is said not to be", case.name);
        }
        assert!(!wanted || served.contains(case.name), "{} has no route under /api/v1 and no reason", case.name);
    }
    assert!(served.contains("events/tail"));
    for (name, why) in NOT_FOR_PROGRAMS {
        assert!(use_case(name).is_some() && !why.is_empty(), "{name} is no use case any more");
    }

    // What is mounted is what is documented, and the document is the one that is committed.
    let answer = world.ask(Ask::program(Method::GET, "/api/openapi.json")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    let document = answer.json();
    let paths = document["paths"].as_object().unwrap().iter();
    let documented: BTreeSet<_> = paths
        .flat_map(|(path, item)| item.as_object().unwrap().keys().map(move |m| (m.to_uppercase(), path.clone())))
        .collect();
    let routes = mounted.iter().filter(|m| matches!(m.gate, Gate::Token(_)));
    let routes: BTreeSet<_> = routes.map(|m| (m.method.to_string(), m.path.clone())).collect();
    assert_eq!(documented, routes);
    for route in mounted {
        let Gate::Token(name) = route.gate else { continue };
        let operation = &document["paths"][&route.path][route.method.as_str().to_lowercase()];
        assert_eq!(operation["x-weir"]["use_case"], name, "{route:?}");
    }
    let committed = common::read(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json"));
    assert!(committed == answer.text(), "server/openapi.json is out of date: run `cargo run -p xtask -- openapi`");
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_shows_no_good_token_gets_nothing() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let made = world.token(&cookie, "one", Role::ALL).await;
    let good = made.text.as_str();
    let at = |path: &str| Ask::program(Method::GET, path);
    for route in world.running.mounted.iter().filter(|m| matches!(m.gate, Gate::Token(_))) {
        let path = route.path.replace("{id}", "1-1");
        // A browser's cookie is not looked at, whatever else comes with it.
        for ask in [
            Ask::program(route.method.clone(), &path),
            Ask::new(route.method.clone(), &path).cookie(&cookie),
            Ask::new(route.method.clone(), &path).cookie(&cookie).header("x-weir-build", "of last year"),
        ] {
            let answer = world.ask(ask).await;
            let problem = problem(&answer, &route.path);
            assert_eq!((answer.status, kind(&problem)), (401, "no_token"), "{route:?}");
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"weir\"");
        }
    }
    let cookie_value = cookie.strip_prefix("weir=").unwrap();
    for wrong in [
        "Basic bWFyYTpzZWNyZXQ=".to_owned(),
        "Bearer".to_owned(),
        format!("Bearer {}", "A".repeat(4000)),
        format!("Bearer {cookie_value}"),
        format!("Bearer weir_{cookie_value}"),
        format!("Bearer weir_{}", "A".repeat(43)),
        format!("Token {good}"),
        format!("Bearer {good}x"),
    ] {
        let answer = world.ask(at("/api/v1/me").header("authorization", &wrong)).await;
        assert_eq!(answer.status, 401, "{wrong}");
        assert!(!answer.text().contains(&wrong[7.min(wrong.len() - 1)..]) || wrong.len() < 8, "{}", answer.text());
    }
    // What another site causes does nothing without a token, and is no matter with one.
    let evil = at("/api/v1/me").header("sec-fetch-site", "cross-site").header("origin", "https://evil.example");
    assert_eq!(world.ask(evil.clone().cookie(&cookie)).await.status, 401);
    let with_token = world.ask(evil.bearer(good)).await;
    assert_eq!((with_token.status, with_token.header("access-control-allow-origin")), (200, ""));
    // A token is no session: pages and calls of the console don't take it.
    for path in ["/api/access/me", "/live?topics=overview", "/events"] {
        let answer = world.ask(Ask::get(path).bearer(good)).await;
        assert!([401, 303].contains(&answer.status), "{path}: {}", answer.status);
    }
    let as_cookie = world.ask(Ask::get("/api/access/me").cookie(&format!("weir={good}"))).await;
    assert_eq!(as_cookie.status, 401);
    let make = Ask::form("/account/tokens", &[("name", "b"), ("days", "9"), ("role", "admin")]).bearer(good);
    assert_eq!(world.ask(make).await.status, 303, "led to the sign-in");
    assert_eq!(world.sql("select count(*) from api_token").await, "1");
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_and_is_never_above_its_person() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let all = world.token(&cookie, "all", Role::ALL).await.text;
    let viewer = world.token(&cookie, "viewer", &[Role::Viewer]).await.text;
    let me = world.rest(&viewer, "/api/v1/me").await.json();
    assert_eq!((me["login"].as_str(), &me["roles"]), (Some("mara"), &json!(["viewer"])));
    assert_eq!(me["token"]["name"], "viewer");
    assert!(!me["permissions"].as_array().unwrap().contains(&json!("events.key")));
    assert_eq!(world.rest(&all, "/api/v1/me").await.json()["roles"].as_array().unwrap().len(), Role::ALL.len());

    let by_key = world.rest(&viewer, "/api/v1/events?key=ord-1").await;
    let refused = problem(&by_key, "by key");
    assert_eq!((by_key.status, kind(&refused), refused["needs"].as_str()), (403, "not_allowed", Some("events.key")));
    assert_eq!(refused["roles"], json!(["support", "architect"]));
    assert_eq!(world.rest(&all, "/api/v1/events?key=ord-1").await.status, 200);

    // Roles taken from the person are gone from the token at once.
    world.sql("delete from person_role where role in ('support', 'architect')").await;
    assert_eq!(world.rest(&all, "/api/v1/events?key=ord-1").await.status, 403);
    world.sql("delete from person_grant").await;
    assert_eq!(world.rest(&all, "/api/v1/sources").await.json()["sources"], json!([]));
    world.sql("delete from person_role").await;
    assert_eq!(world.rest(&all, "/api/v1/sources").await.status, 403);
    assert_eq!(world.rest(&all, "/api/v1/me").await.json()["roles"], json!([]));

    world.sql("update api_token set made_at = now() - interval '9 days', expires = now() - interval '1 s' where name = 'all'").await;
    assert_eq!(world.rest(&all, "/api/v1/me").await.status, 401, "expired");
    assert_eq!(world.rest(&viewer, "/api/v1/me").await.status, 200);
    world.sql("update person set active = false").await;
    assert_eq!(world.rest(&viewer, "/api/v1/me").await.status, 401, "deactivated");
    world.sql("update person set active = true").await;
    assert_eq!(world.rest(&viewer, "/api/v1/me").await.status, 200);
    world.sql("update api_token set revoked_at = now() where name = 'viewer'").await;
    assert_eq!(world.rest(&viewer, "/api/v1/me").await.status, 401, "revoked");
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_ruled_by_program_as_by_page() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let admin = world.token(&cookie, "admin", &[Role::Admin]).await.text;
    let viewer = world.token(&cookie, "viewer", &[Role::Viewer]).await.text;
    let post = async |token: &str, path: &str, body: Value| {
        let ask = Ask::program(Method::POST, path).bearer(token).header("content-type", "application/json");
        world.ask(ask.body(body.to_string())).await
    };
    let new = json!({ "login": "kim", "name": "Kim Doe", "roles": ["viewer"], "grants": [{ "channels": "order.*" }] });
    assert_eq!(post(&viewer, "/api/v1/people", new.clone()).await.status, 403);
    assert_eq!(world.rest(&viewer, "/api/v1/people").await.status, 403);
    for wrong in [
        json!({ "login": "kim", "name": "Kim", "roles": ["emperor"], "grants": [] }),
        json!({ "login": "kim", "name": "Kim", "roles": [], "grants": [{ "channels": "*", "source_id": "shop" }] }),
        json!({ "login": "kim", "name": "Kim", "roles": [], "grants": [{ "channels": "*", "source_id": "4711" }] }),
        json!({ "login": "kim", "name": "Kim", "roles": [], "grants": [{ "chanels": "*" }] }),
    ] {
        let refused = post(&admin, "/api/v1/people", wrong.clone()).await;
        assert_eq!((refused.status, kind(&problem(&refused, "invite"))), (400, "invalid"), "{wrong}");
    }

    let made = post(&admin, "/api/v1/people", new.clone()).await.json();
    assert!(made["link"].as_str().unwrap().contains("/invite#token="), "{made}");
    let twice = post(&admin, "/api/v1/people", new).await;
    assert_eq!((twice.status, kind(&problem(&twice, "twice"))), (409, "conflict"));
    let kim = format!("/api/v1/people/{}", made["person_id"].as_str().unwrap());
    let read = world.rest(&admin, &kim).await.json();
    assert_eq!(
        (&read["login"], &read["state"], &read["roles"]),
        (&json!("kim"), &json!("invited"), &json!(["viewer"]))
    );
    assert_eq!(read["grants"][0]["channels"], "order.*");
    let found = world.rest(&admin, "/api/v1/people?text=KIM").await.json();
    assert_eq!((&found["total"], &found["people"][0]["id"]), (&json!(1), &read["id"]));

    let change = |version: &Value| json!({ "version": version, "name": "Kim D.", "roles": ["support"], "grants": [] });
    assert_eq!(post(&admin, &kim, change(&read["version"])).await.json()["id"], read["id"]);
    assert_eq!(post(&admin, &kim, change(&read["version"])).await.status, 409, "changed in between");
    let read = world.rest(&admin, &kim).await.json();
    assert_eq!((&read["name"], &read["roles"], &read["grants"]), (&json!("Kim D."), &json!(["support"]), &json!([])));

    let again = post(&admin, &format!("{kim}/reset"), json!({})).await.json();
    assert_ne!(again["link"], made["link"]);
    assert_eq!(post(&admin, &format!("{kim}/revoke-invite"), json!({})).await.status, 200);
    assert_eq!(world.rest(&admin, &kim).await.status, 404);
    assert_eq!(world.rest(&admin, "/api/v1/people/nobody").await.status, 404);

    // The only one who rules people can't be deactivated, by whatever way.
    let mara = world.rest(&admin, "/api/v1/people?text=mara").await.json()["people"][0]["id"].clone();
    let last = post(&admin, &format!("/api/v1/people/{}/deactivate", mara.as_str().unwrap()), json!({})).await;
    assert_eq!((last.status, kind(&problem(&last, "the last one"))), (409, "conflict"));

    assert_eq!(world.rest(&admin, "/api/v1/access-requests").await.json()["requests"], json!([]));
    world.sql("delete from person_role where role = 'approver'").await;
    let ask = [("role", "approver"), ("reason", "For ticket 7."), ("at", "/people"), ("for", "replay.approve")];
    let asked = world.ask(Ask::form("/account/ask", &ask).cookie(&cookie)).await;
    assert_eq!(asked.header("location"), "/account?done=asked", "{}", asked.text());
    let open = world.rest(&admin, "/api/v1/access-requests").await.json()["requests"].clone();
    assert_eq!(
        (&open[0]["role"], &open[0]["reason"], &open[1]),
        (&json!("approver"), &json!("For ticket 7."), &Value::Null)
    );
    let answer = format!("/api/v1/access-requests/{}/answer", open[0]["id"].as_str().unwrap());
    assert_eq!(post(&admin, &answer, json!({ "give": false })).await.status, 400, "declined without a word");
    assert_eq!(post(&admin, &answer, json!({ "give": false, "word": "Ask Kim." })).await.status, 200);
    assert_eq!(post(&admin, &answer, json!({ "give": true })).await.status, 409, "answered in between");
    assert_eq!(post(&admin, "/api/v1/access-requests/nothing/answer", json!({ "give": true })).await.status, 400);
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_error_is_a_problem_that_says_what_to_do() {
    let world = World::start_with("[environments.test]\nkind = \"other\"\n[limits]\nbody_bytes = 4096").await;
    let cookie = world.administrator().await;
    let seeded = world.seed().await;
    let token = world.token(&cookie, "all", Role::ALL).await.text;
    let get = |path: &str| Ask::program(Method::GET, path).bearer(&token);
    let post = |path: &str| Ask::program(Method::POST, path).bearer(&token);
    let pause = format!("/api/v1/sources/{}/pause", seeded.shop);
    let json = |body: &str| post(&pause).header("content-type", "application/json").body(body.to_owned());
    for (line, ask, status, code) in [
        ("unknown parameter", get("/api/v1/events?chanel=a"), 400, "invalid"),
        ("unknown where there are none", get("/api/v1/me?env=test"), 400, "invalid"),
        ("twice", get("/api/v1/events?limit=1&limit=2"), 400, "invalid"),
        ("no number", get("/api/v1/events?limit=many"), 400, "invalid"),
        ("too many rows", get("/api/v1/events?limit=201"), 400, "invalid"),
        ("no time", get("/api/v1/events?from=yesterday"), 400, "invalid"),
        ("backwards", get("/api/v1/events?from=2026-11-22T00:00:00Z&to=2026-11-21T00:00:00Z"), 400, "invalid"),
        ("no cursor of ours", get("/api/v1/events?cursor=abc"), 400, "invalid"),
        ("empty", get("/api/v1/events?channel="), 400, "invalid"),
        ("no such channel", get("/api/v1/events?channel=nonsense"), 400, "invalid"),
        ("no such environment", get("/api/v1/overview?env=nonsense"), 400, "invalid"),
        ("no such address", get("/api/v1/nonsense"), 404, "not_found"),
        ("the top", get("/api/v1"), 404, "not_found"),
        ("the top with a slash", get("/api/v1/"), 404, "not_found"),
        ("no id", get("/api/v1/events/nonsense"), 404, "not_found"),
        ("no such event", get("/api/v1/events/1-999999"), 404, "not_found"),
        ("no such payload", get("/api/v1/events/1-999999/payload"), 404, "not_found"),
        ("no such source", get("/api/v1/sources/999999"), 404, "not_found"),
        ("nothing to pause", post("/api/v1/sources/999999/pause"), 404, "not_found"),
        ("no UTF-8", get("/api/v1/events/%ff"), 400, "invalid"),
        ("wrong method", post("/api/v1/events"), 405, "wrong_method"),
        ("wrong method too", get(&pause), 405, "wrong_method"),
        ("too large", json(&"a".repeat(5000)), 413, "too_large"),
        ("no JSON said", post(&pause).header("content-type", "text/plain").body("{}"), 415, "not_json"),
        (
            "a form",
            post(&pause).header("content-type", "application/x-www-form-urlencoded").body("a=b"),
            415,
            "not_json",
        ),
        ("no JSON", json("{"), 400, "invalid"),
        ("unknown field", json("{\"force\":true}"), 400, "invalid"),
        ("strange name", get("/api/v1/me").header("host", "evil.example"), 421, "wrong_host"),
    ] {
        let answer = world.ask(ask).await;
        let problem = problem(&answer, line);
        assert_eq!((answer.status, kind(&problem)), (status, code), "{line}: {problem}");
        if status == 405 {
            assert!(["GET,HEAD", "POST"].contains(&answer.header("allow")), "{line}: {}", answer.header("allow"));
        }
    }
    let named = world.ask(get("/api/v1/events?chanel=a&limit=5")).await.json();
    assert!(named["detail"].as_str().unwrap().contains("\"chanel\""), "{named}");
    assert!(named["what_to_do"].as_str().unwrap().contains("channel"), "{named}");

    // With and without a body a command is the same.
    assert_eq!(world.ask(json("{}")).await.json(), serde_json::json!({"id": seeded.shop.to_string(), "paused": true}));
    let sources = world.rest(&token, "/api/v1/sources").await.json();
    assert!(sources["sources"].as_array().unwrap().iter().any(|s| s["name"] == "shop" && s["state"] == "paused"));
    let resumed = world.ask(post(&pause.replace("pause", "resume"))).await;
    assert_eq!(resumed.json()["paused"], false);
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_tokens_get_slow_and_a_good_one_does_not_suffer() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let good = world.token(&cookie, "good", &[Role::Viewer]).await.text;
    let late = world.token(&cookie, "late", &[Role::Viewer]).await.text;
    assert_eq!(world.rest(&good, "/api/v1/me").await.status, 200);
    let wrong = format!("weir_{}", "A".repeat(43));
    let mut slow = None;
    for _ in 0..200 {
        let answer = world.rest(&wrong, "/api/v1/me").await;
        if answer.status == 429 {
            slow = Some(answer);
            break;
        }
        assert_eq!(answer.status, 401);
    }
    let slow = slow.expect("guessing never got slow");
    let told = problem(&slow, "slow");
    let seconds: u64 = slow.header("retry-after").parse().unwrap();
    assert!((1..=10).contains(&seconds) && told["retry_after"] == seconds, "{told}");
    assert_eq!(world.rest(&good, "/api/v1/me").await.status, 200, "it was seen to be good");
    // One that was never seen waits with the others, as it was told.
    let begun = std::time::Instant::now();
    while world.rest(&late, "/api/v1/me").await.status == 429 {
        assert!(begun.elapsed() < common::LIMIT);
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    world.running.end().await;
}

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

#[tokio::test(flavor = "multi_thread")]
async fn one_token_has_so_many_requests_at_once() {
    let world = World::start_with("[environments.test]\nkind = \"other\"\n[limits]\nrequests_per_token = 2").await;
    let cookie = world.administrator().await;
    let token = world.token(&cookie, "all", Role::ALL).await.text;
    let asked = (0..40).map(|_| world.rest(&token, "/api/v1/overview"));
    let answers = futures::future::join_all(asked).await;
    let (mut good, mut told) = (0, 0);
    for answer in answers {
        match answer.status {
            200 => good += 1,
            429 => {
                assert_eq!(answer.header("retry-after"), "1");
                problem(&answer, "at once");
                told += 1;
            }
            other => panic!("{other}: {}", answer.text()),
        }
    }
    assert!(good >= 2 && told > 0, "{good} were answered and {told} told to wait");
    assert_eq!(world.rest(&token, "/api/v1/overview").await.status, 200, "places are free again");
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_away_is_told_with_when_to_try_again() {
    let postgres = Postgres::start(PostgresOptions::durable()).unwrap();
    let url = postgres.ensure_database("weir").unwrap();
    let world = World::start_on(&url, "").await;
    world.until_ready().await;
    let cookie = world.administrator().await;
    let token = world.token(&cookie, "all", Role::ALL).await.text;
    postgres.stop().unwrap();
    world.until(|a| a.status == 503).await;
    let away = world.rest(&token, "/api/v1/me").await;
    let told = problem(&away, "away");
    assert_eq!((away.status, kind(&told), away.header("retry-after")), (503, "unavailable", "5"));
    assert!(!away.text().contains(&url), "{}", away.text());
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_makes_tokens_shows_each_once_and_revokes_them() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let page = || world.ask(Ask::get("/account/tokens").cookie(&cookie));
    assert!(page().await.text().contains("You have no access token"));
    let form = |name: &str, days: &str, role: &str| {
        world.ask(Ask::form("/account/tokens", &[("name", name), ("days", days), ("role", role)]).cookie(&cookie))
    };
    let wrong = form("<report>", "0", "support").await;
    assert_eq!(wrong.status, 400);
    let text = wrong.text();
    assert!(text.contains("1 to 366 days") && text.contains("value=\"&lt;report&gt;\""), "{text}");
    assert!(!holds_a_token(&text));

    let made = form("stock check", "30", "viewer").await;
    assert_eq!((made.status, made.header("cache-control")), (200, "no-store"));
    let text = made.text().replace("weir_person", "");
    let at = text.find("weir_").expect("the token is shown");
    let token: String = text[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || "_-".contains(*c)).collect();
    assert_eq!(token.len(), 48, "{token}");
    assert_eq!(world.rest(&token, "/api/v1/me").await.json()["token"]["name"], "stock check");
    let later = page().await.text();
    assert!(!later.contains(&token) && later.contains("stock check") && later.contains("in 29 days"), "{later}");
    assert_eq!(world.sql(&format!("select count(*) from api_token where name like '%{token}%'")).await, "0");
    // Sent again by a reload, the form makes no second one.
    let again = form("stock check", "30", "viewer").await;
    assert_eq!(again.status, 409);
    assert!(again.text().contains("You have a token of this name."));

    let id = world.sql("select id from api_token").await;
    assert!(later.contains(&id));
    let revoke = || world.ask(Ask::form("/account/tokens/revoke", &[("id", &id)]).cookie(&cookie));
    let revoked = revoke().await;
    assert_eq!((revoked.status, revoked.header("location")), (303, "/account/tokens?done=revoked"));
    assert_eq!(world.rest(&token, "/api/v1/me").await.status, 401);
    let twice = revoke().await;
    assert_eq!(twice.status, 409);
    assert!(twice.text().contains("none of your living tokens"), "{}", twice.text());
    let told = world.ask(Ask::get("/account/tokens?done=revoked").cookie(&cookie)).await.text();
    assert!(told.contains("The token is revoked.") && !told.contains("stock check"));

    let interface = world.ask(Ask::get("/api").cookie(&cookie)).await;
    assert_eq!(interface.status, 200);
    for part in ["/api/v1/events/{id}/payload", "events.payload", "urn:weir:error:not_allowed", "$WEIR_TOKEN"] {
        assert!(interface.text().contains(part), "{part}");
    }
    world.running.end().await;
}

/// The page's own script knows a field by a name that begins like a token.
fn holds_a_token(page: &str) -> bool {
    page.replace("weir_person", "").contains("weir_")
}

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

#[tokio::test(flavor = "multi_thread")]
async fn searches_are_kept_by_programs_as_by_people() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let token = world.token(&cookie, "all", Role::ALL).await.text;
    let post = async |path: &str, body: Value| {
        let ask = Ask::program(Method::POST, path).bearer(&token).header("content-type", "application/json");
        world.ask(ask.body(body.to_string())).await
    };
    let list = async || world.rest(&token, "/api/v1/searches").await.json()["searches"].clone();
    let new = json!({ "name": "Stuck", "address": "/events?q=type:payment.failed&from=-1h&sel=1-2" });
    let id = post("/api/v1/searches", new.clone()).await.json()["id"].as_str().unwrap().to_owned();
    let kept = list().await[0].clone();
    assert_eq!((&kept["name"], &kept["shared"], &kept["own"]), (&json!("Stuck"), &json!(false), &json!(true)));
    assert_eq!(kept["address"], "/events?q=type:payment.failed&from=-1h", "without an open event, and relative still");
    assert_eq!(post("/api/v1/searches", new).await.status, 409, "a name is given once");
    for wrong in [
        json!({ "name": "", "address": "" }),
        json!({ "name": "a", "address": "q=%28" }),
        json!({ "name": "a", "address": "from=x" }),
        json!({ "name": "a" }),
    ] {
        assert_eq!(post("/api/v1/searches", wrong.clone()).await.status, 400, "{wrong}");
    }
    let at = |act: &str| format!("/api/v1/searches/{id}/{act}");
    assert_eq!(post(&at("rename"), json!({ "name": "Hanging" })).await.status, 200);
    assert_eq!(post(&at("share"), json!({ "shared": true })).await.status, 200);
    assert_eq!((&list().await[0]["name"], &list().await[0]["shared"]), (&json!("Hanging"), &json!(true)));
    let page = world.ask(Ask::get("/searches").cookie(&cookie)).await;
    assert!(page.text().contains("Hanging") && page.text().contains("/events?q=type:payment.failed&amp;from=-1h"));
    assert_eq!(post("/api/v1/searches/nothing/remove", json!({})).await.status, 404);
    assert_eq!(post(&at("remove"), json!({})).await.status, 200);
    assert_eq!(post(&at("remove"), json!({})).await.status, 404);
    assert_eq!(list().await, json!([]));
    world.running.end().await;
}
