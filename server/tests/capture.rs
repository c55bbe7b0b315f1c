//! Policies of channels over the whole way: by program, by the page's form with its question, and what the inspector says
//! of an event without content.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at its first surprise")]

mod common;

use common::{
    World,
    client::{Answer, Ask},
    seed::event,
};
use http::Method;
use serde_json::{Value, json};
use weir_domain::{
    access::Role,
    capture::{CapturedEvent, Maintenance as _, Withheld, WithheldBy},
};

fn policy(capture: &str) -> Value {
    json!({ "capture": capture, "payload_days": 7, "metadata_days": 30 })
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_read_and_change_what_is_kept() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let seeded = world.seed().await;
    let token = world.token(&cookie, "all", Role::ALL).await.text;
    let at = format!("/api/v1/channels/{}/capture", seeded.orders);
    let read = async || world.rest(&token, &at).await.json();
    let set = async |body: Value| {
        let ask = Ask::program(Method::POST, &at).bearer(&token).header("content-type", "application/json");
        world.ask(ask.body(body.to_string())).await
    };
    let before = read().await;
    assert_eq!(
        (&before["policy"]["capture"], &before["effective"], &before["ceiling"]),
        (&json!("full"), &json!("full"), &json!("full"))
    );
    assert_eq!((&before["events"], &before["steady_bytes"]), (&json!(7), &Value::Null), "too early to tell");
    assert!(before["payload_bytes"].as_u64().unwrap() > 0 && before["metadata_bytes"].as_u64().unwrap() > 0);
    let sampled = json!({ "capture": "sampled", "sample_per_mille": 125, "payload_days": 1, "metadata_days": 90, "payload_limit_bytes": 5_000_000 });
    assert_eq!(set(json!({ "policy": sampled, "seen": before["policy"] })).await.status, 200);
    let after = read().await;
    // What was left out is as it was.
    let mut kept = sampled;
    (kept["turn"], kept["erase_on_tombstone"]) = (json!(5), json!(false));
    assert_eq!((&after["policy"], &after["changed_by"]), (&kept, &json!("Mara Lindqvist")));
    assert_eq!(
        set(json!({ "policy": policy("off"), "seen": before["policy"] })).await.status,
        409,
        "it is another one"
    );
    for wrong in [
        policy("failures_only"),
        policy("everything"),
        json!({ "capture": "sampled", "sample_per_mille": 0, "payload_days": 7, "metadata_days": 30 }),
        json!({ "capture": "full", "payload_days": 8, "metadata_days": 30 }),
        json!({ "capture": "full", "payload_days": 90, "metadata_days": 30 }),
        json!({ "capture": "full" }),
    ] {
        assert_eq!(set(json!({ "policy": wrong })).await.status, 400, "{wrong}");
    }
    assert_eq!(read().await["policy"], kept);
    let listed = world.rest(&token, "/api/v1/capture").await.json();
    let names: Vec<_> = listed["channels"].as_array().unwrap().iter().map(|c| c["channel"]["name"].clone()).collect();
    assert_eq!(names.len(), 3);
    let of_bank = world.rest(&token, &format!("/api/v1/capture?source={}", seeded.bank)).await.json();
    assert_eq!(of_bank["channels"][0]["channel"]["name"], "transfer.booked");
    assert_eq!(world.rest(&token, "/api/v1/channels/99999/capture").await.status, 404);
    assert_eq!(world.rest(&token, "/api/v1/capture?source=x").await.status, 400);
    // The ceiling lowers what comes out, and the policy stays.
    world.sql("update source set capture = 'metadata' where name = 'shop'").await;
    let lowered = read().await;
    assert_eq!((&lowered["policy"], &lowered["effective"]), (&kept, &json!("metadata")));
    let entries = world.rest(&token, "/api/v1/audit?act=capture/set").await.json();
    let changed = &entries["entries"][0];
    assert_eq!(
        (&changed["before"]["capture"], &changed["after"]["capture"]),
        (&json!("full"), &json!("sampled")),
        "{entries}"
    );
    world.running.end().await;
}

