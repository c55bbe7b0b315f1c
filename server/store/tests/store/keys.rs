//! Lists of keys, few by the index and many by reading.

use crate::common::{NOW_MS, append, batch, event, id, now, open, psql, view, view_of, world};
use std::{collections::HashMap, time::Instant};
use weir_domain::{
    SourceId, Timestamp,
    access::{Role, View},
    capture::{EventLog as _, TapCatalog as _},
    events::{EventFilter, EventRows as _, FEW_KEYS, KeyStanding, StoredKeys, TimeRange},
};
use weir_store::Store;

fn bytes(keys: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<Vec<u8>> {
    keys.into_iter().map(|key| key.as_ref().as_bytes().to_vec()).collect()
}

async fn ask(store: &Store, view: &View, filter: &EventFilter, keys: &[&str]) -> Vec<Option<KeyStanding>> {
    let few = store.keys(view, filter, &bytes(keys)).await.unwrap();
    assert!(few.scanned.complete && few.scanned.captured_since.is_none());
    // The other way gives the same.
    let more = keys.iter().map(|key| (*key).to_owned()).chain((0..FEW_KEYS).map(|i| format!("other-{i}")));
    let many = store.keys(view, filter, &bytes(more)).await.unwrap();
    assert_eq!(many.keys[..keys.len()], few.keys[..]);
    assert!(many.keys[keys.len()..].iter().all(Option::is_none) && many.scanned.complete);
    few.keys
}

fn told(standings: &[Option<KeyStanding>]) -> Vec<Option<(u64, i64, i64)>> {
    let of = |s: &KeyStanding| (s.events, s.newest.id.partition.0, s.newest.id.position.0);
    standings.iter().map(|s| s.as_ref().map(of)).collect()
}

#[tokio::test]
async fn the_newest_event_of_each_key_and_how_many_there_are() {
    let w = world().await;
    let other = w.store.put_channel(w.source, "payment.failed").await.unwrap();
    let failed = open(&w.store, w.fence, other, 0).await;
    // Ten days ago: another bucket, whose payload is to go.
    let mut old = batch(w.partition, None, (0..5).map(|i| event(i, "ord-1", "{}")).collect());
    old.captured_at = now().plus_secs(-10 * 86_400);
    old.events.push(event(5, "gone", "{}"));
    old.next = crate::common::cursor(6);
    old.events.iter_mut().for_each(|e| e.broker_ms = Some(NOW_MS - 10 * 86_400_000 + e.position.0));
    w.store.append(&old).await.unwrap();
    append(&w.store, w.partition, Some(6), vec![event(6, "ord-1", "{}"), event(7, "ord-2", "{}"), event(8, "", "{}")])
        .await;
    let mut of_failed = event(0, "ord-2", "{}");
    of_failed.event_type = "payment.failed".into();
    of_failed.broker_ms = Some(NOW_MS + 100);
    append(&w.store, failed, None, vec![of_failed]).await;
    let (p, f) = (w.partition.0, failed.0);
    let view = view(&w.store).await;
    let none = EventFilter::default();
    let keys = ["ord-2", "no-such", "ord-1", "", "gone"];
    let found = ask(&w.store, &view, &none, &keys).await;
    assert_eq!(told(&found), [Some((2, f, 0)), None, Some((6, p, 6)), Some((1, p, 8)), Some((1, p, 5))]);
    let newest = &found[0].as_ref().unwrap().newest;
    assert_eq!(
        (newest.event_type.as_str(), newest.channel, newest.key.as_deref()),
        ("payment.failed", other, Some(&b"ord-2"[..]))
    );
    assert!(found.iter().flatten().all(|s| !s.by_hash));

    // As retention does it: the old payload goes, the rows stay.
    psql(&w.url, "delete from block where bucket in (select min(bucket) from block)").await;
    let gone = ask(&w.store, &view, &none, &keys).await;
    assert_eq!(told(&gone), told(&found));
    let by_hash: Vec<_> = gone.iter().map(|s| s.as_ref().map(|s| s.by_hash)).collect();
    assert_eq!(by_hash, [Some(false), None, Some(false), Some(false), Some(true)]);
    assert!(gone[4].as_ref().unwrap().newest.key.is_none());

    // What narrows it.
    let narrowed = async |filter: EventFilter| told(&ask(&w.store, &view, &filter, &keys[..3]).await);
    assert_eq!(narrowed(EventFilter { channel: Some(w.channel), ..none.clone() }).await[0], Some((1, p, 7)));
    assert_eq!(
        narrowed(EventFilter { event_type: Some("payment.failed".into()), ..none.clone() }).await,
        [Some((1, f, 0)), None, None]
    );
    assert_eq!(narrowed(EventFilter { source: Some(SourceId(99)), ..none.clone() }).await, [None, None, None]);
    let range = |from: Option<i64>, to: Option<i64>| EventFilter {
        range: TimeRange { from: from.map(Timestamp::from_millis), to: to.map(Timestamp::from_millis) },
        ..EventFilter::default()
    };
    assert_eq!(narrowed(range(Some(NOW_MS), None)).await, [Some((2, f, 0)), None, Some((1, p, 6))]);
    assert_eq!(narrowed(range(None, Some(NOW_MS + 7))).await, [None, None, Some((6, p, 6))]);

    // What may not be seen is not there.
    let payments = view_of(&w.store, &[Role::Support], "payment.*").await;
    assert_eq!(told(&ask(&w.store, &payments, &none, &keys[..3]).await), [Some((1, f, 0)), None, None]);
    let viewer = view_of(&w.store, &[Role::Viewer], "*").await;
    assert_eq!(told(&ask(&w.store, &viewer, &none, &keys[..3]).await), [None, None, None]);
}

fn hash_of(store: &Store, key: &[u8]) -> i64 {
    use weir_domain::audit::AuditLog as _;
    store.key_hash(key).0
}

/// Gives every event this hash: rows written as the migration wrote those that were there before.
async fn rehash(url: &str, hash: i64) {
    let rows = format!(
        "update event_span s set rows = (
             select '\\x00'::bytea || string_agg(int2send(e.flags) || int2send(5::smallint) || int8send(e.position)
                 || int8send((extract(epoch from e.sort_time) * 1000000)::bigint) || int8send(e.broker_ms) || int8send(0)
                 || int8send({hash}) || int4send(e.type_id) || int4send(e.size), ''::bytea order by e.position)
             from event e where e.partition_id = s.partition_id and e.block_first = s.first_position)"
    );
    psql(url, &rows).await;
}

