//! People, ruled by programs.

use crate::{
    common::{World, client::Ask},
    kind, problem,
};
use http::Method;
use serde_json::{Value, json};
use weir_domain::access::Role;

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
