//! Nothing lost and nothing doubled, by the producer's own log, whatever is killed, stopped or cut off and when:
//! real processes, a real Kafka, a durable PostgreSQL. `WEIR_CAMPAIGN_SEED` repeats a run, `WEIR_CAMPAIGN_KILLS`,
//! `WEIR_CAMPAIGN_EVENTS` and `WEIR_CAMPAIGN_ROUNDS` lengthen it, `WEIR_CAMPAIGN_ENV` gives the servers variables
//! (`A=1 B=2`); the `soak_` forms run by `make soak`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test ends at its first surprise"
)]

mod campaign;

use std::time::Duration;

use campaign::{Ground, PARTITIONS, Producer, number, until};
use rand::RngExt;
use tokio::time::sleep;
use weir_domain::capture::{GapReason, SourceState};
use weir_engines::TTL;
use weir_testkit::Network;

const EVENTS: u64 = 200_000;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// SIGKILL at random moments: while it starts, waits for the lease of its predecessor, catches up, or reads along.
async fn killed_at_random_moments(kills: u64) {
    let mut ground = Ground::lay("killed").await;
    let kills = number("WEIR_CAMPAIGN_KILLS", kills);
    let events = number("WEIR_CAMPAIGN_EVENTS", EVENTS);
    let producer = Producer::start(&ground.kafka.bootstrap(), 0);
    let observer = ground.observer().await;
    let mut while_reading = 0;
    for kill in 0..kills {
        // The last share carries what the division leaves over.
        let share = events / kills + if kill + 1 == kills { events % kills } else { 0 };
        producer.allow(share, TTL);
        let before = observer.passed().await;
        let weir = ground.weir("weir");
        if ground.rng.random_ratio(1, 4) {
            sleep(ms(ground.rng.random_range(0..TTL.as_millis() as u64 + 1_000))).await;
        } else {
            until("it reads on", async || observer.passed().await > before).await;
            sleep(ms(ground.rng.random_range(0..700))).await;
            while_reading += 1;
        }
        weir.kill();
        println!(
            "killed {} of {kills}, {} acknowledged, {} passed",
            kill + 1,
            producer.acknowledged(),
            observer.passed().await
        );
    }
    assert!(while_reading > 0, "no kill met a tap at work");
    let weir = ground.weir("weir");
    let log = producer.finish();
    until("all is stored", async || observer.passed().await == log.len() as i64).await;
    assert!(weir.stop() < Duration::from_secs(10));
    assert_eq!(log.len() as u64, events);
    observer.compare(&log).await;
    ground.count_rows(log.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_ten_times() {
    killed_at_random_moments(10).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "soak: run by make soak"]
async fn soak_killed_fifty_times() {
    killed_at_random_moments(50).await;
}

/// SIGSTOP the process that reads; another takes over; the first goes on and finds itself outdated.
async fn stopped_and_continued(rounds: u64) {
    let mut ground = Ground::lay("stopped").await;
    let rounds = number("WEIR_CAMPAIGN_KILLS", rounds);
    let events = number("WEIR_CAMPAIGN_EVENTS", EVENTS);
    let producer = Producer::start(&ground.kafka.bootstrap(), 0);
    let observer = ground.observer().await;
    let mut reading = ground.weir("weir-a");
    producer.allow(1_000, ms(500));
    until("the first reads", async || observer.passed().await > 0).await;
    let mut waiting = ground.weir("weir-b");
    for round in 0..rounds {
        producer.allow((events - 1_000) / rounds + if round == 0 { (events - 1_000) % rounds } else { 0 }, 3 * TTL);
        let before = observer.passed().await;
        until("the holder reads", async || observer.passed().await > before).await;
        sleep(ms(ground.rng.random_range(0..500))).await;
        reading.freeze();
        // What a frozen process has sent already may still arrive.
        sleep(ms(200)).await;
        let before = observer.passed().await;
        let took = until("another takes over", async || observer.passed().await > before + i64::from(PARTITIONS)).await;
        println!("round {}: taken over after {took:?}, {} acknowledged", round + 1, producer.acknowledged());
        reading.thaw();
        sleep(ms(ground.rng.random_range(0..2_000))).await;
        assert!(reading.is_running() && waiting.is_running());
        std::mem::swap(&mut reading, &mut waiting);
    }
    let log = producer.finish();
    until("all is stored", async || observer.passed().await == log.len() as i64).await;
    assert!(waiting.stop() < Duration::from_secs(10));
    assert!(reading.stop() < Duration::from_secs(10));
    assert_eq!(log.len() as u64, events);
    observer.compare(&log).await;
    ground.count_rows(log.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_twice_and_continued() {
    stopped_and_continued(2).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "soak: run by make soak"]
async fn soak_stopped_twenty_times_and_continued() {
    stopped_and_continued(20).await;
}

/// The database cut off, frozen and crashed; then the broker crashed and frozen. Reading stops, memory stays bounded,
/// and all goes on by itself.
async fn away_and_back(rounds: u64) {
    let mut ground = Ground::lay("away").await;
    let rounds = number("WEIR_CAMPAIGN_KILLS", rounds);
    // Large enough that what piles up at the broker meanwhile would show in memory.
    let producer = Producer::start(&ground.kafka.bootstrap(), 2_000);
    let observer = ground.observer().await;
    let weir = ground.weir("weir");
    producer.allow(1_000, ms(100));
    until("it reads", async || observer.passed().await == 1_000).await;
    let mut most = 0;
    for round in 0..rounds {
        let piled = producer.acknowledged() + 30_000;
        let database_returns = match round % 3 {
            0 => {
                ground.wire.set(Network::Away).await;
                Return::Wire
            }
            1 => {
                ground.wire.set(Network::Stalled).await;
                Return::Wire
            }
            _ => {
                ground.postgres.kill9();
                Return::Crash
            }
        };
        producer.allow(30_000, ms(1_500));
        until("events pile up", async || producer.acknowledged() == piled).await;
        sleep(ms(ground.rng.random_range(500..2_000))).await;
        most = most.max(weir.memory_mb());
        match database_returns {
            Return::Wire => ground.wire.set(Network::Good).await,
            Return::Crash => ground.postgres.restart().unwrap(),
        }
        let took = until("it catches up", async || observer.passed().await == piled as i64).await;
        println!("round {}: caught up {took:?} after the database was back, {} MB", round + 1, weir.memory_mb());

        if round % 2 == 0 {
            ground.kafka.kill9()
        } else {
            ground.kafka.sigstop()
        }
        let took = until("it says so", async || observer.state().await == Some(SourceState::Down)).await;
        println!("round {}: down after {took:?}", round + 1);
        let down = observer.source().await.unwrap().source;
        assert!(down.reason.is_some_and(|r| !r.is_empty()) && down.since.is_some());
        if round % 2 == 0 {
            ground.kafka.restart().unwrap()
        } else {
            ground.kafka.sigcont()
        }
        producer.allow(5_000, ms(500));
        until("it reads on", async || observer.passed().await == piled as i64 + 5_000).await;
        until("it says so", async || observer.state().await == Some(SourceState::Up)).await;
    }
    assert!(most < 300, "{most} MB while the database was away");
    let log = producer.finish();
    assert!(weir.stop() < Duration::from_secs(10));
    observer.compare(&log).await;
    ground.count_rows(log.len());
    let gaps = observer.source().await.unwrap().gaps;
    assert!(gaps.iter().all(|g| g.reason == GapReason::CaptureLimit), "nothing was lost: {gaps:?}");
}

/// Catching up again and again: what a round needs is given back, or used again by the next one.
async fn catching_up(rounds: usize) {
    let ground = Ground::lay("catching-up").await;
    let producer = Producer::start(&ground.kafka.bootstrap(), 2_000);
    let observer = ground.observer().await;
    let weir = ground.weir("weir");
    producer.allow(1_000, ms(100));
    until("it reads", async || observer.passed().await == 1_000).await;
    println!("before: {} MB", weir.memory_mb());
    let mut after = Vec::new();
    for round in 0..rounds {
        let piled = producer.acknowledged() + 30_000;
        ground.wire.set(Network::Away).await;
        producer.allow(30_000, ms(1_000));
        until("events pile up", async || producer.acknowledged() == piled).await;
        ground.wire.set(Network::Good).await;
        let took = until("it catches up", async || observer.passed().await == piled as i64).await;
        let then = weir.memory_mb();
        // What is given back is given back a little later.
        let mut settled = then;
        for _ in 0..15 {
            sleep(ms(200)).await;
            settled = settled.min(weir.memory_mb());
        }
        after.push(settled);
        println!("round {}: caught up in {took:?} with {then} MB, which went down to {settled} MB", round + 1);
    }
    let most = |of: &[u64]| of.iter().copied().max().unwrap_or(0);
    let (early, late) = after.split_at(rounds / 2);
    assert!(most(late) <= most(early) + most(early) / 4, "it grows: {after:?} MB");
    assert!(weir.stop() < Duration::from_secs(10));
    drop(producer.finish());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "soak: run by make soak"]
async fn soak_memory_levels_off() {
    catching_up(usize::try_from(number("WEIR_CAMPAIGN_ROUNDS", 16)).unwrap()).await;
}

enum Return {
    Wire,
    Crash,
}

#[tokio::test(flavor = "multi_thread")]
async fn database_and_broker_away_and_back() {
    away_and_back(3).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "soak: run by make soak"]
async fn soak_database_and_broker_away_and_back() {
    away_and_back(12).await;
}
