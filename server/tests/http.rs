//! What every answer carries, signing in and out, and what happens when something is missing.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at its first surprise")]

mod common;

use std::collections::BTreeSet;

use common::{PASSWORD, World, client::Ask};
use weir_testkit::{Postgres, PostgresOptions};

const POLICY: &str = "default-src 'none'; script-src 'nonce-…' 'strict-dynamic' 'wasm-unsafe-eval'; \
     style-src 'self' 'nonce-…'; style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; \
     connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

fn nonce(policy: &str) -> &str {
    policy.split_once("'nonce-").unwrap().1.split_once('\'').unwrap().0
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_guarded_and_every_nonce_is_new() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let mut nonces = BTreeSet::new();
    for path in [
        "/",
        "/sign-in",
        "/setup",
        "/events",
        "/sources",
        "/help",
        "/nowhere",
        "/healthz",
        "/readyz",
        "/api/none",
        "/pkg/none.js",
        "/live",
    ] {
        let answer = world.ask(Ask::get(path).cookie(&cookie)).await;
        let policy = answer.header("content-security-policy").to_owned();
        let own = nonce(&policy).to_owned();
        assert_eq!(policy.replace(&own, "…"), POLICY, "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert!(answer.header("permissions-policy").contains("camera=()"), "{path}");
        assert_eq!(answer.header("strict-transport-security"), "", "{path}: only over https");
        assert_eq!(answer.headers.get_all("cache-control").iter().count(), 1, "{path}");
        // Every script of the page is of this answer.
        for script in answer.text().split("<script").skip(1) {
            let tag = script.split_once('>').unwrap().0;
            assert!(tag.contains(&format!("nonce=\"{own}\"")), "{path}: <script{tag}>");
        }
        assert!(nonces.insert(own), "{path}: a nonce came twice");
    }
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_https_cookies_are_bound_to_the_host() {
    let world = World::start_with("public_url = \"https://weir.example.com\"").await;
    let from_outside = |ask: Ask| ask.header("host", "weir.example.com").header("origin", "https://weir.example.com");
    let token = world.setup_token().await.unwrap();
    let fields = [("token", &*token), ("login", "mara"), ("name", "Mara"), ("password", PASSWORD)];
    let answer = world.ask(from_outside(Ask::form("/setup", &fields))).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-weir="), "{cookie}");
    for part in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.split("; ").any(|p| p == part), "{cookie}");
    }
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
    let cookie = answer.cookie();
    assert_eq!(world.ask(from_outside(Ask::get("/help")).cookie(&cookie)).await.status, 200);
    let plain = cookie.replace("__Host-", "");
    assert_eq!(world.ask(from_outside(Ask::get("/help")).cookie(&plain)).await.status, 303);
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strange_names_for_this_server_are_not_answered() {
    let world = World::start().await;
    for host in ["evil.example", "weir.example.com", "127.0.0.1.evil.example"] {
        let answer = world.ask(Ask::get("/sign-in").header("host", host)).await;
        assert_eq!(answer.status, 421, "{host}");
        assert!(!answer.text().contains(host));
        // Whoever watches the process knows it by its address.
        assert_eq!(world.ask(Ask::get("/healthz").header("host", host)).await.status, 200);
    }
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_the_first_administrator_works_once() {
    let world = World::start().await;
    let (old, token) = (world.setup_token().await.unwrap(), world.setup_token().await.unwrap());
    let set_up = |token: &str, login: &str, name: &str, password: &str| {
        world.ask(Ask::form("/setup", &[("token", token), ("login", login), ("name", name), ("password", password)]))
    };
    // What is wrong is told by a code, and the link is not used up by it.
    for (answer, code) in [
        (set_up(&old, "mara", "Mara", PASSWORD).await, "token"),
        (set_up("nonsense", "mara", "Mara", PASSWORD).await, "token"),
        (set_up("", "mara", "Mara", PASSWORD).await, "token"),
        (set_up(&token, "m m", "Mara", PASSWORD).await, "login"),
        (set_up(&token, "mara", " ", PASSWORD).await, "name"),
        (set_up(&token, "mara", "Mara", "short").await, "password_short"),
        (set_up(&token, "mara", "Mara", &"ab".repeat(600)).await, "password_long"),
        (set_up(&token, "mara", "Mara", "mara-12345678").await, "password_login"),
        (set_up(&token, "mara", "Mara", "zzzzzzzzzzzzzzzz").await, "password_repeated"),
        (world.ask(Ask::form("/setup", &[("token", &token)])).await, "token"),
    ] {
        let location = answer.header("location");
        assert_eq!(answer.status, 303);
        assert!(
            location.trim_end_matches(&format!("#token={token}")) == format!("/setup?error={code}"),
            "{location} for {code}"
        );
        let keeps_token = location.ends_with(&format!("#token={token}"));
        assert_eq!(keeps_token, code != "token", "{location}");
    }
    let done = set_up(&token, "mara", "Mara", PASSWORD).await;
    assert_eq!(done.header("location"), "/");
    let page = world.ask(Ask::get("/").cookie(&done.cookie())).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Mara"), "{}", page.text());

    let again = set_up(&token, "eve", "Eve", PASSWORD).await;
    assert_eq!(again.header("location"), "/setup?error=exists");
    assert_eq!(again.header("set-cookie"), "");
    assert_eq!(world.setup_token().await, None, "there is an administrator");
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_exists_is_not_told_and_guessing_gets_slow() {
    let world = World::start().await;
    world.administrator().await;
    let sign_in =
        |login: &str, password: &str| world.ask(Ask::form("/sign-in", &[("login", login), ("password", password)]));
    let mut seen = Vec::new();
    for login in ["mara", "nobody-of-that-name"] {
        let mut locations = Vec::new();
        for _ in 0..12 {
            let answer = sign_in(login, "not the password").await;
            assert_eq!(answer.status, 303);
            assert_eq!(answer.header("set-cookie"), "");
            let location = answer.header("location").to_owned();
            let slow = location.starts_with("/sign-in?error=too_many&wait=");
            assert!(slow || location == "/sign-in?error=credentials", "{location}");
            locations.push(slow);
        }
        seen.push(locations);
    }
    assert!(seen[0].contains(&true), "guessing never got slow: {seen:?}");
    // The second name suffers from the first's failures, as they came from the same place; never the other way round.
    assert!(seen[1].iter().filter(|slow| **slow).count() >= seen[0].iter().filter(|slow| **slow).count());
    // Even the right password must wait.
    assert!(sign_in("mara", PASSWORD).await.header("location").contains("too_many"));
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_signs_in_to_where_one_wanted_to_go_and_out_for_good() {
    let world = World::start().await;
    world.administrator().await;
    let asked = world.ask(Ask::get("/events?key=ord-1&tail=1")).await;
    assert_eq!(asked.status, 303);
    assert_eq!(asked.header("location"), "/sign-in?next=%2Fevents%3Fkey%3Dord-1%26tail%3D1");
    let form = world.ask(Ask::get(asked.header("location"))).await;
    assert_eq!(form.status, 200);
    assert!(form.text().contains("value=\"/events?key=ord-1&amp;tail=1\""), "{}", form.text());

    for (next, leads_to) in [
        ("/events?key=ord-1&tail=1", "/events?key=ord-1&tail=1"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/a\r\nset-cookie: x=y", "/"),
    ] {
        let fields = [("login", "Mara "), ("password", PASSWORD), ("next", next)];
        let answer = world.ask(Ask::form("/sign-in", &fields)).await;
        assert_eq!((answer.status, answer.header("location")), (303, leads_to), "{next:?}");
        let cookie = answer.cookie();
        assert!(answer.header("set-cookie").ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=86400"));
        assert_eq!(world.ask(Ask::get("/help").cookie(&cookie)).await.status, 200);
        let me = world.ask(Ask::get("/api/access/me").cookie(&cookie)).await;
        assert_eq!((me.status, me.json()["login"].as_str()), (200, Some("mara")));

        let out = world.ask(Ask::form("/sign-out", &[]).cookie(&cookie)).await;
        assert_eq!((out.status, out.header("location")), (303, "/sign-in"));
        assert!(out.header("set-cookie").starts_with("weir=; ") && out.header("set-cookie").contains("Max-Age=0"));
        assert_eq!(world.ask(Ask::get("/help").cookie(&cookie)).await.status, 303);
        assert_eq!(world.ask(Ask::get("/api/access/me").cookie(&cookie)).await.status, 401);
    }
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_is_refused_and_an_old_page_is_told() {
    let world = World::start_with("[limits]\nbody_bytes = 4096").await;
    let cookie = world.administrator().await;
    let big = Ask::form("/sign-in", &[("login", "mara"), ("password", &"a".repeat(5000))]);
    let answer = world.ask(big).await;
    assert!(answer.status == 413 || answer.header("location").contains("error="), "{}", answer.status);
    let many = (0..150).fold(Ask::get("/healthz"), |ask, n| ask.header(&format!("x-{n}"), "y"));
    assert_eq!(world.ask(many).await.status, 431);
    let me = Ask::get("/api/access/me").cookie(&cookie);
    let old = world.ask(me.clone().header("x-weir-build", "of last year")).await;
    assert_eq!((old.status, old.json()["kind"].as_str()), (409, Some("outdated")));
    let build = world.ask(Ask::get("/readyz")).await.json()["build"].as_str().unwrap().to_owned();
    assert_eq!(world.ask(me.header("x-weir-build", &build)).await.status, 200);
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_starts_without_its_database_and_says_so() {
    let postgres = Postgres::start(PostgresOptions::durable()).unwrap();
    let url = postgres.ensure_database("weir").unwrap();
    postgres.stop().unwrap();
    let world = World::start_on(&url, "").await;
    let away = world.until(|a| a.text().contains("the database can't be reached")).await;
    assert_eq!(away.status, 503);
    assert!(!away.text().contains(url.split(['@', ':']).nth(2).unwrap()), "{}", away.text());
    assert_eq!(world.ask(Ask::get("/healthz")).await.status, 200);
    let page = world.ask(Ask::get("/events")).await;
    assert_eq!(page.status, 503);
    assert!(page.text().contains("Weir can&#39;t reach its database."), "{}", page.text());
    let call = world.ask(Ask::get("/api/access/me")).await;
    assert_eq!((call.status, call.json()["kind"].as_str()), (503, Some("unavailable")));
    // Whoever wants to sign in sees the form.
    assert_eq!(world.ask(Ask::get("/sign-in")).await.status, 200);

    postgres.restart().unwrap();
    world.until_ready().await;
    let cookie = world.administrator().await;
    assert_eq!(world.ask(Ask::get("/").cookie(&cookie)).await.status, 200);

    postgres.stop().unwrap();
    world.until(|a| a.status == 503).await;
    assert_eq!(world.ask(Ask::get("/").cookie(&cookie)).await.status, 503);
    postgres.restart().unwrap();
    world.until_ready().await;
    assert_eq!(world.ask(Ask::get("/").cookie(&cookie)).await.status, 200);
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_database_is_not_tapped_until_adopted() {
    let postgres = Postgres::start(PostgresOptions::durable()).unwrap();
    let url = postgres.ensure_database("weir").unwrap();
    let environment = "[environments.test]\nkind = \"other\"";
    let first = World::start_on(&url, environment).await;
    let ready = first.until(|a| a.status == 200).await.json();
    assert_eq!(ready["taps"], "on");
    // Its environments are what tells a used database.
    let cookie = first.administrator().await;
    let begun = std::time::Instant::now();
    while first.ask(Ask::get("/api/access/me").cookie(&cookie)).await.json()["environments"]
        .as_array()
        .unwrap()
        .is_empty()
    {
        assert!(begun.elapsed() < common::LIMIT, "the environment never came");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    first.running.end().await;

    let copy = World::start_on(&url, environment).await;
    let ready = copy.until(|a| a.status == 200).await.json();
    assert_eq!(ready["taps"], "off");
    assert!(ready["taps_reason"].as_str().unwrap().contains("weir adopt"), "{ready}");
    assert_eq!(copy.ask(Ask::get("/").cookie(&cookie)).await.status, 200, "the web works");
    weir::commands::adopt::run(&common::configuration(&copy.dir, &url, environment)).await.unwrap();
    copy.running.end().await;
}
