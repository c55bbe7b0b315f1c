//! Saved searches.

use crate::common::{World, client::Ask};
use http::Method;
use serde_json::{Value, json};
use weir_domain::access::Role;

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
