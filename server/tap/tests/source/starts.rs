//! Where reading begins, and what comes to it later.

use crate::{
    harness::{SOURCE, World, secs, settings, until},
    numbered, state, stored, texts,
};
use weir_broker::memory::NewRecord;
use weir_domain::capture::SourceState;
use weir_tap::{StartAt, policy::Policy};

#[tokio::test(start_paused = true)]
async fn latest_begins_at_the_end_and_survives_a_crash_before_any_event() {
    let mut world = World::new();
    world.broker.create("orders", 1);
    numbered(&world, "orders", 0, 0..10);
    let latest = || weir_tap::Settings { start: StartAt::Latest, ..settings() };
    let tap = world.tap_with(latest());
    state(&world, SourceState::Up).await;
    until(secs(5), "a first cursor", || world.store.partitions()[0].cursor.is_some()).await;
    tap.crash().await;
    numbered(&world, "orders", 0, 10..20);
    let tap = world.tap_with(latest());
    stored(&world, "orders", 10).await;
    assert_eq!(world.store.payloads("orders"), texts(10..20));
    tap.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_start_by_time_begins_there() {
    let mut world = World::new();
    world.broker.create("orders", 1);
    for n in 0..10 {
        world.broker.produce("orders", 0, NewRecord::new(n.to_string()).at(1000 * n));
    }
    let start = StartAt::Time(weir_domain::Timestamp::from_millis(7000));
    let tap = world.tap_with(weir_tap::Settings { start, ..settings() });
    stored(&world, "orders", 3).await;
    assert_eq!(world.store.payloads("orders"), texts(7..10));
    tap.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_appears_later_is_read_from_its_start_within_30_s() {
    let mut world = World::new();
    world.broker.create("orders", 1);
    let tap = world.tap_with(weir_tap::Settings { start: StartAt::Latest, ..settings() });
    state(&world, SourceState::Up).await;
    world.broker.create("users", 1);
    world.broker.add_partitions("orders", 2);
    numbered(&world, "users", 0, 0..5);
    numbered(&world, "orders", 1, 0..5);
    let took = until(secs(30), "new ones are read", || {
        world.store.payloads("users").len() == 5 && world.store.payloads("orders").len() == 5
    });
    assert!(took.await < secs(30));
    tap.stop().await;
    // The same while no tap runs, for a topic; and one that was left out until now begins at its end.
    world.broker.create("payments", 1);
    numbered(&world, "payments", 0, 0..5);
    let tap = world.tap_with(weir_tap::Settings { start: StartAt::Latest, ..settings() });
    stored(&world, "payments", 5).await;
    tap.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_newly_included_channel_is_read_as_configured() {
    let mut world = World::new();
    for channel in ["orders", "users"] {
        world.broker.create(channel, 1);
        numbered(&world, channel, 0, 0..5);
    }
    let only = |patterns: &[&str]| weir_tap::Settings {
        start: StartAt::Latest,
        policy: Policy::new(patterns.iter().map(|p| (*p).to_owned()).collect(), false),
        ..settings()
    };
    let tap = world.tap_with(only(&["orders"]));
    let report = until(secs(5), "left out", || world.store.last_report(SOURCE).is_some_and(|r| r.left_out_total == 1));
    report.await;
    assert_eq!(world.store.last_report(SOURCE).unwrap().left_out, Some(vec!["users".to_owned()]));
    tap.stop().await;
    let tap = world.tap_with(only(&["orders", "users"]));
    until(secs(5), "users begun", || world.store.partitions().get(1).is_some_and(|p| p.cursor.is_some())).await;
    numbered(&world, "users", 0, 5..7);
    stored(&world, "users", 2).await;
    assert_eq!(world.store.payloads("users"), texts(5..7));
    tap.stop().await;
}

#[tokio::test(start_paused = true)]
async fn internal_channels_are_read_only_when_asked_for() {
    let mut world = World::new();
    world.broker.create("orders", 1);
    world.broker.create_internal("__offsets", 1);
    let tap = world.tap();
    state(&world, SourceState::Up).await;
    assert_eq!(world.store.last_report(SOURCE).unwrap().left_out_total, 0);
    tap.stop().await;
    assert_eq!(world.store.partitions().len(), 1);
    let tap = world.tap_with(weir_tap::Settings { policy: Policy::new(vec!["*".into()], true), ..settings() });
    until(secs(5), "internal one found", || world.store.partitions().len() == 2).await;
    tap.stop().await;
}
