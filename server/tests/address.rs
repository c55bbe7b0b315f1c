//! Below a path of its host (`public_url = "https://weir.example.com/tools/weir"`): whatever leads somewhere leads there,
//! whether the proxy takes the path off or not.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at its first surprise")]

mod common;

use common::{PASSWORD, World, client::Ask, html::tags};
use http::Method;
use weir::http::Gate;

const ROOT: &str = "/tools/weir";

async fn world() -> World {
    World::start_with("public_url = \"https://weir.example.com/tools/weir\"\n[environments.test]\nkind = \"other\"")
        .await
}

fn from_outside(ask: Ask) -> Ask {
    ask.header("host", "weir.example.com").header("origin", "https://weir.example.com")
}

/// The first administrator, asked for by a proxy that leaves the path on.
async fn administrator(world: &World) -> String {
    let token = world.setup_token().await.unwrap();
    let fields = [("token", &*token), ("login", "mara"), ("name", "Mara"), ("password", PASSWORD)];
    let answer = world.ask(from_outside(Ask::form("/tools/weir/setup", &fields))).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/tools/weir/"));
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Secure-weir=") && cookie.contains("; Path=/tools/weir; "), "{cookie}");
    assert!(cookie.ends_with("; Secure"), "{cookie}");
    assert_eq!(answer.header("strict-transport-security"), "", "the host is not ours alone");
    answer.cookie()
}

