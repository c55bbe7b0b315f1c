//! What a source's tap promises, one promise a test.

#![expect(clippy::unwrap_used, reason = "a test ends at its first surprise")]

mod harness;

use harness::{SOURCE, World, secs, settings, until};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use weir_broker::{BrokerError, ReadLimits, memory::NewRecord};
use weir_domain::{
    Clock, Position,
    capture::{CaptureMode, GapReason, Held, SourceState, WithheldBy},
};
use weir_tap::{
    StartAt,
    memory::Fault,
    policy::{Ceiling, Policy},
};

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

#[tokio::test(start_paused = true)]
async fn a_deleted_remade_and_trimmed_channel_leaves_gaps_and_goes_on() {
    let mut world = World::new();
    world.broker.create("orders", 1);
    world.broker.create("users", 1);
    numbered(&world, "orders", 0, 0..10);
    numbered(&world, "users", 0, 0..10);
    let tap = world.tap();
    stored(&world, "orders", 10).await;
    stored(&world, "users", 10).await;
    tap.stop().await;
    // Remade while nobody looked; trimmed beyond what was read.
    world.broker.create("orders", 1);
    numbered(&world, "orders", 0, 10..13);
    numbered(&world, "users", 0, 10..20);
    world.broker.delete_records("users", 0, Position(15));
    let tap = world.tap();
    stored(&world, "orders", 13).await;
    stored(&world, "users", 15).await;
    let partitions = world.store.partitions();
    let gaps = |channel: &str| -> Vec<_> {
        let of_channel = partitions.iter().filter(|p| p.channel_name == channel);
        of_channel.flat_map(|p| p.gaps.iter().map(|g| (p.id.0, g.reason, g.from.0, g.to.map(|t| t.0)))).collect()
    };
    let [orders, users] = ["orders", "users"].map(|c| partitions.iter().find(|p| p.channel_name == c).unwrap().id.0);
    assert_eq!(gaps("orders"), [(orders, GapReason::Recreated, 10, None)]);
    assert_eq!(gaps("users"), [(users, GapReason::RetentionTrimmed, 10, Some(15))]);
    // Cut below our position, while we look.
    world.broker.truncate("users", 0, Position(18));
    numbered(&world, "users", 0, 20..23);
    stored(&world, "users", 18).await;
    let last = world.store.partitions().pop().unwrap();
    assert_eq!(last.events.iter().map(|e| e.position.0).collect::<Vec<_>>(), [18, 19, 20]);
    world.broker.delete("orders");
    let closed = || world.store.partitions().iter().filter(|p| p.closed == Some(GapReason::Deleted)).count() == 1;
    until(secs(30), "closed", closed).await;
    state(&world, SourceState::Up).await;
    assert!(world.store.reports(SOURCE).iter().all(|r| r.state != SourceState::Down));
    tap.stop().await;
}

#[tokio::test(start_paused = true)]
async fn partitions_that_a_channel_made_again_never_had_leave_no_gap() {
    for looked_on in [true, false] {
        let mut world = World::new();
        world.broker.create("orders", 7);
        numbered(&world, "orders", 0, 0..10);
        let mut tap = world.tap();
        stored(&world, "orders", 10).await;
        if looked_on {
            world.broker.create("orders", 1);
        } else {
            tap.stop().await;
            world.broker.create("orders", 1);
            tap = world.tap();
        }
        numbered(&world, "orders", 0, 10..13);
        stored(&world, "orders", 13).await;
        sleep(secs(90)).await;
        let partitions = world.store.partitions();
        let gaps: Vec<_> = partitions.iter().flat_map(|p| &p.gaps).map(|g| g.reason).collect();
        // Each of the seven is gone, and nobody knows what had come after.
        assert_eq!(gaps, [GapReason::Recreated; 7], "looked on: {looked_on}");
        assert_eq!(partitions.iter().filter(|p| p.closed.is_none()).count(), 1);
        tap.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_is_away_for_a_moment_is_stored_once() {
    let mut world = World::new();
    world.broker.create("orders", 1);
    numbered(&world, "orders", 0, 0..10);
    let tap = world.tap();
    stored(&world, "orders", 10).await;
    let closed = |world: &World| world.store.partitions().iter().filter(|p| p.closed.is_some()).count();
    for round in 1..4 {
        let aside = world.broker.set_aside("orders").unwrap();
        until(secs(5), "closed", || closed(&world) == 1).await;
        world.broker.put_back(aside);
        numbered(&world, "orders", 0, round * 10..round * 10 + 10);
        stored(&world, "orders", (round as usize + 1) * 10).await;
    }
    // Made again while brokers disagree about it: new, old, new.
    let old = world.broker.set_aside("orders").unwrap();
    world.broker.create("orders", 1);
    numbered(&world, "orders", 0, 40..50);
    stored(&world, "orders", 50).await;
    let new = world.broker.set_aside("orders").unwrap();
    world.broker.put_back(old);
    let open = |n: usize| world.store.partitions().get(n).is_some_and(|p| p.closed.is_none());
    until(secs(40), "the old one again", || open(0)).await;
    world.broker.put_back(new);
    until(secs(40), "the new one again", || open(1)).await;
    numbered(&world, "orders", 0, 50..60);
    stored(&world, "orders", 60).await;
    sleep(secs(60)).await;
    assert_eq!(world.store.payloads("orders"), texts(0..60));
    let gaps: Vec<_> = world.store.partitions().into_iter().map(|p| (p.closed, p.gaps.len())).collect();
    assert_eq!(gaps, [(Some(GapReason::Recreated), 1), (None, 0)]);
    tap.stop().await;
}

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

#[tokio::test(start_paused = true)]
async fn an_open_transaction_is_shown_and_ends() {
    let mut world = World::new();
    world.broker.create("orders", 1);
    let held = Held { since: world.clock.now(), transactional_id: Some("billing-1".into()) };
    let transaction = world.broker.begin("orders", 0, held.clone());
    world.broker.produce_in("orders", 0, transaction, NewRecord::new("1"));
    let tap = world.tap();
    until(secs(5), "opened", || !world.store.partitions().is_empty()).await;
    let id = world.store.partitions()[0].id;
    until(secs(5), "held", || world.store.progress(id).is_some_and(|p| p.held == Some(held.clone()))).await;
    world.broker.commit("orders", 0, transaction);
    stored(&world, "orders", 1).await;
    until(secs(5), "free", || world.store.progress(id).is_some_and(|p| p.held.is_none())).await;
    // The cursor passes the transaction's end marker, though no event came with it.
    until(secs(5), "passed", || world.store.partitions()[0].next_position == Some(Position(2))).await;
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
