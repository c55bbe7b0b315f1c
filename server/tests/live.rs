//! The live stream: what it carries, how it ends, how many there may be.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at its first surprise")]

mod common;

use common::{
    World,
    client::{Ask, open},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_begins_at_once_and_ends_with_its_session() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let ask = Ask::get("/live?topics=overview,tail7&tail7.key=ord-1").cookie(&cookie);
    let mut stream = open(world.address, ask).await.unwrap();
    assert_eq!(stream.status, 200);
    assert_eq!(stream.headers["content-type"], "text/event-stream");
    assert_eq!(stream.headers["x-accel-buffering"], "no");
    assert_eq!(stream.headers["cache-control"], "no-store, no-transform");
    let (mut overview, mut tail) = (None, None);
    while overview.is_none() || tail.is_none() {
        let event = stream.next().await.unwrap();
        match event.event.as_str() {
            "overview" => overview = Some(event),
            "tail7" => tail = Some(event),
            other => panic!("{other}"),
        }
    }
    let summary: weir_domain::overview::Summary = serde_json::from_str(&overview.unwrap().data).unwrap();
    assert_eq!(summary.events_24h, 0);
    let tail = tail.unwrap();
    let frame: weir_domain::events::TailFrame = serde_json::from_str(&tail.data).unwrap();
    assert!(frame.rows.is_empty());
    assert!(!tail.id.is_empty(), "a tail tells how far it came");

    let again = Ask::get("/live?topics=tail7").cookie(&cookie).header("last-event-id", &tail.id);
    let mut again = open(world.address, again).await.unwrap();
    assert_eq!(again.next().await.unwrap().event, "tail7", "a token of ours misses nothing");
    let older = Ask::get("/live?topics=tail7&last=of-another-version").cookie(&cookie);
    let mut older = open(world.address, older).await.unwrap();
    let missed = older.next().await.unwrap();
    assert_eq!((missed.event.as_str(), missed.data.as_str()), ("missed", "{\"events\":null,\"topic\":\"tail7\"}"));

    world.ask(Ask::form("/sign-out", &[]).cookie(&cookie)).await;
    for mut stream in [stream, again, older] {
        let bye = stream.next_of("bye").await.unwrap();
        assert_eq!(bye.data, "{\"reason\":\"signed_out\"}");
        assert_eq!(stream.next().await, None, "nothing comes after");
    }
    let gone = open(world.address, Ask::get("/live?topics=overview").cookie(&cookie)).await.unwrap();
    assert_eq!(gone.status, 401);
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_only_so_many() {
    let world = World::start_with("[limits]\nstreams_per_session = 2\nstreams = 3").await;
    let cookie = world.administrator().await;
    let ask = || Ask::get("/live?topics=overview").cookie(&cookie);
    let first = open(world.address, ask()).await.unwrap();
    let second = open(world.address, ask()).await.unwrap();
    assert_eq!((first.status, second.status), (200, 200));
    let third = world.ask(ask()).await;
    assert_eq!((third.status, third.json()["kind"].as_str()), (429, Some("too_many")));
    drop(first);
    let begun = std::time::Instant::now();
    while open(world.address, ask()).await.unwrap().status != 200 {
        assert!(begun.elapsed() < common::LIMIT, "a place was never free again");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_is_refused_in_words() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    for query in ["", "?topics=", "?topics=lag", "?topics=tail&tail.channel=x"] {
        let answer = world.ask(Ask::get(&format!("/live{query}")).cookie(&cookie)).await;
        assert_eq!((answer.status, answer.json()["kind"].as_str()), (400, Some("invalid")), "{query}");
    }
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_end_with_the_server() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let mut stream = open(world.address, Ask::get("/live?topics=overview").cookie(&cookie)).await.unwrap();
    assert_eq!(stream.next().await.unwrap().event, "overview");
    let end = tokio::spawn(world.running.end());
    let bye = stream.next_of("bye").await.unwrap();
    assert_eq!(bye.data, "{\"reason\":\"restarting\"}");
    assert_eq!(stream.next().await, None);
    end.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_ends_by_name_with_its_permission() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    // Filters by a key, which viewers may not see.
    let ask = || Ask::get("/live?topics=overview,tail7,tail8&tail7.key=ord-1").cookie(&cookie);
    let mut stream = open(world.address, ask()).await.unwrap();
    stream.next_of("tail7").await.unwrap();
    world.only_viewers_remain().await;
    let bye = stream.next_of("bye").await.unwrap();
    let over = "{\"reason\":\"not_allowed\",\"topic\":\"tail7\"}";
    assert_eq!(bye.data, over);
    stream.next_of("overview").await.unwrap();

    let mut later = open(world.address, ask()).await.unwrap();
    assert_eq!(later.next_of("bye").await.unwrap().data, over, "refused from the beginning, and told all the same");
    later.next_of("tail8").await.unwrap();
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_ends_alone() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let long = "a".repeat(5000);
    let names: Vec<_> = (0..17).map(|n| format!("tail{n}")).collect();
    let topics = names.join(",");
    let ask = Ask::get(&format!("/live?topics=overview,{topics}&tail3.key={long}")).cookie(&cookie);
    let mut stream = open(world.address, ask).await.unwrap();
    assert_eq!(stream.status, 200);
    let mut over = Vec::new();
    let mut live = std::collections::BTreeSet::new();
    // 18 topics: one is too long, one is one too many, and everything else begins.
    while over.len() < 2 || live.len() < 16 {
        let event = stream.next().await.unwrap();
        match event.event.as_str() {
            "bye" => over.push(event.data),
            topic => _ = live.insert(topic.to_owned()),
        }
    }
    over.sort();
    assert_eq!(
        over,
        ["{\"reason\":\"too_long\",\"topic\":\"tail3\"}", "{\"reason\":\"too_many\",\"topic\":\"tail16\"}"]
    );
    assert!(live.contains("overview"), "{live:?}");

    // Alone it is told just so, and the page stops asking.
    let alone = Ask::get(&format!("/live?topics=tail3&tail3.key={long}")).cookie(&cookie);
    let mut alone = open(world.address, alone).await.unwrap();
    assert_eq!((alone.status, alone.next().await.unwrap().event.as_str()), (200, "bye"));
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_build_is_told_to_reload() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let ask = |build: &str| Ask::get(&format!("/live?topics=overview&build={build}")).cookie(&cookie);
    let old = world.ask(ask("of-last-year")).await;
    assert_eq!((old.status, old.json()["kind"].as_str()), (409, Some("outdated")));
    let build = world.ask(Ask::get("/readyz")).await.json()["build"].as_str().unwrap().to_owned();
    assert_eq!(open(world.address, ask(&build)).await.unwrap().status, 200);
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn short_answers_end_and_go_on_where_they_stood() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let ask = |last: &str| {
        let ask = Ask::get("/live?topics=overview,tail7&tail7.key=ord-1&poll=1").cookie(&cookie);
        world.ask(ask.header("last-event-id", last))
    };
    let first = ask("").await;
    assert_eq!((first.status, first.header("content-type")), (200, "text/event-stream"));
    let text = first.text();
    assert!(text.starts_with("event: hello\n"), "{text}");
    for wanted in ["retry: 2000\n", "event: overview\n", "event: tail7\n"] {
        assert_eq!(text.matches(wanted).count(), 1, "{wanted}: {text}");
    }
    let token = text.lines().find_map(|l| l.strip_prefix("id: ")).unwrap().to_owned();
    let second = ask(&token).await.text();
    assert!(second.contains("event: tail7\n") && !second.contains("event: missed"), "{second}");
    assert!(ask("of-another-version").await.text().contains("event: missed\n"));
    world.ask(Ask::form("/sign-out", &[]).cookie(&cookie)).await;
    assert_eq!(ask(&token).await.status, 401);
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_stream_beats() {
    let world = World::start().await;
    let cookie = world.administrator().await;
    let stream = open(world.address, Ask::get("/live?topics=tail7&tail7.key=ord-1").cookie(&cookie)).await.unwrap();
    let begun = std::time::Instant::now();
    let text = stream.until("event: beat\n").await;
    assert!(begun.elapsed() < std::time::Duration::from_secs(15), "proxies may have cut it: {text}");
    world.running.end().await;
}
