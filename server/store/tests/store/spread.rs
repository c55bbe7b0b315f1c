//! How what a search finds is spread, and what lies around an event.

use crate::{
    common::{NOW_MS, append, batch, event, id, now, psql, view, view_of, world},
    search::{Known, judged, seeded},
};
use rand::{SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use weir_domain::{
    EventId, Position,
    access::Role,
    capture::{AppendOutcome, EventLog as _, Gap, GapReason},
    events::{EventFilter, EventRows as _, TimeRange, sort_time},
    search::{Path, Query},
};

/// What stands at a path of the newest events that are found.
#[tokio::test(flavor = "multi_thread")]
async fn a_breakdown_counts_the_values_of_a_field() {
    let w = world().await;
    let known = seeded(&w, &mut StdRng::seed_from_u64(11)).await;
    let view = view(&w.store).await;
    let (query, city) = (Query::parse("type:payment.failed").unwrap(), Path::parse("data.city").unwrap());
    let kept = known.iter().filter(|k| judged(&query, k, &view) && k.event.withheld.is_none());
    let (mut read, mut expected) = (0, std::collections::BTreeMap::<String, u64>::new());
    for k in kept {
        read += 1;
        for value in k.event.payload.iter().flat_map(|p| city.values(p)) {
            *expected.entry(value).or_default() += 1;
        }
    }
    let b = w.store.breakdown(&view, &EventFilter::default(), &query, Some(&city), 50, 9).await.unwrap();
    assert!(read < 2000 && !expected.is_empty());
    assert_eq!((b.values.into_iter().collect(), b.read), (expected, read));
}

/// A breakdown counts what the list finds: all of it here, and so every figure is exact.
#[tokio::test(flavor = "multi_thread")]
async fn a_breakdown_counts_what_is_found() {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let w = world().await;
    let known = seeded(&w, &mut StdRng::seed_from_u64(seed)).await;
    let all_of_it = view(&w.store).await;
    for text in ["", "type:payment.failed", "refused", "data.amount>1000 key:ord-7", "data.amount>99999999"] {
        let query = Query::parse(text).unwrap();
        let found: Vec<&Known> = known.iter().filter(|k| judged(&query, k, &all_of_it)).collect();
        let b = w.store.breakdown(&all_of_it, &EventFilter::default(), &query, None, 50, 3).await.unwrap();
        let bins = b.bins.unwrap();
        assert_eq!(b.all.as_ref().unwrap().iter().sum::<u64>(), known.len() as u64, "{text}");
        assert_eq!((b.counted, b.down_to), (found.len() as u64, None), "{text}");
        assert_eq!(b.found.is_some(), !text.is_empty(), "{text}");
        if let Some(per_bin) = &b.found {
            let mut expected = vec![0; bins.count];
            for k in &found {
                let (time, _) = sort_time(k.event.time_kind, k.event.broker_ms, now());
                assert!(bins.whole().contains(time));
                expected[bins.of(time)] += 1;
            }
            assert_eq!(*per_bin, expected, "{text}");
        }
        let mut types = std::collections::BTreeMap::<&str, u64>::new();
        let mut keys = std::collections::BTreeMap::<&[u8], u64>::new();
        for k in &found {
            *types.entry(&k.event.event_type).or_default() += 1;
            if let Some(key) = &k.event.key {
                *keys.entry(key).or_default() += 1;
            }
        }
        let largest = |counts: Vec<u64>| {
            let mut counts = counts;
            counts.sort_unstable_by(|a, b| b.cmp(a));
            counts.truncate(3);
            counts
        };
        assert_eq!(
            b.types.iter().map(|t| t.1).collect::<Vec<_>>(),
            largest(types.values().copied().collect()),
            "{text}"
        );
        assert!(b.types.iter().all(|(name, n)| types[name.as_str()] == *n), "{text}");
        assert_eq!(b.keys.iter().map(|k| k.1).collect::<Vec<_>>(), largest(keys.values().copied().collect()), "{text}");
        assert!(b.keys.iter().all(|(row, n)| keys[row.key.as_deref().unwrap()] == *n), "{text}");
        assert_eq!(
            b.channels,
            Vec::from_iter((!found.is_empty()).then_some((w.channel, found.len() as u64))),
            "{text}"
        );
    }
    let less = view_of(&w.store, &[Role::Viewer], "*").await;
    let b = w.store.breakdown(&less, &EventFilter::default(), &Query::default(), None, 50, 3).await.unwrap();
    assert!(b.keys.is_empty() && b.counted == known.len() as u64);
    let city = Path::parse("data.city").unwrap();
    assert!(
        w.store
            .breakdown(&less, &EventFilter::default(), &Query::default(), Some(&city), 50, 9)
            .await
            .unwrap()
            .values
            .is_empty()
    );
    let none = view_of(&w.store, &[Role::Viewer], "elsewhere.*").await;
    let b = w.store.breakdown(&none, &EventFilter::default(), &Query::default(), None, 50, 3).await.unwrap();
    assert_eq!((b.bins, b.counted, b.types.len()), (None, 0, 0));
}

/// What the broker lost is no figure, and is told beside them: where it was found in the range, and where nothing is stored.
#[tokio::test]
async fn a_breakdown_tells_of_gaps() {
    let w = world().await;
    let count = async |range: TimeRange| {
        let filter = EventFilter { range, ..EventFilter::default() };
        w.store.breakdown(&view(&w.store).await, &filter, &Query::default(), None, 50, 3).await.unwrap()
    };
    let mut lost = batch(w.partition, None, Vec::new());
    lost.gaps.push(Gap { from: Position(0), to: None, reason: GapReason::Truncated, detail: String::new() });
    assert!(matches!(w.store.append(&lost).await.unwrap(), AppendOutcome::Stored { .. }));
    let found = format!("update gap set found_at = to_timestamp({NOW_MS}::numeric / 1000)");
    psql(&w.url, &found).await;
    let nothing = count(TimeRange::default()).await;
    assert_eq!((nothing.bins, nothing.gaps), (None, 1));
    append(&w.store, w.partition, Some(0), vec![event(10, "k", "{}")]).await;
    let all = count(TimeRange::default()).await;
    assert_eq!((all.counted, all.gaps), (1, 1));
    let later = TimeRange { from: Some(now().plus_secs(60)), to: None };
    assert_eq!(count(later).await.gaps, 0, "it lies before");
}

#[tokio::test(flavor = "multi_thread")]
async fn around_an_event_lie_those_next_to_it() {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let w = world().await;
    let known = seeded(&w, &mut rng).await;
    let (all_of_it, less) = (view(&w.store).await, view_of(&w.store, &[Role::Viewer], "*").await);
    let time = |k: &Known| sort_time(k.event.time_kind, k.event.broker_ms, now()).0;
    for _ in 0..20 {
        let own = known.choose(&mut rng).unwrap();
        let mut partition: Vec<_> = known.iter().filter(|k| k.id.partition == own.id.partition).map(|k| k.id).collect();
        partition.sort_unstable();
        let at = partition.iter().position(|id| *id == own.id).unwrap();
        let nearest = |ids: &[EventId], at: usize| {
            let before: Vec<_> = ids[..at].iter().rev().take(3).copied().collect();
            let after: Vec<_> = ids[at + 1..].iter().take(3).copied().collect();
            (before, after)
        };
        let got = w.store.around(&all_of_it, own.id, 3).await.unwrap().unwrap();
        assert_eq!(got.event.id, own.id);
        let ids = |rows: &[weir_domain::events::StoredRow]| rows.iter().map(|r| r.id).collect::<Vec<_>>();
        let of = |n: &weir_domain::events::Neighbours<_>| (ids(&n.before), ids(&n.after));
        assert_eq!(of(&got.in_partition), nearest(&partition, at), "{:?}", own.id);
        let key = own.event.key.as_ref();
        let mut same: Vec<_> =
            known.iter().filter(|k| key.is_some() && k.event.key.as_ref() == key).map(|k| (time(k), k.id)).collect();
        same.sort_unstable();
        let expected = match same.iter().position(|(_, id)| *id == own.id) {
            Some(at) => nearest(&same.iter().map(|s| s.1).collect::<Vec<_>>(), at),
            None => (Vec::new(), Vec::new()),
        };
        assert_eq!((of(&got.of_key), got.busy_key), (expected, false), "{:?}", own.id);
        let got = w.store.around(&less, own.id, 3).await.unwrap().unwrap();
        assert_eq!(of(&got.of_key), (Vec::new(), Vec::new()), "keys are not for everybody");
    }
    let none = view_of(&w.store, &[Role::Viewer], "elsewhere.*").await;
    assert!(w.store.around(&none, known[0].id, 3).await.unwrap().is_none());
    assert!(w.store.around(&all_of_it, id(known[0].id.partition, i64::MAX), 3).await.unwrap().is_none());
}
