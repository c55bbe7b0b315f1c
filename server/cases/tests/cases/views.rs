use crate::world::{PRODUCTION, STAGING, World, anybody, caller};
use futures::future::join_all;
use std::{sync::atomic::Ordering, time::Duration};
use weir_domain::{
    CaseError, ChannelId,
    access::{Grant, Role},
    catalog::CatalogEntry,
};

#[tokio::test(start_paused = true)]
async fn the_catalog_is_read_once_a_second_however_many_ask() {
    let world = World::new();
    let (cases, caller) = (&world.cases, anybody());
    for answer in join_all((0..50).map(|_| cases.sources.list(&caller))).await {
        answer.unwrap();
    }
    assert_eq!(world.ports.entries_read.load(Ordering::SeqCst), 1);
    tokio::time::advance(Duration::from_millis(999)).await;
    cases.sources.list(&caller).await.unwrap();
    assert_eq!(world.ports.entries_read.load(Ordering::SeqCst), 1);
    tokio::time::advance(Duration::from_millis(1)).await;
    cases.sources.list(&caller).await.unwrap();
    assert_eq!(world.ports.entries_read.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_new_channel_is_seen_after_a_second_and_a_lost_database_once_it_is_back() {
    let world = World::new();
    let (cases, caller) = (&world.cases, anybody());
    let seen = async || cases.catalog.complete(&caller, "channel:").await.map(|c| c.lines.len());
    assert_eq!(seen().await.unwrap(), 4);
    {
        let mut data = world.ports.data.lock().unwrap();
        let entry = CatalogEntry { channel: ChannelId(102), channel_name: "new".into(), ..data.entries[0].clone() };
        data.entries.push(entry);
    }
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(seen().await.unwrap(), 5);

    world.ports.away.store(true, Ordering::SeqCst);
    tokio::time::advance(Duration::from_secs(1)).await;
    let before = world.ports.entries_read.load(Ordering::SeqCst);
    for answer in join_all((0..50).map(|_| seen())).await {
        assert!(matches!(answer, Err(CaseError::Unavailable(_))), "{answer:?}");
    }
    assert_eq!(world.ports.entries_read.load(Ordering::SeqCst), before + 1, "all fail with the one read");
    world.ports.away.store(false, Ordering::SeqCst);
    tokio::time::advance(Duration::from_millis(250)).await;
    assert_eq!(seen().await.unwrap(), 5);
}

#[tokio::test]
async fn whoever_stops_half_way_keeps_nobody_waiting() {
    let world = World::new();
    let (cases, caller) = (&world.cases, anybody());
    let mut left = Box::pin(cases.sources.list(&caller));
    assert!(futures::poll!(left.as_mut()).is_pending(), "the catalog is being read");
    // Still there, and not polled: so is a part of a page that waits for another one.
    let other = tokio::time::timeout(Duration::from_secs(20), cases.sources.list(&caller)).await;
    other.expect("held up by the first one").unwrap();
    left.await.unwrap();
    assert_eq!(world.ports.entries_read.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_switcher_offers_what_a_grant_reaches() {
    let world = World::new();
    let grant = |environment, source, pattern: &str| Grant { environment, source, channel_pattern: pattern.into() };
    for (grants, want) in [
        (vec![], vec![]),
        (vec![Grant::everything()], vec!["production", "staging"]),
        (vec![grant(Some(STAGING), None, "nothing.yet")], vec!["staging"]),
        (vec![grant(None, Some(crate::world::BANK), "*")], vec!["production"]),
        (vec![grant(None, None, "orders.tried")], vec!["staging"]),
        (vec![grant(None, None, "no.such")], vec![]),
    ] {
        // The environment chosen now takes nothing from the offer.
        let mut caller = caller(&[Role::Viewer], &grants);
        caller.environment = Some(PRODUCTION);
        let names = world.cases.access.me(&caller).await.unwrap().environments;
        assert_eq!(names.iter().map(|e| e.name.as_str()).collect::<Vec<_>>(), want, "{grants:?}");
    }
}
