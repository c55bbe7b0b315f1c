//! Erasures and holds as two administrators use them: plain forms over HTTP, carried out by the engine.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at its first surprise")]

mod common;

use common::{
    LIMIT, PASSWORD, World,
    client::{Answer, Ask},
};
use std::time::{Duration, Instant};

/// Somebody else who may erase: their cookie.
async fn second(world: &World, admin: &str) -> String {
    let fields = [
        ("login", "bob"),
        ("name", "Bob Miller"),
        ("role", "admin"),
        ("environment", ""),
        ("source", ""),
        ("pattern", "*"),
    ];
    let text = world.ask(Ask::form("/people/new", &fields).cookie(admin)).await.text();
    let (_, rest) = text.split_once("/invite#token=").unwrap_or_else(|| panic!("no link in {text}"));
    let token: String = rest.chars().take(43).collect();
    let fields = [("token", &*token), ("name", "Bob Miller"), ("password", PASSWORD)];
    world.ask(Ask::form("/invite", &fields)).await.cookie()
}

/// Until the one request is in a state.
async fn reached(world: &World, state: &str) {
    let begun = Instant::now();
    while world.sql("select state from erasure").await != state {
        assert!(begun.elapsed() < LIMIT, "never {state}: {}", world.sql("select state from erasure").await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_asks_a_second_one_approves_and_the_events_say_so() {
    let world = World::start().await;
    let mara = world.administrator().await;
    let seeded = world.seed().await;
    let bob = second(&world, &mara).await;
    let get = async |path: &str, cookie: &str| world.ask(Ask::get(path).cookie(cookie)).await;
    let post = async |path: &str, fields: &[(&str, &str)], cookie: &str| -> Answer {
        world.ask(Ask::form(path, fields).cookie(cookie)).await
    };
    assert!(get("/erasures", &mara).await.text().contains("Nobody has asked for an erasure"));
    assert!(get("/erasures/new", &mara).await.text().contains("First it is counted, then a second person decides."));
    // What is wrong is told on the same page, with what was typed.
    let fields = [("kind", "key"), ("subject", "ord-2"), ("channels", "no.such"), ("reason", "Request 118")];
    let wrong = post("/erasures/new", &fields, &mara).await;
    assert!(wrong.status == 400 && wrong.text().contains("no.such") && wrong.text().contains("Request 118"));
    let fields = [("kind", "key"), ("subject", "ord-2"), ("channels", ""), ("reason", "Request 118")];
    let asked = post("/erasures/new", &fields, &mara).await;
    assert_eq!(asked.status, 303, "{}", asked.text());
    let page = asked.header("location").split('?').next().unwrap().to_owned();
    assert!(!page.contains("ord-2"));
    reached(&world, "waiting").await;
    let own = get(&page, &mara).await.text();
    assert!(own.contains("somebody else who may erase has to decide") && !own.contains("Erase now"), "{own}");
    let approve = format!("{page}/approve");
    let refused = post(&approve, &[], &mara).await;
    assert!(
        refused.status == 409 && refused.text().contains("You asked for this erasure yourself"),
        "{}",
        refused.text()
    );
    let theirs = get(&page, &bob).await.text();
    for said in ["ord-2", "Request 118", "order.placed", "payment.failed", "Erase now"] {
        assert!(theirs.contains(said), "{said} in {theirs}");
    }
    // One event in one channel, three in the other; no payload of any.
    assert!(!theirs.contains("&quot;total&quot;") && !theirs.contains("\"total\""), "{theirs}");
    let approved = post(&approve, &[], &bob).await;
    assert_eq!((approved.status, approved.header("location")), (303, &*format!("{page}?done=approved")));
    reached(&world, "done").await;
    assert_eq!(world.sql("select erased from erasure").await, "4");
    let done = get(&page, &mara).await.text();
    assert!(done.contains("4 events") && done.contains("forgotten") && !done.contains("ord-2"), "{done}");
    assert!(get("/erasures", &mara).await.text().contains("Request 118"));
    let around = get(&format!("/around/{}-2?part=1", seeded.order), &mara).await.text();
    assert!(around.contains("approved by Bob Miller") && around.contains("Request 118"), "{around}");
    assert_eq!(get("/erasures/none", &mara).await.status, 404);
    // Done by whom, and told at its end.
    let told = world
        .sql("select string_agg(outcome, ' ' order by id) from audit_entry where use_case = 'erasures/approve'")
        .await;
    assert_eq!(told, "allowed failed allowed ended");
    let log = world.sql("select string_agg(e::text, ' ') from audit_entry e where use_case like 'erasures/%'").await;
    assert!(!log.contains("ord-2") && !log.contains("Request 118"), "{log}");
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_placed_listed_and_ended() {
    let world = World::start().await;
    let mara = world.administrator().await;
    world.seed().await;
    let get = async |path: &str| world.ask(Ask::get(path).cookie(&mara)).await.text();
    let post = async |path: &str, fields: &[(&str, &str)]| world.ask(Ask::form(path, fields).cookie(&mara)).await;
    assert!(get("/holds").await.contains("No hold stands") && get("/holds/new").await.contains("Place the hold"));
    let place = async |what: &str, ends: &str| {
        let fields = [
            ("name", "Case 12"),
            ("kind", "channel"),
            ("what", what),
            ("from", "2026-11-01T00:00"),
            ("to", ""),
            ("ends", ends),
            ("reason", "Court order 17"),
        ];
        post("/holds/new", &fields).await
    };
    for (what, ends, said) in [
        ("no.such", "2035-01-01", "There is no channel"),
        ("order.placed", "2001-01-01", "A hold ends on a day"),
        ("order.placed", "soon", "The day can"),
    ] {
        let refused = place(what, ends).await;
        assert!(refused.status == 400 && refused.text().contains(said), "{}", refused.text());
    }
    let ends = world.sql("select (now() + interval '30 days')::date").await;
    let placed = place("order.placed", &ends).await;
    assert_eq!((placed.status, placed.header("location")), (303, "/holds?done=placed"), "{}", placed.text());
    let list = get("/holds?done=placed").await;
    for said in ["Case 12", "Court order 17", "order.placed", "End it now", "The hold stands"] {
        assert!(list.contains(said), "{said} in {list}");
    }
    let id = world.sql("select id from hold").await;
    let ended = post("/holds/end", &[("id", &id)]).await;
    assert_eq!(ended.status, 303, "{}", ended.text());
    assert!(get("/holds").await.contains("No hold stands"));
    let again = post("/holds/end", &[("id", &id)]).await;
    assert!(again.status == 409 && again.text().contains("ended already"), "{}", again.text());
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tombstone_erases_by_the_policy_that_one_person_switched_on() {
    let world = World::start().await;
    let mara = world.administrator().await;
    let mut seeded = world.seed().await;
    let page = format!("/channels/{}/capture", seeded.orders);
    let seen = world.ask(Ask::get(&page).cookie(&mara)).await.text();
    assert!(seen.contains("Erases the earlier events of its key"), "{seen}");
    let policy = serde_json::to_string(&weir_domain::capture::ChannelPolicy::DEFAULT).unwrap();
    let fields = |sure: &str| {
        let all = [
            ("seen", policy.as_str()),
            ("mode", "full"),
            ("payload_days", "7"),
            ("metadata_days", "30"),
            ("limit", ""),
            ("turn", "5"),
            ("tombstones", "erase"),
            ("sure", sure),
        ];
        all.map(|(n, v)| (n.to_owned(), v.to_owned()))
    };
    let post = async |sure: &str| {
        let fields = fields(sure);
        let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        world.ask(Ask::form(&page, &fields).cookie(&mara)).await
    };
    let asked = post("").await;
    assert!(asked.status == 200 && asked.text().contains("without asking anybody again"), "{}", asked.status);
    let on = weir_domain::capture::ChannelPolicy {
        erase_on_tombstone: true,
        ..weir_domain::capture::ChannelPolicy::DEFAULT
    };
    assert_eq!(post(&serde_json::to_string(&on).unwrap()).await.status, 303);
    seeded.append(seeded.order, vec![common::seed::event(900, Some(b"ord-2"), None)]).await;
    reached(&world, "done").await;
    let erased: i64 = world.sql("select erased from erasure").await.parse().unwrap();
    assert!(erased >= 1);
    let list = world.ask(Ask::get("/erasures").cookie(&mara)).await.text();
    assert!(list.contains("Weir, for a tombstone") && list.contains("by the policy of the channel"), "{list}");
    let told = world.ask(Ask::get(&page).cookie(&mara)).await.text();
    assert!(told.contains("Tombstones erase since") && told.contains("Mara Lindqvist"), "{told}");
    world.running.end().await;
}
