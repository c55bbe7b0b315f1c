use crate::common::{NOW_MS, append, batch, event, id, now, open, psql, view, view_of, world};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use weir_domain::{
    Timestamp,
    access::Role,
    capture::{
        AppendOutcome, EventLog as _, Gap, GapReason, Maintenance as _, SourceReport, SourceState, TapCatalog as _,
        TimeKind,
    },
    events::{Absence, EventFilter, EventRows as _, PageCursor, TimeRange},
    search::Query,
};
use weir_store::Store;

/// All pages of a list, as (time, id).
async fn all(store: &Store, view: &weir_domain::access::View, filter: &EventFilter, limit: u32) -> Vec<PageCursor> {
    let (mut before, mut rows) = (None, Vec::new());
    loop {
        let (page, _, next) = store.list(view, filter, &Query::default(), before, limit).await.unwrap();
        rows.extend(page.iter().map(|r| PageCursor { time: r.sort_time, id: r.id }));
        let Some(next) = next else { return rows };
        assert!(before.is_none_or(|b| next < b), "a next page must begin further back");
        before = Some(next);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_in_order_over_partitions_whatever_their_times() {
    let w = world().await;
    let mut rng = StdRng::seed_from_u64(7);
    let mut expected = Vec::new();
    for number in 1..=7 {
        let partition = open(&w.store, w.fence, w.channel, number).await;
        let mut next = None;
        for _ in 0..12 {
            let at = next.unwrap_or(0);
            let n = rng.random_range(1..90);
            let events: Vec<_> = (at..at + n)
                .map(|p| {
                    let mut e = event(p, &format!("k{}", p % 5), "{}");
                    // Some in order, some all over the place, some without a time, many with the same.
                    match rng.random_range(0..10) {
                        0 => e.broker_ms = Some(rng.random_range(0..NOW_MS)),
                        1 => (e.time_kind, e.broker_ms) = (TimeKind::Absent, None),
                        2..5 => e.broker_ms = Some(NOW_MS - 5000),
                        _ => e.broker_ms = Some(NOW_MS - 1_000_000 + p * 100),
                    }
                    e
                })
                .collect();
            for e in &events {
                let (time, _) = weir_domain::events::sort_time(e.time_kind, e.broker_ms, now());
                expected.push((PageCursor { time, id: id(partition, e.position.0) }, e.key.clone()));
            }
            append(&w.store, partition, next, events).await;
            next = Some(at + n);
        }
    }
    expected.sort_by_key(|e| std::cmp::Reverse(e.0));
    let view = view(&w.store).await;
    let everything: Vec<PageCursor> = expected.iter().map(|e| e.0).collect();
    for limit in [60, 500] {
        assert_eq!(all(&w.store, &view, &EventFilter::default(), limit).await, everything, "limit {limit}");
    }
    let keyed = EventFilter { key: Some("k3".into()), ..EventFilter::default() };
    let with_key: Vec<_> = expected.iter().filter(|e| e.1.as_deref() == Some(b"k3")).map(|e| e.0).collect();
    assert_eq!(all(&w.store, &view, &keyed, 50).await, with_key);
    for (from, to) in
        [(NOW_MS - 999_000, NOW_MS - 998_500), (0, 1000), (NOW_MS - 5000, NOW_MS - 4999), (NOW_MS, i64::MAX / 1000)]
    {
        let range = TimeRange { from: Some(Timestamp::from_millis(from)), to: Some(Timestamp::from_millis(to)) };
        let inside: Vec<_> = everything.iter().filter(|e| range.contains(e.time)).copied().collect();
        assert_eq!(
            all(&w.store, &view, &EventFilter { range, ..EventFilter::default() }, 40).await,
            inside,
            "{from}..{to}"
        );
    }
}

#[tokio::test]
async fn filters_reach_only_what_they_name_and_views_only_what_they_may() {
    let w = world().await;
    let other = w.store.put_channel(w.source, "payment.failed").await.unwrap();
    let partition = open(&w.store, w.fence, other, 0).await;
    append(&w.store, w.partition, None, vec![event(0, "ord-1", "{}"), event(1, "ord-2", "{}")]).await;
    let mut failed = event(0, "ord-1", "{\"amount\":1}");
    failed.event_type = "payment.failed".into();
    append(&w.store, partition, None, vec![failed]).await;
    let view = view(&w.store).await;
    let ids = async |view: &_, filter: EventFilter| {
        let (rows, scanned, next) = w.store.list(view, &filter, &Query::default(), None, 10).await.unwrap();
        assert!(scanned.complete && next.is_none());
        rows.into_iter().map(|r| r.id).collect::<Vec<_>>()
    };
    let none = EventFilter::default;
    assert_eq!(ids(&view, none()).await, [id(w.partition, 1), id(partition, 0), id(w.partition, 0)]);
    assert_eq!(ids(&view, EventFilter { channel: Some(other), ..none() }).await, [id(partition, 0)]);
    assert_eq!(ids(&view, EventFilter { source: Some(w.source), ..none() }).await.len(), 3);
    assert!(ids(&view, EventFilter { source: Some(weir_domain::SourceId(99)), ..none() }).await.is_empty());
    assert_eq!(
        ids(&view, EventFilter { event_type: Some("payment.failed".into()), ..none() }).await,
        [id(partition, 0)]
    );
    assert!(ids(&view, EventFilter { event_type: Some("unheard.of".into()), ..none() }).await.is_empty());
    assert_eq!(
        ids(&view, EventFilter { key: Some("ord-1".into()), ..none() }).await,
        [id(partition, 0), id(w.partition, 0)]
    );
    let both = EventFilter { key: Some("ord-1".into()), event_type: Some("order.placed".into()), ..none() };
    assert_eq!(ids(&view, both).await, [id(w.partition, 0)]);
    assert!(ids(&view, EventFilter { key: Some("ord".into()), ..none() }).await.is_empty());

    let narrow = view_of(&w.store, &[Role::Support], "payment.*").await;
    assert_eq!(ids(&narrow, none()).await, [id(partition, 0)]);
    assert!(ids(&narrow, EventFilter { channel: Some(w.channel), ..none() }).await.is_empty());
    assert!(w.store.event(&narrow, id(w.partition, 0)).await.unwrap().is_none());
    assert!(w.store.event(&narrow, id(partition, 0)).await.unwrap().is_some());

    // Without the permission neither key nor payload is read, and a key finds nothing.
    let viewer = view_of(&w.store, &[Role::Viewer], "*").await;
    let (rows, ..) = w.store.list(&viewer, &none(), &Query::default(), None, 10).await.unwrap();
    assert!(rows.len() == 3 && rows.iter().all(|r| r.key.is_none() && r.payload_head.is_none()));
    assert!(ids(&viewer, EventFilter { key: Some("ord-1".into()), ..none() }).await.is_empty());
    let architect = view_of(&w.store, &[Role::Architect], "*").await;
    let (rows, ..) = w.store.list(&architect, &none(), &Query::default(), None, 10).await.unwrap();
    assert!(rows.iter().all(|r| r.key.is_some() && r.payload_head.is_none()));
    let raw = w.store.event(&viewer, id(partition, 0)).await.unwrap().unwrap().raw.unwrap();
    assert!(raw.key.is_none() && raw.payload.is_none());
}

#[tokio::test]
async fn a_list_says_what_it_looked_at_what_is_missing_and_who_was_silent() {
    let w = world().await;
    append(&w.store, w.partition, None, (0..300).map(|i| event(i, "k", "{}")).collect()).await;
    let mut b = batch(w.partition, Some(300), Vec::new());
    b.gaps.push(Gap {
        from: weir_domain::Position(300),
        to: None,
        reason: GapReason::Truncated,
        detail: String::new(),
    });
    b.captured_at = now();
    assert!(matches!(w.store.append(&b).await.unwrap(), AppendOutcome::Stored { .. }));
    let view = view(&w.store).await;
    let report = |state| SourceReport {
        source: w.source,
        tap: "one".into(),
        state,
        reason: None,
        at: now(),
        retry_at: None,
        left_out: None,
        left_out_total: 0,
        bytes_to_read: None,
        throttled_ms: 0,
    };
    w.store.report_source(&report(SourceState::Up)).await.unwrap();
    let (rows, scanned, next) =
        w.store.list(&view, &EventFilter::default(), &Query::default(), None, 10).await.unwrap();
    assert!(rows.len() == 10 && scanned.complete && scanned.rows >= 10 && scanned.silent_sources.is_empty());
    assert_eq!(scanned.down_to, next.map(|n| n.time));
    w.store.report_source(&report(SourceState::Down)).await.unwrap();
    let (_, scanned, _) = w.store.list(&view, &EventFilter::default(), &Query::default(), None, 400).await.unwrap();
    let oldest = Some(Timestamp::from_millis(NOW_MS));
    assert_eq!((scanned.silent_sources, scanned.gaps, scanned.down_to), (vec!["shop".to_owned()], 1, oldest));
    // What was lost may have been of the very type asked for, carried before or not.
    for name in ["order.placed", "order.changed"] {
        let filter = EventFilter { event_type: Some(name.into()), ..EventFilter::default() };
        let (_, scanned, _) = w.store.list(&view, &filter, &Query::default(), None, 400).await.unwrap();
        assert_eq!((scanned.silent_sources, scanned.gaps), (vec!["shop".to_owned()], 1), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rare_type_is_found_and_once_it_is_indexed_at_once() {
    let w = world().await;
    let mut next = None;
    for _ in 0..13 {
        let at = next.unwrap_or(0);
        let events = (at..at + 10_000).map(|p| {
            let mut e = event(p, "k", "{}");
            e.broker_ms = Some(NOW_MS - 1_000_000 + p);
            if p == 3 {
                e.event_type = "rare".into();
            }
            e
        });
        append(&w.store, w.partition, next, events.collect()).await;
        next = Some(at + 10_000);
    }
    let view = view(&w.store).await;
    let filter = EventFilter { event_type: Some("rare".into()), ..EventFilter::default() };
    let asked = async || w.store.list(&view, &filter, &Query::default(), None, 10).await.unwrap();
    let (rows, scanned, more) = asked().await;
    assert!(scanned.complete && more.is_none() && scanned.rows >= 100_000, "{scanned:?}");
    assert_eq!(rows[0].id, id(w.partition, 3));
    while w.store.index(now().plus_secs(100 * 86_400)).await.unwrap().more {}
    let (rows, scanned, more) = asked().await;
    assert!(scanned.complete && more.is_none() && scanned.rows < 1000, "{scanned:?}");
    assert_eq!(rows[0].id, id(w.partition, 3));
    // What an index ruled out was searched too: a key that nothing has is not "0 events".
    let filter = EventFilter { key: Some("nobody's".into()), ..EventFilter::default() };
    let (rows, scanned, more) = w.store.list(&view, &filter, &Query::default(), None, 10).await.unwrap();
    let stored = psql(&w.url, "select count(*), round(extract(epoch from min(sort_time)) * 1000) from event").await;
    let down_to = scanned.down_to.map(|t| t.millis()).unwrap();
    assert_eq!((rows.len(), format!("{}|{down_to}", scanned.indexed)), (0, stored));
    assert!(scanned.rows < 1000, "{scanned:?}");
    assert!(scanned.complete && more.is_none());
    // A key that everything has is no needle; it is met by walking.
    let filter = EventFilter { key: Some("k".into()), ..EventFilter::default() };
    let (rows, scanned, _) = w.store.list(&view, &filter, &Query::default(), None, 10).await.unwrap();
    assert!(rows.len() == 10 && scanned.rows < 10_000, "{scanned:?}");
}

#[tokio::test]
async fn metadata_outlives_the_payload() {
    let w = world().await;
    append(&w.store, w.partition, None, vec![event(0, "ord-1", "{}")]).await;
    // As retention does it: the payload's buckets go.
    psql(&w.url, "delete from partition_bucket where part = 'payload'; delete from block").await;
    let view = view(&w.store).await;
    let e = w.store.event(&view, id(w.partition, 0)).await.unwrap().unwrap();
    assert_eq!((e.raw, e.row.size, e.row.event_type.as_str()), (None, 7, "order.placed"));
    let (rows, ..) = w.store.list(&view, &EventFilter::default(), &Query::default(), None, 10).await.unwrap();
    assert!(rows[0].key.is_none() && rows[0].payload_head.is_none());
    assert_eq!([e.row.absent, rows[0].absent], [Some(Absence::Expired); 2]);
}

/// What may be searched is never counted as less than it is, whatever narrows it.
#[tokio::test(flavor = "multi_thread")]
async fn how_much_there_is_to_be_searched() {
    let w = world().await;
    let view = view(&w.store).await;
    let of = async |filter: &EventFilter, query: &str| {
        w.store.extent(&view, filter, &Query::parse(query).unwrap()).await.unwrap()
    };
    assert_eq!(of(&EventFilter::default(), "").await, 0);
    for number in 1..=2 {
        let partition = open(&w.store, w.fence, w.channel, number).await;
        append(&w.store, partition, None, (0..50).map(|p| event(p, "k", "{}")).collect()).await;
    }
    assert_eq!(of(&EventFilter::default(), "").await, 100);
    assert_eq!(of(&EventFilter::default(), "declined").await, 100);
    assert_eq!(of(&EventFilter::default(), "channel:nowhere").await, 0);
    let range = TimeRange { from: Some(Timestamp::from_millis(NOW_MS + 864_000_000)), to: None };
    assert_eq!(of(&EventFilter { range, ..EventFilter::default() }, "").await, 0);
}
