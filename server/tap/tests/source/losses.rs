//! What brokers lose or hide for a while.

use crate::{
    harness::{SOURCE, World, secs, until},
    numbered, state, stored, texts,
};
use tokio::time::sleep;
use weir_broker::memory::NewRecord;
use weir_domain::{
    Clock, Position,
    capture::{GapReason, Held, SourceState},
};

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
