//! An event whose content is not stored is read from a real Kafka by its position: what is there, what is there no
//! more, and what somebody else is not shown.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at its first surprise")]

mod common;
mod topics;

use std::time::{Duration, Instant};

use common::{LIMIT, World, client::Ask};
use krafka::{
    Record,
    admin::{DeleteRecordsOptions, DeleteTopicsOptions, NewTopic},
    consumer::TopicPartition,
    producer::Acks,
};
use serde_json::{Value, json};
use weir_domain::access::Role;
use weir_testkit::{Kafka, unique};

async fn send(kafka: &krafka::Kafka, topic: &str, numbers: std::ops::Range<usize>) {
    let producer = kafka.producer().acks(Acks::All).build().await.unwrap();
    for n in numbers {
        let record = Record::new(topic, format!(r#"{{"order":{n}}}"#)).key(format!("ord-{n}"));
        let _placed = producer.send(record.header("trace", format!("t-{n}"))).await.unwrap();
    }
    producer.close().await.unwrap();
}

/// The ids of a topic's events, oldest first, once there are as many.
async fn ids(world: &World, token: &str, topic: &str, wanted: usize) -> Vec<String> {
    let begun = Instant::now();
    loop {
        let answer = world.rest(token, &format!("/api/v1/events?channel={topic}")).await.json();
        let events = answer["events"].as_array().cloned().unwrap_or_default();
        if events.len() >= wanted {
            assert!(events.iter().all(|e| e["absent"] == "metadata_only"), "{events:?}");
            return events.iter().rev().map(|e| e["id"].as_str().unwrap().to_owned()).collect();
        }
        assert!(begun.elapsed() < LIMIT, "{wanted} events never came: {answer}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Asks until the broker's state is this: brokers agree on what was deleted a little later.
async fn until(world: &World, token: &str, id: &str, state: &str) -> Value {
    let begun = Instant::now();
    loop {
        let answer = world.rest(token, &format!("/api/v1/events/{id}/live")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let live = answer.json();
        if live["state"] == state {
            return live;
        }
        assert!(begun.elapsed() < LIMIT * 2, "never {state}: {live}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_stored_is_still_in_the_broker_until_it_is_not() {
    let bootstrap = Kafka::shared().unwrap();
    let topic = unique("live-read");
    let kafka = krafka::Kafka::builder(bootstrap.as_str()).client_id("live-read-test").connect().await.unwrap();
    topics::make(&kafka, [NewTopic::new(topic.as_str(), 1, 1).unwrap()]).await;
    send(&kafka, &topic, 0..5).await;
    let world = World::start_with(&format!(
        "[environments.test]\nkind = \"other\"\n[sources.shop]\nkind = \"kafka\"\nenvironment = \"test\"\n\
         bootstrap = [\"{bootstrap}\"]\nchannels = [\"{topic}\"]\ncapture = \"metadata\"\nact = \"none\"\n\
         start = \"earliest\""
    ))
    .await;
    let cookie = world.administrator().await;
    let token = world.token(&cookie, "all", Role::ALL).await.text;
    let ids = ids(&world, &token, &topic, 5).await;

    // It is there: as it was sent, and marked.
    let live = until(&world, &token, &ids[3], "read").await;
    let content = &live["content"];
    assert_eq!((&content["key"], &content["headers"][0]["value"]["text"]), (&json!("ord-3"), &json!("t-3")));
    assert_eq!(content["payload"]["value"]["text"], r#"{"order":3}"#);
    assert_eq!((&live["event"]["position"], &content["masked"]), (&json!("3"), &json!([])));
    let page = world.ask(Ask::get(&format!("/at-broker/{}", ids[3])).cookie(&cookie)).await.text();
    assert!(page.contains("read live, not stored") && page.contains("ord-3"), "{page}");
    // Who saw the key is found by its hash, which capture kept nothing of.
    let seen =
        "select count(*) from audit_entry e join audit_key k on k.entry_id = e.id where e.use_case = 'events/live'";
    assert_eq!(world.sql(seen).await, "2");
    let stored = "select count(*) from block";
    assert_eq!(world.sql(stored).await, "0", "nothing is stored by it");

    // Others see their parts, or nothing.
    let viewer = world.another("vic", &["viewer"]).await;
    let viewers = world.token(&viewer, "vic's", &[Role::Viewer]).await.text;
    let refused = world.rest(&viewers, &format!("/api/v1/events/{}/live", ids[3])).await;
    assert_eq!((refused.status, &refused.json()["needs"]), (403, &json!("events.payload")));
    assert_eq!(world.rest(&token, "/api/v1/events/1-99/live").await.status, 404);

    // Deleted: said, with where the log begins now.
    let partition = TopicPartition::new(topic.as_str(), 0);
    let deleted = kafka.admin().delete_records([(partition, 4)], DeleteRecordsOptions::default()).await.unwrap();
    deleted.into_values().for_each(|done| assert_eq!(done.unwrap(), 4));
    let gone = until(&world, &token, &ids[1], "gone").await;
    assert_eq!(gone["broker_starts_at"], "4");
    assert_eq!(until(&world, &token, &ids[4], "read").await["content"]["key"], "ord-4");

    // Another channel of the same name is another.
    for done in
        kafka.admin().delete_topics([topic.as_str()], DeleteTopicsOptions::default()).await.unwrap().into_values()
    {
        done.unwrap();
    }
    topics::make(&kafka, [NewTopic::new(topic.as_str(), 1, 1).unwrap()]).await;
    send(&kafka, &topic, 0..5).await;
    let replaced = until(&world, &token, &ids[4], "replaced").await;
    assert!(replaced["content"].is_null(), "{replaced}");

    // Were the other taken for the same, what stands at the position still is not what was captured.
    let begun = Instant::now();
    while world.sql("select count(*) from partition where closed_at is null and number = 0").await != "1"
        || world.sql("select count(*) from partition").await != "2"
    {
        assert!(begun.elapsed() < LIMIT * 2, "the new channel was never read");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let taken = "update partition set incarnation = (select incarnation from partition where closed_at is null)
                 where closed_at is not null returning 1";
    world.sql(taken).await;
    let other = until(&world, &token, &ids[4], "other").await;
    assert!(other["content"].is_null() && other["explained"].as_str().unwrap().contains("something else"), "{other}");

    // A source that stands still is not asked.
    world.sql("update source set paused = true returning 1").await;
    let paused = until(&world, &token, &ids[4], "not_read").await;
    assert!(paused["explained"].as_str().unwrap().contains("paused"), "{paused}");

    let groups = kafka.admin().list_consumer_groups(Default::default()).await.unwrap();
    let groups: Vec<_> = groups.into_values().flat_map(|g| g.unwrap()).map(|g| g.group_id).collect();
    assert!(!groups.iter().any(|g| g.contains("weir")), "it joins no group: {groups:?}");
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_is_searched_in_its_broker_step_by_step() {
    let bootstrap = Kafka::shared().unwrap();
    let topic = unique("broker-search");
    let kafka = krafka::Kafka::builder(bootstrap.as_str()).client_id("broker-search-test").connect().await.unwrap();
    topics::make(&kafka, [NewTopic::new(topic.as_str(), 2, 1).unwrap()]).await;
    send(&kafka, &topic, 0..60).await;
    let world = World::start_with(&format!(
        "[environments.test]\nkind = \"other\"\n[sources.shop]\nkind = \"kafka\"\nenvironment = \"test\"\n\
         bootstrap = [\"{bootstrap}\"]\nchannels = [\"{topic}\"]\ncapture = \"metadata\"\nact = \"none\"\n\
         start = \"earliest\""
    ))
    .await;
    let cookie = world.administrator().await;
    let token = world.token(&cookie, "all", Role::ALL).await.text;
    ids(&world, &token, &topic, 50).await;
    let channel = world.sql(&format!("select id from channel where name = '{topic}'")).await;
    let at = |query: &str| format!("/api/v1/channels/{channel}/at-broker?{query}");

    // By what only the payload tells, which is nowhere in the store; all partitions, complete.
    let done = world.rest(&token, &at("q=order%3D7%20OR%20order%3D41")).await.json();
    let found = |step: &Value| {
        let events = step["events"].as_array().unwrap();
        let mut keys: Vec<_> = events.iter().map(|e| e["event"]["key"].as_str().unwrap().to_owned()).collect();
        keys.sort();
        keys
    };
    assert_eq!(found(&done), ["ord-41", "ord-7"], "{done}");
    let searched = &done["searched"];
    assert_eq!(
        (&searched["complete"], &searched["read"], &searched["partitions_done"]),
        (&json!(true), &json!(60), &json!(2))
    );
    assert!(
        done["events"]
            .as_array()
            .unwrap()
            .iter()
            .all(|e| e["known"] == true && e["event"]["absent"] == "metadata_only")
    );
    assert_eq!(world.sql("select count(*) from block").await, "0", "nothing is stored by it");

    // In steps of seven events: each goes on where the one before stopped, and together they find each once.
    let (mut keys, mut after, mut steps) = (Vec::new(), String::new(), 0);
    loop {
        let step = world.rest(&token, &at(&format!("events=7{after}"))).await.json();
        assert!(step["searched"]["read"].as_u64().unwrap() <= 7, "{step}");
        keys.extend(found(&step));
        steps += 1;
        match step["next"].as_str() {
            Some(next) => {
                assert_eq!(step["searched"]["complete"], false);
                after = format!("&after={next}");
            }
            None => break,
        }
        assert!(steps < 40, "{step}");
    }
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 60);

    // By offset; on a page; by who may not, and of what there is not.
    let some = world.rest(&token, &at("first=2&before=4")).await.json();
    assert_eq!(some["events"].as_array().unwrap().len(), 4, "two of each partition: {some}");
    let page = format!("/channels/{channel}/at-broker?go=1&q=order%3D7");
    let page = world.ask(Ask::get(&page).cookie(&cookie)).await.text();
    assert!(
        page.contains("read live, not stored") && page.contains("ord-7") && page.contains("data-complete=\"true\""),
        "{page}"
    );
    let viewer = world.another("vic", &["viewer"]).await;
    let viewers = world.token(&viewer, "vic's", &[Role::Viewer]).await.text;
    let refused = world.rest(&viewers, &at("q=order%3D7")).await;
    assert_eq!((refused.status, &refused.json()["needs"]), (403, &json!("events.payload")));
    assert_eq!(world.rest(&token, "/api/v1/channels/999999/at-broker").await.status, 404);
    assert_eq!(world.rest(&token, &at("q=%28")).await.status, 400);

    // A source that stands still is not asked, and it is said.
    world.sql("update source set paused = true returning 1").await;
    let begun = Instant::now();
    loop {
        let step = world.rest(&token, &at("q=order%3D7")).await.json();
        let problems = step["searched"]["parts"][0]["problems"].to_string();
        if problems.contains("paused") {
            assert_eq!((&step["searched"]["complete"], step["events"].as_array().unwrap().len()), (&json!(false), 0));
            break;
        }
        assert!(begun.elapsed() < LIMIT, "never paused: {step}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    world.running.end().await;
}
