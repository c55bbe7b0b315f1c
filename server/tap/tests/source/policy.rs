//! What is captured, how much at once, and when not.

use crate::{
    harness::{SOURCE, World, secs, settings, until},
    numbered, state, stored, texts,
};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use weir_broker::{BrokerError, ReadLimits, memory::NewRecord};
use weir_domain::{
    Position,
    capture::{CaptureMode, GapReason, SourceState, WithheldBy},
};
use weir_tap::{memory::Fault, policy::Ceiling};

#[tokio::test(start_paused = true)]
async fn a_pause_and_its_end_act_within_a_second() {
    let mut world = World::new();
    world.broker.create("orders", 1);
    let tap = world.tap();
    state(&world, SourceState::Up).await;
    world.store.set_paused(SOURCE, true);
    assert!(state(&world, SourceState::Paused).await <= secs(1));
    numbered(&world, "orders", 0, 0..3);
    sleep(secs(60)).await;
    assert_eq!(world.store.payloads("orders").len(), 0);
    world.store.set_paused(SOURCE, false);
    let took = until(secs(1), "reading again", || world.store.payloads("orders").len() == 3).await;
    assert!(took <= secs(1));
    // A pause outlives the process; a source that is down can be paused too.
    world.store.set_paused(SOURCE, true);
    tap.crash().await;
    numbered(&world, "orders", 0, 3..6);
    world.broker.set_failing(Some(BrokerError::Unreachable("gone".into())));
    let tap = world.tap();
    state(&world, SourceState::Paused).await;
    sleep(secs(5)).await;
    assert_eq!(world.store.payloads("orders").len(), 3);
    tap.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_catch_up_cap_holds_and_the_bytes_to_be_read_are_shown_first() {
    let mut world = World::new();
    world.broker.create("orders", 1);
    for _ in 0..200 {
        world.broker.produce("orders", 0, NewRecord::new(vec![b'x'; 10_000]));
    }
    let capped = weir_tap::Settings {
        catch_up_bytes_per_s: Some(100_000),
        limits: ReadLimits { bytes: 1 << 20, records: 10_000, wait: Duration::from_millis(250) },
        ..settings()
    };
    let begin = Instant::now();
    let tap = world.tap_with(capped);
    until(secs(5), "estimate", || world.store.last_report(SOURCE).is_some_and(|r| r.bytes_to_read.is_some())).await;
    let first = world.store.reports(SOURCE).into_iter().find(|r| r.bytes_to_read.is_some()).unwrap();
    assert!(first.bytes_to_read.unwrap() > 1_900_000);
    stored(&world, "orders", 200).await;
    let took = begin.elapsed();
    // A quarter of the cap is for reads beside the tap.
    assert!(took > secs(24) && took < secs(33), "{took:?} for 2 MB at 75 kB/s");
    until(secs(5), "caught up", || world.store.last_report(SOURCE).is_some_and(|r| r.bytes_to_read.is_none())).await;
    // Live events are not under the cap.
    let begin = Instant::now();
    for n in 0..50 {
        world.broker.produce("orders", 0, NewRecord::new(vec![b'y'; 10_000]));
        stored(&world, "orders", 201 + n).await;
    }
    assert!(begin.elapsed() < secs(3), "{:?}", begin.elapsed());
    tap.stop().await;
}

#[tokio::test(start_paused = true)]
async fn capture_metadata_stores_no_bytes_and_capture_off_reads_nothing() {
    let mut world = World::new();
    world.broker.create("orders", 1);
    let record = NewRecord::new("secret").key("ord-1").header("ce_type", Some(b"order.placed"));
    world.broker.produce("orders", 0, record);
    let tap = world.tap_with(weir_tap::Settings { ceiling: Ceiling::Off, ..settings() });
    state(&world, SourceState::Off).await;
    sleep(secs(60)).await;
    assert_eq!(world.broker.reads(), 0);
    tap.stop().await;
    let tap = world.tap_with(weir_tap::Settings { ceiling: Ceiling::Metadata, ..settings() });
    stored(&world, "orders", 1).await;
    let event = world.store.partitions()[0].events[0].clone();
    assert_eq!((event.event_type.as_str(), event.raw_size()), ("order.placed", 6 + 5 + 7 + 12));
    assert!(event.key.is_none() && event.headers.is_empty() && event.payload.is_none() && !event.tombstone());
    tap.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_policy_of_a_channel_holds_for_what_comes_and_for_that_channel_alone() {
    let mut world = World::new();
    world.broker.create("orders", 1);
    world.broker.create("users", 1);
    world.store.set_mode("orders", CaptureMode::Metadata);
    numbered(&world, "orders", 0, 0..10);
    numbered(&world, "users", 0, 0..10);
    let tap = world.tap();
    stored(&world, "orders", 10).await;
    stored(&world, "users", 10).await;
    assert_eq!(world.store.payloads("users"), texts(0..10));
    world.store.set_mode("orders", CaptureMode::Full);
    numbered(&world, "orders", 0, 10..20);
    stored(&world, "orders", 20).await;
    let orders = world.store.partitions().into_iter().find(|p| p.channel_name == "orders").unwrap();
    let withheld: Vec<_> = orders.events.iter().map(|e| e.withheld.map(|w| (w.by, w.size))).collect();
    assert_eq!(withheld[..10], [Some((WithheldBy::ChannelPolicy, 1)); 10]);
    assert_eq!(withheld[10..], [None; 10]);
    // Some keys of a sample, always the same ones; every position is there.
    world.store.set_mode("users", CaptureMode::Sampled { per_mille: 500 });
    for n in 0..200 {
        world.broker.produce("users", 0, NewRecord::new("x").key(format!("user-{}", n % 20)));
    }
    stored(&world, "users", 210).await;
    let users = world.store.partitions().into_iter().find(|p| p.channel_name == "users").unwrap();
    let kept: Vec<bool> = users.events[10..].iter().map(|e| e.withheld.is_none()).collect();
    assert!(kept.chunks(20).all(|round| round == &kept[..20]), "{kept:?}");
    assert!(kept.iter().any(|k| *k) && kept.iter().any(|k| !*k), "{kept:?}");
    assert!(users.events.iter().zip(0..).all(|(e, i)| e.position == Position(i)));
    tap.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_is_off_is_not_read_and_goes_on_at_its_end_with_a_gap() {
    let mut world = World::new();
    world.broker.create("orders", 1);
    numbered(&world, "orders", 0, 0..10);
    let tap = world.tap();
    stored(&world, "orders", 10).await;
    world.store.set_mode("orders", CaptureMode::Off);
    until(secs(20), "given out of hand", || world.store.readers().is_empty()).await;
    numbered(&world, "orders", 0, 10..50);
    sleep(secs(60)).await;
    let off = world.store.partitions().remove(0);
    assert_eq!((off.events.len(), off.next_position, off.closed), (10, Some(Position(10)), None));
    assert!(world.store.readers().is_empty());
    world.store.set_mode("orders", CaptureMode::Full);
    until(secs(30), "read again", || world.store.partitions()[0].next_position == Some(Position(50))).await;
    numbered(&world, "orders", 0, 50..60);
    stored(&world, "orders", 20).await;
    let on = world.store.partitions().remove(0);
    assert_eq!(on.events.iter().map(|e| e.position.0).collect::<Vec<_>>(), (0..10).chain(50..60).collect::<Vec<_>>());
    let gaps: Vec<_> = on.gaps.iter().map(|g| (g.from, g.to, g.reason)).collect();
    assert_eq!(gaps, [(Position(10), Some(Position(50)), GapReason::CaptureOff)]);
    tap.stop().await;
}

#[tokio::test(start_paused = true)]
async fn switched_off_under_load_nothing_more_is_stored_and_a_crash_repeats_no_gap() {
    let mut world = World::new();
    world.broker.create("orders", 1);
    let tap = world.tap();
    numbered(&world, "orders", 0, 0..10);
    stored(&world, "orders", 10).await;
    world.store.set_mode("orders", CaptureMode::Off);
    // Still in its hands: what comes is read and not stored.
    numbered(&world, "orders", 0, 10..20);
    sleep(secs(5)).await;
    assert_eq!(world.store.payloads("orders"), texts(0..10));
    sleep(secs(40)).await;
    world.store.set_mode("orders", CaptureMode::Full);
    world.store.fail_next([Fault::AnswerLost]);
    until(secs(40), "the gap", || !world.store.partitions()[0].gaps.is_empty()).await;
    tap.crash().await;
    numbered(&world, "orders", 0, 20..30);
    let tap = world.tap();
    stored(&world, "orders", 20).await;
    assert_eq!(world.store.payloads("orders"), [texts(0..10), texts(20..30)].concat());
    assert_eq!(world.store.partitions()[0].gaps.len(), 1);
    tap.stop().await;
}
