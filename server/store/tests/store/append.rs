use crate::common::{append, batch, cursor, event, id, now, psql, system, view, world};
use weir_domain::{
    Position, StoreError,
    capture::{AppendOutcome, EventLog as _, Gap, GapReason, Held, TapCatalog as _, Withheld, WithheldBy},
    events::{Absence, EventFilter, EventRows as _},
    search::Query,
};

#[tokio::test]
async fn a_batch_is_stored_whole_with_its_cursor_and_gap() {
    let w = world().await;
    let events: Vec<_> = (0..600).map(|i| event(i, &format!("ord-{i}"), "{}")).collect();
    let raw: usize = events.iter().map(|e| e.raw_size()).sum();
    let mut b = batch(w.partition, None, events);
    b.gaps.push(Gap {
        from: Position(600),
        to: Some(Position(640)),
        reason: GapReason::RetentionTrimmed,
        detail: "log start".into(),
    });
    b.held = Some(Held { since: now(), transactional_id: Some("tx\0".into()) });
    let AppendOutcome::Stored { events, raw_bytes, stored_bytes } = w.store.append(&b).await.unwrap() else { panic!() };
    assert_eq!((events, raw_bytes), (600, raw as u64));
    assert!(stored_bytes > 0 && stored_bytes < raw_bytes);
    let open = w.store.open_partitions(&system(), w.channel).await.unwrap();
    assert_eq!(open[0].cursor, Some(cursor(600)));
    // 250 + 250 + 100.
    assert_eq!(
        psql(&w.url, "select string_agg(events::text, ',' order by first_position) from event_span").await,
        "250,250,100"
    );
    assert_eq!(psql(&w.url, "select count(*), count(distinct (block_first, ordinal)) from event").await, "600|600");
    assert_eq!(psql(&w.url, "select from_position, to_position, reason from gap").await, "600|640|retention_trimmed");
    assert_eq!(
        psql(&w.url, "select first_position, last_position, events from partition_bucket order by part").await,
        "0|599|600\n0|599|600"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_appends_from_one_cursor_exactly_one_stores() {
    let w = world().await;
    append(&w.store, w.partition, None, vec![event(0, "k", "{}")]).await;
    for round in 0..20_i64 {
        let at = 1 + round * 2;
        let one = batch(w.partition, Some(at), vec![event(at, "a", "one"), event(at + 1, "a", "one")]);
        let two = batch(w.partition, Some(at), vec![event(at, "a", "two"), event(at + 1, "a", "two")]);
        let other = w.store.clone();
        let (one, two) = tokio::join!(w.store.append(&one), tokio::spawn(async move { other.append(&two).await }));
        let outcomes = [one.unwrap(), two.unwrap().unwrap()];
        let moved = outcomes.iter().filter(|o| **o == AppendOutcome::CursorMoved).count();
        assert_eq!(moved, 1, "{outcomes:?}");
    }
    assert_eq!(psql(&w.url, "select count(*), count(distinct position) from event").await, "41|41");
    // What was refused left nothing behind, not even in the figures.
    assert_eq!(psql(&w.url, "select events from partition_minute").await, "41");
    assert_eq!(psql(&w.url, "select sum(events) from event_span").await, "41");
}

#[tokio::test]
async fn a_cursor_passes_without_events() {
    let w = world().await;
    let mut b = batch(w.partition, None, Vec::new());
    (b.next, b.next_position) = (cursor(7), Some(Position(7)));
    assert!(matches!(w.store.append(&b).await.unwrap(), AppendOutcome::Stored { events: 0, .. }));
    assert_eq!(w.store.append(&b).await.unwrap(), AppendOutcome::CursorMoved);
    assert_eq!(psql(&w.url, "select next_position from partition_cursor").await, "7");
    // An empty cursor is a cursor, not the absence of one.
    let mut b = batch(w.partition, Some(7), Vec::new());
    b.next.0.clear();
    assert!(matches!(w.store.append(&b).await.unwrap(), AppendOutcome::Stored { .. }));
    b.expected = None;
    assert_eq!(w.store.append(&b).await.unwrap(), AppendOutcome::CursorMoved);
}

#[tokio::test]
async fn a_closed_incarnation_takes_nothing_more() {
    let w = world().await;
    append(&w.store, w.partition, None, vec![event(0, "k", "{}")]).await;
    w.store.close_partition(w.partition, GapReason::Deleted, w.fence).await.unwrap();
    let late = batch(w.partition, Some(1), vec![event(1, "k", "{}")]);
    assert_eq!(w.store.append(&late).await.unwrap(), AppendOutcome::CursorMoved);
    assert_eq!(psql(&w.url, "select count(*) from event").await, "1");
}

#[tokio::test]
async fn positions_that_do_not_ascend_are_a_defect_and_store_nothing() {
    let w = world().await;
    for positions in [[1, 0], [1, 1]] {
        let b = batch(w.partition, None, positions.map(|p| event(p, "k", "{}")).to_vec());
        assert!(matches!(w.store.append(&b).await, Err(StoreError::Internal(_))));
    }
    assert_eq!(psql(&w.url, "select count(*) from event").await, "0");
}

#[tokio::test]
async fn withheld_bytes_are_not_stored_and_sizes_stay_true() {
    let w = world().await;
    let mut withheld = event(1, "secret-key", "secret");
    (withheld.key, withheld.payload) = (None, None);
    withheld.withheld = Some(Withheld { size: 4711, tombstone: false, by: WithheldBy::Ceiling });
    append(&w.store, w.partition, None, vec![event(0, "k", "{}"), withheld.clone()]).await;
    withheld.position = Position(2);
    withheld.withheld = Some(Withheld { size: 4711, tombstone: false, by: WithheldBy::NeverStore });
    append(&w.store, w.partition, Some(2), vec![withheld]).await;
    let view = view(&w.store).await;
    let reasons = [(1, Absence::MetadataOnly), (2, Absence::NeverStored)];
    for (position, why) in reasons {
        let e = w.store.event(&view, id(w.partition, position)).await.unwrap().unwrap();
        assert_eq!((e.row.size, e.row.tombstone, e.raw, e.row.absent), (4711, false, None, Some(why)));
    }
    let kept = w.store.event(&view, id(w.partition, 0)).await.unwrap().unwrap();
    assert!(kept.raw.is_some() && kept.row.absent.is_none());
    let (rows, ..) = w.store.list(&view, &EventFilter::default(), &Query::default(), None, 10).await.unwrap();
    let listed: Vec<_> = rows.iter().map(|r| (r.id.position.0, r.absent)).collect();
    assert_eq!(listed, [(2, Some(Absence::NeverStored)), (1, Some(Absence::MetadataOnly)), (0, None)]);
    // Nothing to keep, no block.
    assert_eq!(psql(&w.url, "select count(*) from block").await, "1");
}

#[tokio::test]
async fn an_unknown_partition_and_a_database_that_is_away_are_told_apart() {
    let w = world().await;
    let b = batch(weir_domain::PartitionId(999_999), None, vec![event(0, "k", "{}")]);
    assert!(matches!(w.store.append(&b).await, Err(StoreError::Internal(_))));
    let away = weir_store::Store::connect("postgres://weir:pw@127.0.0.1:9/none", Default::default()).await.unwrap();
    match away.append(&b).await {
        Err(StoreError::Unavailable(text)) => assert!(!text.contains("pw"), "{text}"),
        other => panic!("{other:?}"),
    }
    assert!(matches!(away.migrate().await, Err(StoreError::Unavailable(_))));
    assert!(
        matches!(weir_store::Store::connect("nonsense", Default::default()).await, Err(StoreError::Internal(t)) if !t.contains("nonsense"))
    );
}
