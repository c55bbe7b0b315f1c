//! What a source's tap promises, one promise a test.

#![expect(clippy::unwrap_used, reason = "a test ends at its first surprise")]

mod failures;
#[path = "../harness/mod.rs"]
mod harness;
mod losses;
mod policy;
mod starts;

use harness::{SOURCE, World, secs, until};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use weir_broker::memory::NewRecord;
use weir_domain::{Position, capture::SourceState};

fn numbered(world: &World, channel: &str, partition: usize, numbers: std::ops::Range<u32>) {
    for n in numbers {
        world.broker.produce(channel, partition, NewRecord::new(n.to_string()));
    }
}

fn texts(numbers: std::ops::Range<u32>) -> Vec<String> {
    numbers.map(|n| n.to_string()).collect()
}

async fn stored(world: &World, channel: &str, count: usize) {
    until(secs(60), "events stored", || world.store.payloads(channel).len() >= count).await;
}

async fn state(world: &World, state: SourceState) -> Duration {
    until(secs(60), state.as_str(), || world.store.last_report(SOURCE).is_some_and(|r| r.state == state)).await
}

#[tokio::test(start_paused = true)]
async fn everything_is_stored_once_and_in_order() {
    let mut world = World::new();
    world.broker.create("orders", 3);
    (0..3).for_each(|p| numbered(&world, "orders", p, 0..500));
    let tap = world.tap();
    stored(&world, "orders", 1500).await;
    for partition in world.store.partitions() {
        assert!(partition.events.iter().zip(0..).all(|(e, i)| e.position == Position(i)));
        assert_eq!(partition.next_position, Some(Position(500)));
    }
    assert!(world.store.most_at_once() <= 4);
    tap.stop().await;
}

#[tokio::test(start_paused = true)]
async fn news_are_announced_at_most_ten_times_a_second() {
    let mut world = World::new();
    world.broker.create("orders", 4);
    let tap = world.tap();
    state(&world, SourceState::Up).await;
    let begin = Instant::now();
    for n in 0..400 {
        world.broker.produce("orders", n % 4, NewRecord::new("x"));
        sleep(Duration::from_millis(5)).await;
    }
    stored(&world, "orders", 400).await;
    sleep(secs(1)).await;
    let announced = world.store.announced();
    let during = announced.iter().filter(|(at, _)| *at >= begin && *at < begin + secs(2)).count();
    assert!((10..=21).contains(&during), "{during} in 2 s");
    tap.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_finishes_the_append_in_hand_and_does_not_wait_for_a_store_that_is_away() {
    let mut world = World::new();
    world.broker.create("orders", 1);
    let tap = world.tap();
    state(&world, SourceState::Up).await;
    world.store.set_slow(secs(2));
    numbered(&world, "orders", 0, 0..5);
    sleep(secs(1)).await;
    tap.stop().await;
    assert_eq!(world.store.payloads("orders"), texts(0..5));
    world.store.set_slow(Duration::ZERO);
    let tap = world.tap();
    state(&world, SourceState::Up).await;
    sleep(secs(1)).await;
    world.store.set_away(true);
    numbered(&world, "orders", 0, 5..10);
    sleep(secs(10)).await;
    let begin = Instant::now();
    tap.stop().await;
    assert!(begin.elapsed() < secs(1));
}
