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
        "/invite",
        "/people",
        "/people/new",
        "/account",
        "/account/ask",
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
        let permissions = answer.header("permissions-policy");
        assert!(
            permissions.contains("camera=()") && !permissions.contains("bluetooth"),
            "{path}: browsers know no such name"
        );
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
        let (path, query) = location.trim_end_matches(&format!("#token={token}")).split_once('?').unwrap();
        assert_eq!(path, "/setup");
        assert_eq!(query.split('&').next(), Some(format!("error={code}").as_str()), "{location}");
        // What was typed stands in the form again, the password never.
        assert_eq!(query.contains("&login="), code != "token", "{location}");
        assert!(!query.contains("password="), "{location}");
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
        assert_eq!((out.status, out.header("location")), (303, "/sign-in?done=signed_out"));
        assert!(out.header("set-cookie").starts_with("weir=; ") && out.header("set-cookie").contains("Max-Age=0"));
        assert_eq!(world.ask(Ask::get("/help").cookie(&cookie)).await.status, 303);
        assert_eq!(world.ask(Ask::get("/api/access/me").cookie(&cookie)).await.status, 401);
    }
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_before_the_sign_in_know_how_far_one_is() {
    const PASSWORD_FIELD: &str = "name=\"password\"";
    let world = World::start().await;
    let page = async |path: &str, cookie: &str| world.ask(Ask::get(path).cookie(cookie)).await.text();

    let nobody = page("/sign-in", "").await;
    assert!(nobody.contains("one-time link") && nobody.contains("weir admin-link"), "{nobody}");
    assert!(!nobody.contains(PASSWORD_FIELD), "there is nobody to sign in: {nobody}");
    let field = |page: &str, name: &str| {
        let tag = page.split('<').find(|t| t.starts_with("input") && t.contains(&format!("name=\"{name}\""))).unwrap();
        tag.contains("autofocus")
    };
    let first = page("/setup", "").await;
    assert!(field(&first, "name") && !field(&first, "login"), "{first}");
    let again = page("/setup?error=login", "").await;
    assert!(field(&again, "login") && !field(&again, "name"), "the cursor stands in what is wrong: {again}");

    let cookie = world.administrator().await;
    let set_up = page("/setup", "").await;
    assert!(set_up.contains("There is an administrator already") && set_up.contains("href=\"/sign-in\""), "{set_up}");
    assert!(!set_up.contains(PASSWORD_FIELD), "{set_up}");
    let out = page("/sign-in?done=signed_out", "").await;
    assert!(out.contains("You are signed out") && out.contains(PASSWORD_FIELD), "{out}");
    let inside = page("/sign-in", &cookie).await;
    assert!(inside.contains("You are signed in as") && !inside.contains(PASSWORD_FIELD), "{inside}");

    // What the page words well is the caller's mistake by HTTP too.
    let backwards = "/api/events/list?query=from%3D2026-11-26T12%3A00%3A00Z%26to%3D2026-11-26T11%3A00%3A00Z";
    let answer = world.ask(Ask::get(backwards).cookie(&cookie)).await;
    assert_eq!((answer.status, answer.json()["kind"].as_str()), (400, Some("invalid")), "{}", answer.text());
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
    weir::commands::adopt::run(&common::configuration(&copy.dir, &url, environment), false).await.unwrap();
    copy.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_makes_no_sense_is_told_so_and_is_no_failure_of_the_server() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let backwards = "from%3D2026-11-22T14%3A00%3A00Z%26to%3D2026-11-22T13%3A00%3A00Z";
    let form = |body: &str| Ask::form("/api/sources/pause", &[]).body(body.to_owned());
    for ask in [
        Ask::get("/api/events/list"),
        Ask::get("/api/overview/summary?env=abc"),
        Ask::get("/api/events/detail?id=1-2"),
        Ask::get("/api/events/list?query=from%3Dzzz"),
        Ask::get(&format!("/api/events/list?query={backwards}")),
        form("source=abc"),
        form("{\"source\": 1}").header("content-type", "application/json"),
        form("").body(&b"source=\xff"[..]),
    ] {
        let answer = world.ask(ask.clone().cookie(&cookie)).await;
        assert_eq!((answer.status, answer.json()["kind"].as_str()), (400, Some("invalid")), "{ask:?}");
        assert_eq!(answer.header("content-type"), "application/json", "{ask:?}");
        assert_ne!(answer.json()["what_to_do"], "", "{ask:?}");
    }
    // The page itself says what is wrong with it, and the highest number a page may have is one.
    let page = world.ask(Ask::get("/events?page=4294967295&before=5.1-1").cookie(&cookie)).await;
    assert_eq!(page.status, 200, "{}", page.text());
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_are_answered_as_programs() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    for cookie in [&*cookie, ""] {
        for ask in [Ask::get("/api/nope"), Ask::get("/api/events/none"), Ask::form("/api/nope", &[])] {
            let answer = world.ask(ask.clone().cookie(cookie)).await;
            assert_eq!((answer.status, answer.json()["kind"].as_str()), (404, Some("invalid")), "{ask:?}");
        }
    }
    let head = world.ask(Ask::new(http::Method::HEAD, "/api/access/me").cookie(&cookie)).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    // Whoever would rather have a page gets the answer all the same.
    let page = |path| {
        let ask = Ask::get(path).header("accept", "text/html").header("referer", "http://127.0.0.1/events");
        world.ask(ask.cookie(&cookie))
    };
    let me = page("/api/access/me").await;
    assert_eq!((me.status, me.header("location"), me.json()["login"].as_str()), (200, "", Some("mara")));
    let wrong = page("/api/events/list").await;
    assert_eq!((wrong.status, wrong.header("location"), wrong.json()["kind"].as_str()), (400, "", Some("invalid")));
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_layers_below_refuse_is_told_in_words() {
    let world = World::start_with("[limits]\nbody_bytes = 4096").await;
    let cookie = world.administrator().await;
    let much = "a".repeat(5000);
    let call = world.ask(Ask::form("/api/sources/pause", &[("source", &much)]).cookie(&cookie)).await;
    assert_eq!((call.status, call.json()["kind"].as_str()), (413, Some("invalid")));
    let form = world.ask(Ask::form("/sign-in", &[("login", &much)])).await;
    assert_eq!((form.status, form.header("content-type")), (413, "text/html; charset=utf-8"));
    assert!(form.text().contains("larger than Weir takes"), "{}", form.text());
    let payload = world.ask(Ask::get("/events/%ff/payload").cookie(&cookie)).await;
    assert_eq!((payload.status, payload.header("content-type")), (400, "text/html; charset=utf-8"));
    // A path leads to the same page with and without the last stroke.
    for path in ["/help", "/help/", "/events", "/events/"] {
        assert_eq!(world.ask(Ask::get(path).cookie(&cookie)).await.status, 200, "{path}");
    }
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_a_name_unless_it_says_that_it_is_an_id() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    world
        .sql(
            "insert into environment (name) values ('numbers');
             insert into source (environment_id, name, kind, description, capture, act, read_only)
             select e.id, s.name, 'kafka', '', 'full', 'none', true
             from environment e, (values ('first'), ('second'), ('3')) s (name) where e.name = 'numbers' order by s.name;
             insert into channel (source_id, name)
             select s.id, c.name from source s, (values ('orders'), ('payments'), ('1')) c (name)
             where s.name = 'first' order by c.name desc;
             insert into channel (source_id, name) select id, 'others' from source where name = '3'",
        )
        .await;
    let ids = async |table: &str, name: &str| world.sql(&format!("select id from {table} where name = '{name}'")).await;
    let (orders, one) = (ids("channel", "orders").await, ids("channel", "1").await);
    let (first, three) = (ids("source", "first").await, ids("source", "3").await);
    assert!(one != "1" && three != "3", "else this proves nothing");
    // What was known is remembered for a second.
    let begun = std::time::Instant::now();
    let ask = async |query: &str| {
        let ask = || world.ask(Ask::get(&format!("/api/events/list?query={query}")).cookie(&cookie));
        let mut answer = ask().await;
        while answer.status == 400 && begun.elapsed() < std::time::Duration::from_secs(3) {
            answer = ask().await;
        }
        answer
    };
    for (query, field, id) in [
        ("channel%3D1", "channel", &one),
        ("channel%3Dorders", "channel", &orders),
        (&*format!("channel%3D%2523{orders}"), "channel", &orders),
        ("source%3D3", "source", &three),
        (&*format!("source%3D%2523{first}"), "source", &first),
    ] {
        let answer = ask(query).await;
        assert_eq!((answer.status, answer.json()["filter"][field].to_string()), (200, id.clone()), "{query}");
    }
    let none = ask(&format!("channel%3D{orders}")).await;
    assert_eq!(none.status, 400, "no channel has this name: {}", none.text());
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_does_nothing_as_somebody_else_who_signed_in_since() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let mara = world.sql("select id from person").await;
    let page = world.ask(Ask::get("/").cookie(&cookie)).await;
    assert!(page.text().contains(&format!("name=\"weir-person\" content=\"{mara}\"")), "the page says whose it is");
    let other = "018f0000-0000-7000-8000-000000000000";
    let asks = || [Ask::get("/api/access/me"), Ask::form("/api/sources/pause", &[("source", "1")])];
    for ask in asks() {
        let refused = world.ask(ask.cookie(&cookie).header("x-weir-person", other)).await;
        assert_eq!((refused.status, refused.json()["kind"].as_str()), (409, Some("outdated")));
    }
    for ask in asks() {
        assert_eq!(world.ask(ask.cookie(&cookie).header("x-weir-person", &mara)).await.status, 200);
    }
    let stream = |person: &str| Ask::get(&format!("/live?topics=overview&person={person}")).cookie(&cookie);
    assert_eq!(world.ask(stream(other)).await.status, 401, "the page's own person is signed out");
    assert_eq!(common::client::open(world.address, stream(&mara)).await.unwrap().status, 200);
    world.running.end().await;
}
