//! Who is let in.

use crate::{
    common::{self, World, client::Ask},
    kind, problem,
};
use http::Method;
use serde_json::json;
use weir::http::Gate;
use weir_domain::access::Role;

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
