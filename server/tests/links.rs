//! Short links to searches, links from values, and what became of an event that is gone: over HTTP, on a real database.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at its first surprise")]

mod common;

use common::{PASSWORD, World, client::Ask};
use http::Method;
use serde_json::{Value, json};
use weir_domain::access::Role;

async fn post(world: &World, token: &str, path: &str, body: Value) -> common::client::Answer {
    let ask = Ask::program(Method::POST, path).bearer(token).header("content-type", "application/json");
    world.ask(ask.body(body.to_string())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_link_leads_to_the_search_as_it_was_and_tells_nobody_else_of_it() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let form = [("address", "/events?q=data.note:zq-secret&from=-1h&columns=time%2Ckey&sort=-key")];
    let made = world.ask(Ask::form("/links", &form).cookie(&cookie)).await;
    assert_eq!(made.status, 303, "{}", made.text());
    let page = made.header("location").to_owned();
    let id = page.strip_prefix("/links/").unwrap();
    assert_eq!(id.len(), 12);
    let shown = world.ask(Ask::get(&page).cookie(&cookie)).await.text();
    assert!(shown.contains(&format!("/s/{id}")) && shown.contains("Search: query data.note:zq-secret"), "{shown}");
    // It leads to both ends of the range as they were, with the columns.
    let short = format!("/s/{id}");
    let led = world.ask(Ask::get(&short).cookie(&cookie)).await;
    let to = led.header("location").to_owned();
    assert_eq!(led.status, 303, "{}", led.text());
    assert!(to.starts_with("/events?q=data.note:zq-secret&from=20") && to.contains("&to=20"), "{to}");
    assert!(to.ends_with("&columns=time%2Ckey&sort=-key"), "{to}");
    // The same search has the same link.
    let query = to.trim_start_matches("/events?");
    let again = world.ask(Ask::form("/links", &[("address", query)]).cookie(&cookie)).await;
    assert_eq!(again.header("location"), page);
    // Who is not signed in is sent to do so, and lands there after it; nothing on the way tells what it is.
    let outside = world.ask(Ask::get(&short)).await;
    let sign_in = outside.header("location").to_owned();
    assert_eq!((outside.status, sign_in.as_str()), (303, &*format!("/sign-in?next=%2Fs%2F{id}")));
    let form = world.ask(Ask::get(&sign_in)).await;
    for told in [outside.text(), form.text()] {
        for word in ["zq-secret", "og:", "twitter:", "data.note", "oembed"] {
            assert!(!told.contains(word), "{word}");
        }
    }
    let fields = [("login", "mara"), ("password", PASSWORD), ("next", &*short)];
    let signed_in = world.ask(Ask::form("/sign-in", &fields)).await;
    assert_eq!(signed_in.header("location"), short);
    // Nor does the page of an event.
    let event = world.ask(Ask::get("/events/12-4711")).await;
    assert_eq!((event.status, event.header("location")), (303, "/sign-in?next=%2Fevents%2F12-4711"));
    // One that nobody made leads nowhere, and says so like anything that is not there.
    for nothing in ["/s/111111111111", "/s/x", "/links/111111111111", "/links/x"] {
        let answer = world.ask(Ask::get(nothing).cookie(&cookie)).await;
        assert_eq!(answer.status, 404, "{nothing}");
    }
    // What can't be read has no link.
    let wrong = world.ask(Ask::form("/links", &[("address", "q=%28")]).cookie(&cookie)).await;
    assert_eq!(
        (wrong.status, wrong.text().contains("can&#x27;t be read") || wrong.text().contains("can't be read")),
        (400, true)
    );
    // Who may not see events learns nothing of it.
    let auditor = world.another("otto", &["auditor"]).await;
    let refused = world.ask(Ask::get(&short).cookie(&auditor)).await;
    assert!(refused.header("location").is_empty() && !refused.text().contains("zq-secret"), "{}", refused.text());
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_make_links_and_templates_as_people_do() {
    let world = World::start().await;
    let seeded = world.seed().await;
    let cookie = world.administrator().await;
    let token = world.token(&cookie, "all", Role::ALL).await.text;
    let link = post(&world, &token, "/api/v1/links", json!({ "address": "/events?type=order.placed&from=-1h" })).await;
    let link = link.json();
    let id = link["id"].as_str().unwrap();
    assert!(link["url"].as_str().unwrap().ends_with(&format!("/s/{id}")), "{link}");
    assert!(link["address"].as_str().unwrap().starts_with("/events?type=order.placed&from=20"), "{link}");
    assert_eq!(world.rest(&token, &format!("/api/v1/links/{id}")).await.json(), link);
    assert_eq!(world.rest(&token, "/api/v1/links/111111111111").await.status, 404);
    assert_eq!(post(&world, &token, "/api/v1/links", json!({ "address": "from=x" })).await.status, 400);

    let new =
        |field: &str, target: &str| json!({ "name": "CRM", "field": field, "channels": "order.*", "target": target });
    for (field, target) in [
        ("order", "javascript:alert({value})"),
        ("order", "https://me@crm.example/{value}"),
        ("order", "https://crm.example/"),
        ("time", "https://crm.example/{value}"),
    ] {
        assert_eq!(post(&world, &token, "/api/v1/link-templates", new(field, target)).await.status, 400, "{target}");
    }
    let made = post(&world, &token, "/api/v1/link-templates", new("order", "https://crm.example/o/{value}?a=1")).await;
    let template = made.json()["id"].as_str().unwrap().to_owned();
    let all = world.rest(&token, "/api/v1/link-templates").await.json();
    assert_eq!((&all["templates"][0]["field"], all["templates"].as_array().unwrap().len()), (&json!("order"), 1));
    let of = format!("/api/v1/events/{}-1/links", seeded.order);
    let want = json!([{ "name": "CRM", "field": "order", "value": "ord-1", "url": "https://crm.example/o/ord-1?a=1" }]);
    assert_eq!(world.rest(&token, &of).await.json()["links"], want);
    // In the inspector's part and on its own page; and tried before it is kept.
    let part = world.ask(Ask::get(&format!("/event-links/{}-1", seeded.order)).cookie(&cookie)).await.text();
    assert!(part.contains("href=\"https://crm.example/o/ord-1?a=1\" rel=\"noopener noreferrer\""), "{part}");
    let tried = [
        ("act", "preview"),
        ("name", "T"),
        ("field", "order"),
        ("channels", "order.placed"),
        ("target", "https://t.example/{value}"),
    ];
    let tried = world.ask(Ask::form("/links/templates", &tried).cookie(&cookie)).await;
    assert_eq!((tried.status, tried.text().contains("https://t.example/ord-")), (200, true), "{}", tried.text());
    // Who may not see the payload is led nowhere, and who may not edit policies makes none.
    let viewer = world.token(&cookie, "viewer", &[Role::Viewer]).await.text;
    assert_eq!(world.rest(&viewer, &of).await.json()["links"], json!([]));
    assert_eq!(
        post(&world, &viewer, "/api/v1/link-templates", new("order", "https://x.example/{value}")).await.status,
        403
    );
    assert_eq!(world.rest(&token, &format!("/api/v1/events/{}-999/links", seeded.order)).await.status, 404);
    let remove = format!("/api/v1/link-templates/{template}/remove");
    assert_eq!(post(&world, &token, &remove, json!({})).await.status, 200);
    assert_eq!(post(&world, &token, &remove, json!({})).await.status, 404);

    // What became of what is not there; of a partition that nobody knows, nothing is told.
    let gone = world.rest(&token, &format!("/api/v1/events/{}-999", seeded.order)).await;
    assert_eq!(gone.status, 404);
    let gone = world.rest(&token, &format!("/api/v1/events/{}-999/gone", seeded.order)).await.json();
    assert_eq!(
        (&gone["fate"], &gone["channel"]["name"], &gone["at"]),
        (&json!("ahead"), &json!("order.placed"), &Value::Null)
    );
    assert_eq!(world.rest(&token, "/api/v1/events/999999-1/gone").await.status, 404);
    let page = world.ask(Ask::get(&format!("/events/{}-999", seeded.order)).cookie(&cookie)).await;
    assert_eq!(page.status, 404);
    let page = world.ask(Ask::get(&format!("/gone/{}-999", seeded.order)).cookie(&cookie)).await;
    assert!(page.status == 200 && page.text().contains("data-fate=\"ahead\""), "{}", page.text());
    world.running.end().await;
}
