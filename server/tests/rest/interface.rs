//! What is served, what is refused and how, and how much at once.

use std::collections::BTreeSet;

use crate::{
    common::{self, World, client::Ask},
    kind, problem,
};
use http::Method;
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
