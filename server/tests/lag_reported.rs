//! An application that keeps its positions elsewhere and reports them, beside groups of a real broker.

#![expect(clippy::unwrap_used, reason = "a test ends at its first surprise")]

mod broker;
mod common;

use std::{
    future::Future,
    time::{Duration, Instant},
};

use broker::{Topic, source};
use common::{
    LIMIT, World,
    client::{Answer, Ask},
};
use http::Method;
use serde_json::{Value, json};
use weir_domain::access::Role;
use weir_testkit::Kafka;

async fn until<T, F: Future<Output = Result<T, String>>>(look: impl Fn() -> F) -> T {
    let begun = Instant::now();
    loop {
        match look().await {
            Ok(found) => return found,
            Err(why) => assert!(begun.elapsed() < LIMIT, "never so: {why}"),
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_reported_stands_among_the_groups() {
    let bootstrap = Kafka::shared().unwrap();
    let topic = Topic::create(&bootstrap, "reported", 1).await;
    for n in 0..10 {
        topic.send(&format!("key-{n}"), "{}").await;
    }
    let more = "lag_every_s = 1\n".to_owned() + &source(&bootstrap, &topic.name, "");
    let world = World::start_with(&more).await;
    let cookie = world.administrator().await;
    let token = world.token(&cookie, "spark", Role::ALL).await.text;
    let post = async |path: &str, body: Value| -> Answer {
        let ask = Ask::program(Method::POST, path).bearer(&token).header("content-type", "application/json");
        world.ask(ask.body(body.to_string())).await
    };
    let name = format!("spark-{}", topic.name);
    let report = async |next: &str| {
        let positions = json!([{"channel": topic.name, "partition": 0, "next": next}]);
        let body = json!({"source": "shop", "group": name, "application": "totals", "positions": positions});
        post("/api/v1/groups/report", body).await
    };
    // The source has to be known first.
    until(|| async {
        let answer = report("3").await;
        if answer.status == 200 { Ok(()) } else { Err(answer.text()) }
    })
    .await;
    let with_lag = async |lag: u64| {
        until(|| async {
            let page = world.rest(&token, &format!("/api/v1/groups?q={name}")).await.json();
            let group = page["groups"][0].clone();
            if group["lag"] == lag { Ok(group) } else { Err(page.to_string()) }
        })
        .await
    };
    let group = with_lag(7).await;
    assert_eq!((&group["kind"], &group["state"]), (&json!("reported"), &json!("stable")));
    assert_eq!((&group["members"], &group["channels"]), (&json!(1), &json!([topic.name])));
    assert_eq!(group["positions_expire"], Value::Null, "no broker keeps them");
    let id = group["id"].as_str().unwrap();
    let whole = world.rest(&token, &format!("/api/v1/groups/{id}")).await.json();
    assert_eq!(whole["channels"][0]["partitions"][0]["held_by"]["client_id"], "totals");

    report("10").await;
    with_lag(0).await;
    let wanted = json!({"channel": topic.name, "to": "earliest"});
    let plan = post(&format!("/api/v1/groups/{id}/plan"), wanted).await.json();
    assert!(plan["refused"]["what"].as_str().unwrap().contains("keeps its positions elsewhere"), "{plan}");
    world.running.end().await;
}