#[tokio::test]
async fn a_hash_is_no_key() {
    let w = world().await;
    append(&w.store, w.partition, None, (0..4).map(|i| event(i, ["a", "b"][usize::from(i > 1)], "{}")).collect()).await;
    append(&w.store, w.partition, Some(4), vec![event(4, "c", "{}")]).await;
    // As if `a`, `b` and `c` had the same hash.
    let hash = hash_of(&w.store, b"a");
    rehash(&w.url, hash).await;
    let view = view(&w.store).await;
    let found = ask(&w.store, &view, &EventFilter::default(), &["a"]).await;
    assert_eq!(told(&found), [Some((2, w.partition.0, 1))], "the newest with its hash has another key");
    // And if nothing has this key.
    rehash(&w.url, hash_of(&w.store, b"x")).await;
    assert_eq!(ask(&w.store, &view, &EventFilter::default(), &["x", "a"]).await, [None, None]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_keys_are_one_question() {
    let w = world().await;
    let mut want: HashMap<usize, (u64, i64)> = HashMap::new();
    let mut position = 0;
    for round in 0..60 {
        let events: Vec<_> = (0..500)
            .map(|i| {
                // Every third of the list is there, some of them often.
                let n = if i % 10 == 0 { 3 } else { ((round * 500 + i) * 3) % 10_000 };
                let at = want.entry(n).or_default();
                *at = (at.0 + 1, position + i as i64);
                event(position + i as i64, &format!("ord-{n}"), "{\"amount\":1}")
            })
            .collect();
        append(&w.store, w.partition, (round > 0).then_some(position), events).await;
        position += 500;
    }
    let keys = bytes((0..10_000).map(|n| format!("ord-{n}")));
    let begun = Instant::now();
    let StoredKeys { keys: found, scanned } =
        w.store.keys(&view(&w.store).await, &EventFilter::default(), &keys).await.unwrap();
    println!("{:?} for 10,000 keys of {position} events", begun.elapsed());
    assert!(scanned.complete);
    assert_eq!((scanned.events, scanned.gaps), (u64::try_from(position).unwrap(), 0));
    for (n, standing) in found.iter().enumerate() {
        let told = standing.as_ref().map(|s| (s.events, s.newest.id));
        assert_eq!(told, want.get(&n).map(|(events, at)| (*events, id(w.partition, *at))), "ord-{n}");
    }
}