/// Addresses of a page that lead out of Weir.
fn astray(page: &str) -> Vec<String> {
    let addresses = ["href", "src", "action", "formaction", "poster", "data", "cite", "srcset", "ping"];
    let of_tags = tags(page).into_iter().flat_map(|t| t.attributes);
    of_tags
        .filter(|(name, value)| addresses.contains(&name.as_str()) && value.starts_with('/'))
        .filter(|(_, value)| *value != ROOT && !value.starts_with("/tools/weir/"))
        .map(|(name, value)| format!("{name}={value}"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_leads_on_below_the_path() {
    let world = world().await;
    let cookie = administrator(&world).await;
    let pages: Vec<_> = world.running.mounted.iter().filter(|m| m.method == Method::GET).collect();
    assert!(pages.len() > 8);
    let mut seen = 0;
    for route in pages {
        if !matches!(route.gate, Gate::Page | Gate::Public(_)) {
            continue;
        }
        let path = route.path.replace("{id}", "1-1").replace("{*file}", "none.js").replace("{*any}", "nowhere/at/all");
        for asked in [format!("{ROOT}{path}"), path.clone()] {
            let answer = world.ask(from_outside(Ask::get(&asked)).cookie(&cookie)).await;
            let text = answer.text();
            assert_eq!(astray(&text), Vec::<String>::new(), "{asked}");
            if answer.header("content-type").starts_with("text/html") {
                seen += 1;
                assert!(text.contains("/tools/weir/") || path == "/setup" || path == "/sign-in", "{asked}: {text}");
                assert!(!text.contains("/tools/weir/tools/weir"), "{asked}: put on twice");
                assert!(text.contains("</html>"), "{asked}: cut");
            }
        }
    }
    assert!(seen > 10, "{seen}");
    // What the server answers without the console, too.
    let nothing = world.ask(from_outside(Ask::get("/tools/weir/events/1-1/payload")).cookie(&cookie)).await;
    assert_eq!((nothing.status, astray(&nothing.text())), (404, Vec::new()));
    assert!(nothing.text().contains("<a href=\"/tools/weir/\">"), "{}", nothing.text());
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_led_to_the_log_in_and_back() {
    let world = world().await;
    administrator(&world).await;
    for asked in ["/tools/weir/events?key=/a&tail=1", "/events?key=/a&tail=1"] {
        let turned_away = world.ask(from_outside(Ask::get(asked))).await;
        let next = "/tools/weir/sign-in?next=%2Fevents%3Fkey%3D%2Fa%26tail%3D1";
        assert_eq!((turned_away.status, turned_away.header("location")), (303, next), "{asked}");
        let form = world.ask(from_outside(Ask::get(next))).await.text();
        assert!(form.contains("action=\"/tools/weir/sign-in\""), "{form}");
        let value = "value=\"/events?key=/a&amp;tail=1\"";
        assert!(form.contains(value), "a path of Weir's own travels as such: {form}");
    }
    let fields = [("login", "mara"), ("password", PASSWORD), ("next", "/events?key=/a")];
    let back = world.ask(from_outside(Ask::form("/tools/weir/sign-in", &fields))).await;
    assert_eq!(back.header("location"), "/tools/weir/events?key=/a");
    let cookie = back.cookie();
    for (asked, status) in [
        ("/tools/weir/api/access/me", 200),
        ("/api/access/me", 200),
        ("/tools/weir", 200),
        ("/tools/weir/", 200),
        ("/tools/weir?env=1", 200),
        ("/tools/weir/healthz", 200),
        ("/tools/weirdo", 404),
        ("/tools/weir/no/such/page", 404),
    ] {
        assert_eq!(world.ask(from_outside(Ask::get(asked)).cookie(&cookie)).await.status, status, "{asked}");
    }
    // Nothing a proxy says overrules the configuration.
    let told = from_outside(Ask::get("/tools/weir/events"))
        .header("x-forwarded-host", "evil.example")
        .header("x-forwarded-proto", "http")
        .header("x-forwarded-prefix", "/evil");
    assert!(world.ask(told).await.header("location").starts_with("/tools/weir/sign-in?"));
    let out = world.ask(from_outside(Ask::form("/tools/weir/sign-out", &[])).cookie(&cookie)).await;
    assert_eq!(out.header("location"), "/tools/weir/sign-in?done=signed_out");
    assert!(out.header("set-cookie").starts_with("__Secure-weir=; Path=/tools/weir; "), "{}", out.header("set-cookie"));
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_like_one_of_weir_s_own_is_refused() {
    let dir = weir_testkit::PrivateDir::new("address").unwrap();
    for (path, refused) in [("/events", true), ("/api/weir", true), ("/weir", false)] {
        let more = format!("public_url = \"https://weir.example.com{path}\"");
        let config = common::configuration(&dir, "postgres://nobody@127.0.0.1:1/none", &more);
        match weir::commands::serve::start(config, Default::default()).await {
            Ok(running) => {
                assert!(!refused, "{path}");
                running.end().await;
            }
            Err(why) => assert!(refused && why.to_string().contains("public_url ends with"), "{path}: {why}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_counted_by_whom_the_proxy_names_and_nobody_else_is_believed() {
    let more = "public_url = \"https://weir.example.com/tools/weir\"\ntrusted_proxies = [\"127.0.0.1\"]\n\
                [environments.test]\nkind = \"other\"";
    let world = World::start_with(more).await;
    let guess = |login: String, by: &'static str| {
        let form = Ask::form("/sign-in", &[("login", &login), ("password", "not the password")]);
        world.ask(from_outside(form).header("x-forwarded-for", by))
    };
    let slow = |answer: &common::client::Answer| answer.header("location").contains("error=too_many");
    let mut slowed = false;
    for n in 0..40 {
        slowed |= slow(&guess(format!("one-{n}"), "203.0.113.1").await);
        if slowed {
            break;
        }
    }
    assert!(slowed, "guessing at many names from one address never got slow");
    assert!(!slow(&guess("two".into(), "203.0.113.2").await), "another address behind the same proxy pays for it");
    assert!(slow(&guess("three".into(), "203.0.113.7, 203.0.113.1").await), "what stands further left was believed");
    world.running.end().await;

    // Without the setting these headers mean nothing, and the proxy's address is nobody's.
    let world = self::world().await;
    for n in 0..40 {
        let form = Ask::form("/sign-in", &[("login", &format!("one-{n}")), ("password", "not the password")]);
        assert!(!slow(&world.ask(from_outside(form)).await), "one person locks out all others behind a proxy");
    }
    world.running.end().await;
}
