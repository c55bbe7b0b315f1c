//! What is known of one channel, and which keys its newest events have.

use crate::common::{NOW_MS, World, append, event, id, now, open, psql, view, view_of, world};
use weir_domain::{
    ChannelId, Position, Timestamp,
    access::Role,
    capture::{PartitionProgress, TapCatalog as _},
    catalog::{Catalog as _, ChannelFacts, Hours, Measured, Oldest, STEPS},
    lag::{ChannelSeen, Kept, Lag as _, LagLog as _, NEWEST, NewestKeys, Observation},
};

/// Minutes ago, by the clock of the tests.
async fn began(w: &World, minutes: i64) {
    let at = now().plus_secs(-60 * minutes).rfc3339();
    psql(&w.url, &format!("update partition set opened_at = '{at}'")).await;
}

async fn facts(w: &World) -> ChannelFacts {
    w.store.channel(&view(&w.store).await, w.channel, now()).await.unwrap().unwrap()
}

async fn progress(w: &World, start: i64, end: i64) {
    let one = PartitionProgress {
        partition: w.partition,
        start: Some(Position(start)),
        end: Some(Position(end)),
        held: None,
        error: None,
    };
    w.store.report_progress(&[one], now()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_is_told_with_what_came_in_and_how_far_back_it_reaches() {
    let w = world().await;
    began(&w, 30).await;
    let empty = facts(&w).await;
    assert_eq!((empty.name.as_str(), empty.source.name.as_str()), ("order.placed", "shop"));
    assert_eq!((empty.captured.len(), empty.captured.iter().sum::<u64>()), (STEPS, 0));
    assert_eq!((empty.oldest, empty.average_size(), empty.last_event), (Oldest::Unknown, None, None));
    assert_eq!((empty.partitions.len(), empty.observed), (1, None));

    append(&w.store, w.partition, None, (10..20).map(|p| event(p, "k", "{}")).collect()).await;
    // A minute later it is one that is over.
    let later = now().plus_secs(60);
    let see = view(&w.store).await;
    let told = w.store.channel(&see, w.channel, later).await.unwrap().unwrap();
    assert_eq!((told.captured.iter().sum::<u64>(), told.captured[STEPS - 1]), (10, 10));
    assert_eq!((told.last_minute, told.average_size()), (Some(10), Some(3)));
    assert_eq!(told.last_event, Some(Timestamp::from_millis(NOW_MS + 19)));
    let made = told.production(Hours::Six).unwrap();
    assert_eq!((made.measured, made.per_s.len()), (Measured::Captured, 72));
    assert_eq!(made.known(), 7, "of half an hour, and the step in which it began");

    // The broker has more than is stored, exactly that, and nothing.
    for (start, end, want) in [
        (3, 20, Oldest::Unknown),
        (10, 20, Oldest::At(Timestamp::from_millis(NOW_MS + 10))),
        (12, 20, Oldest::At(Timestamp::from_millis(NOW_MS + 12))),
        (20, 20, Oldest::Empty),
    ] {
        progress(&w, start, end).await;
        assert_eq!(facts(&w).await.oldest, want, "{start} to {end}");
    }
    // Of a partition nothing is known of, it may reach further.
    progress(&w, 12, 20).await;
    open(&w.store, w.fence, w.channel, 1).await;
    let told = facts(&w).await;
    assert_eq!(told.oldest, Oldest::AtLeast(Timestamp::from_millis(NOW_MS + 12)));
    assert_eq!(told.partitions.iter().map(|p| p.number).collect::<Vec<_>>(), [0, 1]);

    let hidden = view_of(&w.store, &[Role::Viewer], "payment.*").await;
    assert_eq!(w.store.channel(&hidden, w.channel, now()).await.unwrap(), None);
    assert_eq!(w.store.channel(&see, ChannelId(i64::MAX), now()).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_observing_saw_of_a_channel_is_told_with_it() {
    let w = world().await;
    let seen = ChannelSeen {
        name: "order.placed".into(),
        partitions: 1,
        in_per_s: Some(2.0),
        events: Some(1_000),
        bytes: Some(64_000),
        keeps: Some(Kept { compacted: true, ..Kept::default() }),
        problem: None,
        ends: vec![(0, (0..=72).map(|i| (NOW_MS - (72 - i) * 300_000, i * 600)).collect())],
    };
    let observation = Observation {
        source: w.source,
        at: now(),
        took_ms: 1,
        requests: 1,
        problems: Vec::new(),
        groups: Vec::new(),
        pairs: Vec::new(),
        channels: vec![seen.clone()],
        chunks: Vec::new(),
        rolled: Vec::new(),
        happened: Vec::new(),
        left: Vec::new(),
        unread_channels: Vec::new(),
    };
    w.store.observed(&observation).await.unwrap();
    let told = facts(&w).await;
    assert_eq!(told.observed, Some((seen, now())));
    assert_eq!(told.now(None, now()), Some((2.0, Measured::AtBroker)));
    assert_eq!(told.now(None, now().plus_secs(3_600)).map(|n| n.1), None, "an hour ago is not now");
    let made = told.production(Hours::Six).unwrap();
    assert_eq!((made.measured, made.per_s), (Measured::AtBroker, vec![Some(2.0); 72]));
    // Groups that read it, on it alone.
    let see = view(&w.store).await;
    assert_eq!(w.store.listed_on(&see, w.source, "order.placed", now()).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_of_the_newest_events_are_counted_without_reading_one() {
    let w = world().await;
    let see = view(&w.store).await;
    let keys = async |partition| w.store.newest_keys(&see, w.channel, partition).await.unwrap();
    assert_eq!(keys(0).await, NewestKeys::default());
    // What is old is not looked at: 500 of "old", then 2,100 of which each second one is "hot".
    let events =
        |from: i64, to: i64, key: fn(i64) -> String| (from..to).map(|p| event(p, &key(p), "{}")).collect::<Vec<_>>();
    append(&w.store, w.partition, None, events(0, 500, |_| "old".into())).await;
    let mixed = |p: i64| if p % 2 == 0 { "hot".into() } else { format!("k-{p}") };
    append(&w.store, w.partition, Some(500), events(500, 2_600, mixed)).await;
    let told = keys(0).await;
    let most = Some((1_000, id(w.partition, 2_598)));
    let (from, to) = (Some(Timestamp::from_millis(NOW_MS + 600)), Some(Timestamp::from_millis(NOW_MS + 2_599)));
    assert_eq!(told, NewestKeys { events: u64::from(NEWEST), keys: 1_001, most, from, to });
    // Events without a key count, and no key is theirs.
    let mut bare = events(2_600, 2_700, mixed);
    bare.iter_mut().for_each(|e| e.key = None);
    append(&w.store, w.partition, Some(2_600), bare).await;
    let told = keys(0).await;
    assert_eq!((told.events, told.keys, told.most.map(|m| m.0)), (u64::from(NEWEST), 951, Some(950)));
    assert_eq!(keys(7).await, NewestKeys::default(), "there is no such partition");
    let hidden = view_of(&w.store, &[Role::Viewer], "payment.*").await;
    assert_eq!(w.store.newest_keys(&hidden, w.channel, 0).await.unwrap(), NewestKeys::default());
}
