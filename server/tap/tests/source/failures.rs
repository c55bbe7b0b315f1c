//! What goes wrong with the store, the broker or one partition.

use crate::{
    harness::{SOURCE, World, secs, until},
    numbered, state, stored, texts,
};
use std::time::Duration;
use tokio::time::sleep;
use weir_broker::BrokerError;
use weir_domain::{Clock, capture::SourceState};
use weir_tap::memory::Fault;

#[tokio::test(start_paused = true)]
async fn while_the_store_is_away_reading_stops_and_then_goes_on_by_itself() {
    let mut world = World::new();
    world.broker.create("orders", 2);
    let tap = world.tap();
    state(&world, SourceState::Up).await;
    world.store.set_away(true);
    (0..2).for_each(|p| numbered(&world, "orders", p, 0..5_000));
    sleep(secs(1)).await;
    let reads = world.broker.reads();
    sleep(secs(120)).await;
    assert_eq!(world.broker.reads(), reads, "it read on while nothing could be stored");
    world.store.set_away(false);
    stored(&world, "orders", 10_000).await;
    assert_eq!(world.store.payloads("orders").len(), 10_000);
    tap.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_append_whose_answer_got_lost_is_not_repeated() {
    let mut world = World::new();
    world.broker.create("orders", 1);
    let tap = world.tap();
    for round in 0..20 {
        world.store.fail_next([Fault::AnswerLost, Fault::NotStored, Fault::AnswerLost]);
        numbered(&world, "orders", 0, round * 10..(round + 1) * 10);
        sleep(secs(1)).await;
    }
    stored(&world, "orders", 200).await;
    assert_eq!(world.store.payloads("orders"), texts(0..200));
    tap.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_refused_batch_stops_its_partition_only_and_is_tried_again() {
    let mut world = World::new();
    world.broker.create("orders", 1);
    world.broker.create("users", 1);
    let tap = world.tap();
    until(secs(5), "begun", || world.store.partitions().iter().filter(|p| p.cursor.is_some()).count() == 2).await;
    world.store.fail_next([Fault::Refused; 3]);
    numbered(&world, "orders", 0, 0..5);
    sleep(secs(3)).await;
    numbered(&world, "users", 0, 0..5);
    stored(&world, "users", 5).await;
    assert_eq!(world.store.payloads("orders"), texts(0..0));
    let orders = world.store.partitions().iter().find(|p| p.channel_name == "orders").unwrap().id;
    until(secs(5), "shown", || world.store.progress(orders).is_some_and(|p| p.error.is_some())).await;
    stored(&world, "orders", 5).await;
    until(secs(5), "shown", || world.store.progress(orders).is_some_and(|p| p.error.is_none())).await;
    assert_eq!(world.store.payloads("orders"), texts(0..5));
    tap.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_partition_whose_append_panicked_is_taken_up_again() {
    let mut world = World::new();
    world.broker.create("orders", 1);
    let tap = world.tap();
    until(secs(5), "begun", || world.store.partitions().iter().any(|p| p.cursor.is_some())).await;
    world.store.fail_next([Fault::Panic]);
    numbered(&world, "orders", 0, 0..5);
    // Nothing comes after them that would show the break.
    stored(&world, "orders", 5).await;
    assert_eq!(world.store.payloads("orders"), texts(0..5));
    tap.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_is_away_is_told_and_tried_again() {
    let mut world = World::new();
    world.broker.create("orders", 1);
    let tap = world.tap();
    state(&world, SourceState::Up).await;
    world.broker.set_failing(Some(BrokerError::Unreachable("kafka:9092 refused the connection".into())));
    state(&world, SourceState::Down).await;
    sleep(secs(60)).await;
    let down = world.store.last_report(SOURCE).unwrap();
    assert_eq!((down.state, down.reason.as_deref()), (SourceState::Down, Some("kafka:9092 refused the connection")));
    assert!(down.retry_at.is_some_and(|at| at.micros_since(world.clock.now()) <= 30_000_000));
    numbered(&world, "orders", 0, 0..3);
    world.broker.set_failing(None);
    stored(&world, "orders", 3).await;
    state(&world, SourceState::Up).await;
    // A heartbeat at least every few seconds, whatever happens.
    let reports = world.store.reports(SOURCE);
    assert!(reports.windows(2).all(|w| w[1].at.micros_since(w[0].at) < 3_000_000));
    tap.stop().await;
}

#[tokio::test(start_paused = true)]
async fn one_stuck_partition_does_not_stop_the_others() {
    let mut world = World::new();
    world.broker.create("orders", 2);
    world.broker.set_problem("orders", 0, Some("no leader"));
    let tap = world.tap();
    (0..2).for_each(|p| numbered(&world, "orders", p, 0..3));
    stored(&world, "orders", 3).await;
    let stuck = world.store.partitions().iter().find(|p| p.number == 0).unwrap().id;
    until(secs(5), "told", || world.store.progress(stuck).is_some_and(|p| p.error.as_deref() == Some("no leader")))
        .await;
    world.broker.set_problem("orders", 0, None);
    stored(&world, "orders", 6).await;
    tap.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_zombie_can_neither_skip_nor_repeat() {
    let mut world = World::new();
    world.broker.create("orders", 2);
    let (one, two) = (world.tap(), world.tap());
    for round in 0..50 {
        (0..2).for_each(|p| numbered(&world, "orders", p, round * 10..(round + 1) * 10));
        sleep(Duration::from_millis(100)).await;
    }
    stored(&world, "orders", 1000).await;
    sleep(secs(5)).await;
    assert_eq!(world.store.payloads("orders"), [texts(0..500), texts(0..500)].concat());
    one.stop().await;
    two.stop().await;
}