/// The values of the page's hidden and pressed fields of this name.
fn value_of(page: &Answer, name: &str) -> String {
    let text = page.text();
    let field = text
        .split('<')
        .find(|t| t.contains(&format!("name=\"{name}\"")))
        .unwrap_or_else(|| panic!("{name} is not in {text}"));
    let value = field.split("value=\"").nth(1).unwrap().split('"').next().unwrap();
    value.replace("&quot;", "\"").replace("&amp;", "&")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_asks_before_something_is_given_up_and_says_what_a_channel_costs() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let seeded = world.seed().await;
    let path = format!("/channels/{}/capture", seeded.orders);
    let page = world.ask(Ask::get(&path).cookie(&cookie)).await;
    assert!(page.status == 200 && page.text().contains("Payloads on disk"), "{}", page.text());
    let seen = value_of(&page, "seen");
    let send = async |mode: &str, sure: &str| {
        let fields = [
            ("seen", &*seen),
            ("mode", mode),
            ("sample", "10"),
            ("payload_days", "7"),
            ("metadata_days", "30"),
            ("limit", ""),
            ("turn", "5"),
            ("tombstones", "keep"),
            ("sure", sure),
        ];
        world.ask(Ask::form(&path, &fields).cookie(&cookie)).await
    };
    let kept = async || world.sql(&format!("select policy from channel where id = {}", seeded.orders)).await;
    let asked = send("off", "").await;
    assert!(
        asked.text().contains("Nothing is saved yet") && asked.text().contains("missing for good"),
        "{}",
        asked.text()
    );
    assert_eq!(kept().await, "full");
    // A yes to one question is none to another.
    let yes = value_of(&asked, "sure");
    assert!(send("metadata", &yes).await.text().contains("Nothing is saved yet"));
    assert_eq!(kept().await, "full");
    let done = send("off", &yes).await;
    assert_eq!((done.status, done.header("location")), (303, &*format!("{path}?done=set")));
    assert_eq!(kept().await, "off");
    let late = send("full", "").await;
    assert!(late.status == 409 && late.text().contains("Somebody has changed"), "{} {}", late.status, late.text());
    for bad in ["failures_only", "everything", ""] {
        assert_eq!(send(bad, "").await.status, 400, "{bad}");
    }
    let list = world.ask(Ask::get("/capture").cookie(&cookie)).await.text();
    assert!(list.contains("order.placed") && list.contains("transfer.booked") && list.contains("off"), "{list}");
    let part = world.ask(Ask::get(&format!("/sources/{}/capture", seeded.shop)).cookie(&cookie)).await.text();
    assert!(part.contains("payment.failed") && !part.contains("transfer.booked"), "{part}");
    // Who may not change it sees it all the same.
    let viewer = world.another("vera", &["viewer"]).await;
    let page = world.ask(Ask::get(&path).cookie(&viewer)).await.text();
    assert!(
        page.contains("Payloads on disk") && page.contains("capture.edit") && !page.contains("name=\"seen\""),
        "{page}"
    );
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inspector_says_why_there_is_no_content() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let mut seeded = world.seed().await;
    let token = world.token(&cookie, "all", Role::ALL).await.text;
    let withheld = |position, by| {
        let withheld = Some(Withheld { size: 5, tombstone: false, by });
        CapturedEvent { key: None, headers: Vec::new(), payload: None, withheld, ..event(position, None, None) }
    };
    let without = [
        withheld(20, WithheldBy::ChannelPolicy),
        withheld(21, WithheldBy::Sample),
        withheld(22, WithheldBy::Ceiling),
        withheld(23, WithheldBy::Budget),
    ];
    seeded.append(seeded.order, without.to_vec()).await;
    for (position, word, title) in [
        (20, "channel_policy", "Its channel keeps metadata only"),
        (21, "sampled_out", "It is not part of the sample"),
        (22, "metadata_only", "Only metadata is kept"),
        (23, "over_budget", "There was no room for it"),
    ] {
        let id = format!("{}-{position}", seeded.order);
        let event = world.rest(&token, &format!("/api/v1/events/{id}")).await.json();
        assert_eq!(event["absent"], word);
        let missing = world.rest(&token, &format!("/api/v1/events/{id}/missing")).await.json();
        assert_eq!((&missing["absent"], &missing["given_up"]), (&json!(word), &Value::Null));
        let page = world.ask(Ask::get(&format!("/events/{id}?tab=headers")).cookie(&cookie)).await.text();
        assert!(page.contains(&format!("data-part=\"/events/{id}/missing\"")), "{page}");
        let part = world.ask(Ask::get(&format!("/events/{id}/missing?part=1")).cookie(&cookie)).await.text();
        assert!(part.contains(title), "{part}");
    }
    // Upkeep gives payloads up: the same event says so, with when and why.
    let id = format!("{}-1", seeded.order);
    world.sql(&format!("update channel set payload_limit = 1 where id = {}", seeded.orders)).await;
    let store = &world.running.parts.store;
    store.give_up_payloads(world.running.parts.clock.now()).await.unwrap();
    let event = world.rest(&token, &format!("/api/v1/events/{id}")).await.json();
    assert_eq!(event["absent"], "given_up");
    let missing = world.rest(&token, &format!("/api/v1/events/{id}/missing")).await.json();
    assert_eq!((&missing["given_up"]["by"], &missing["given_up"]["allowed"]), (&json!("limit"), &json!(1)));
    let part = world.ask(Ask::get(&format!("/events/{id}/missing")).cookie(&cookie)).await.text();
    assert!(part.contains("was given up") && part.contains("It was"), "{part}");
    assert_eq!(world.rest(&token, &format!("/api/v1/events/{}-999/missing", seeded.order)).await.status, 404);
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_budget_is_set_by_program_and_by_the_page_and_what_follows_is_told_everywhere() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let seeded = world.seed().await;
    let token = world.token(&cookie, "all", Role::ALL).await.text;
    let read = async || world.rest(&token, "/api/v1/budget").await.json();
    let set = async |body: Value| {
        let ask =
            Ask::program(Method::POST, "/api/v1/budget").bearer(&token).header("content-type", "application/json");
        world.ask(ask.body(body.to_string())).await
    };
    let page = async || world.ask(Ask::get("/capture").cookie(&cookie)).await.text();
    assert_eq!(read().await["budget_bytes"], Value::Null);
    assert!(page().await.contains("none: nothing gives way"));
    assert_eq!(set(json!({ "budget_bytes": 5 })).await.status, 400);
    // Nothing said is not "none".
    let empty = Ask::program(Method::POST, "/api/v1/budget").bearer(&token);
    assert_eq!([set(json!({})).await.status, world.ask(empty).await.status], [400; 2]);
    assert_eq!(set(json!({ "budget_bytes": 900_000_000_000_u64 })).await.status, 200);
    // The page's form is about what was seen, and asks where channels have to give way.
    let post =
        async |fields: &[(&str, &str)]| -> Answer { world.ask(Ask::form("/capture", fields).cookie(&cookie)).await };
    let moved = post(&[("seen", ""), ("budget", "800")]).await;
    assert!(moved.status == 409 && moved.text().contains("Somebody has changed"), "{}", moved.status);
    assert_eq!(post(&[("seen", "900"), ("budget", "800")]).await.status, 303);
    assert_eq!(read().await["budget_bytes"], json!(800_000_000_000_u64));
    let store = &world.running.parts.store;
    let now = || world.running.parts.clock.now();
    // Ten times as much as there may be are used.
    world.sql("update capture_budget set used = 100000000").await;
    let asked = post(&[("seen", "800"), ("budget", "0.01")]).await;
    assert!(asked.status == 200 && asked.text().contains("Nothing is saved yet"), "{}", asked.status);
    assert_eq!(post(&[("seen", "800"), ("budget", "0.01"), ("sure", "0.01")]).await.status, 303);
    // As upkeep does it, of a budget that nothing fits into.
    world.sql("update capture_budget set bytes = 1000").await;
    let plan = store.plan_budget(now()).await.unwrap();
    for step in &plan.steps {
        store.take_budget_step(&plan, step, now()).await.unwrap();
    }
    let told = read().await;
    assert_eq!((&told["fill"], &told["forecast"]), (&json!("full"), &json!("now")));
    assert!(told["over_budget_channels"].as_u64().unwrap() >= 1, "{told}");
    assert_eq!((&told["metadata_alone"], &told["differing_files"]), (&json!(true), &json!([])), "{told}");
    // Another process, with a file that says something.
    world.sql("insert into capture_budget_file values ('other', 20000000, now()) returning 1").await;
    assert_eq!(read().await["differing_files"], json!([20_000_000, null]));
    let text = page().await;
    for words in [
        "by metadata and what holds keep alone",
        "different budgets",
        "20.0 MB, none",
        "metadata only",
        "Metadata only from here",
        "Gave up",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let channel = world.ask(Ask::get(&format!("/channels/{}/capture", seeded.orders)).cookie(&cookie)).await.text();
    assert!(channel.contains("it was this channel&#x27;s turn to give way") || channel.contains("turn to give way"));
    let part = world.ask(Ask::get(&format!("/events/{}-1/missing", seeded.order)).cookie(&cookie)).await.text();
    assert!(part.contains("the store&#x27;s budget of") || part.contains("budget of"), "{part}");
    let changes = world.rest(&token, "/api/v1/changes").await.text();
    assert!(changes.contains("used up to 95 %") && changes.contains("gives up its oldest payloads"), "{changes}");
    let overview = world.rest(&token, "/api/v1/overview").await.text();
    assert!(overview.contains("Metadata alone fills the store's budget"), "{overview}");
    world.running.end().await;
}
