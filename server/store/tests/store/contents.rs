//! Content that was not kept is filled behind the rows that are there, and nothing else changes.

use crate::{
    common::{NOW_MS, World, append, event, id, now, psql, system, view, world},
    erasures,
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::collections::BTreeMap;
use weir_domain::{
    PersonId, Position, Timestamp,
    backfill::{
        ContentDone, ContentNotBegun, ContentRead, ContentStored, ContentWaits, ContentWanted, ContentWork,
        Contents as _, FillState, Lacking, Next, Times,
    },
    capture::{CapturedEvent, Maintenance as _, TimeKind, Withheld, WithheldBy},
    erasures::Subject,
    events::{Absence, EventFilter, EventRows as _, RawEvent},
    search::Query,
    verify::ReadAt,
};

const ALWAYS: Times = Times { from: Timestamp(0), to: Timestamp(i64::MAX / 2) };

/// As capture stores what a policy or a ceiling does not keep.
fn without(e: CapturedEvent, by: WithheldBy) -> CapturedEvent {
    let withheld = Some(Withheld { size: e.raw_size(), tombstone: e.tombstone(), by });
    CapturedEvent { key: None, headers: Vec::new(), payload: None, withheld, ..e }
}

/// As the broker has it.
fn record(e: &CapturedEvent) -> ReadAt {
    ReadAt {
        position: e.position,
        time_kind: e.time_kind,
        broker_ms: e.broker_ms,
        raw: RawEvent { key: e.key.clone(), headers: e.headers.clone(), payload: e.payload.clone() },
    }
}

fn wanted(times: Times) -> ContentWanted {
    ContentWanted { times, bytes_per_s: 1 << 20, lacking: None }
}

async fn begin(w: &World, times: Times) -> Result<(), ContentNotBegun> {
    let by = PersonId("0193e7a2-4c1b-7d52-a0f3-000000000001".into());
    w.store.begin_content(&view(&w.store).await, w.channel, &wanted(times), &by, now()).await.unwrap()
}

async fn work(w: &World) -> ContentWork {
    w.store.contents_to_fill(&system()).await.unwrap().remove(0)
}

async fn lacking(w: &World, times: Times) -> Lacking {
    w.store.lacking(&view(&w.store).await, w.channel, times).await.unwrap().unwrap()
}

/// The next stretch that lacks content, as an engine finds it.
async fn next(w: &World, times: Times, mut from: Position) -> Option<(Position, Position)> {
    loop {
        match w.store.next_lacking(&system(), w.partition, times, from).await.unwrap() {
            Next::Lacks { from, to } => return Some((from, to)),
            Next::Below(position) => {
                assert!(position > from);
                from = position;
            }
            Next::AtItsEnd => return None,
        }
    }
}

fn read(
    w: &World,
    expected: Position,
    (from, next): (Position, Position),
    at_broker: &BTreeMap<i64, ReadAt>,
) -> ContentRead {
    ContentRead {
        channel: w.channel,
        asked_at: now(),
        partition: w.partition,
        expected,
        from,
        next,
        times: ALWAYS,
        records: at_broker.range(from.0..next.0).map(|(_, r)| r.clone()).collect(),
        at: now(),
    }
}

/// Fills all that there is as the broker has it, in stretches of at most so many positions.
async fn fill(
    w: &World,
    times: Times,
    at_broker: &BTreeMap<i64, ReadAt>,
    mut most: impl FnMut() -> i64,
) -> ContentDone {
    let mut sum = ContentDone::default();
    let mut at = work(w).await.parts[0].done;
    while let Some((from, to)) = next(w, times, at).await {
        let to = to.min(Position(from.0 + most()));
        let read = ContentRead { times, ..read(w, at, (from, to), at_broker) };
        let ContentStored::Stored(done) = w.store.fill_content(&read).await.unwrap() else { panic!("not stored") };
        // Whoever comes with the same again changes nothing.
        assert_eq!(w.store.fill_content(&read).await.unwrap(), ContentStored::Moved);
        sum.events += done.events;
        sum.raw_bytes += done.raw_bytes;
        sum.gone += done.gone;
        sum.other += done.other;
        at = to;
    }
    sum
}

async fn keys_of(w: &World, key: &str) -> usize {
    let filter = EventFilter { key: Some(key.into()), ..EventFilter::default() };
    let (rows, ..) = w.store.list(&view(&w.store).await, &filter, &Query::default(), None, 500).await.unwrap();
    rows.len()
}

async fn hits(w: &World, query: &str) -> usize {
    let query = Query::parse(query).unwrap();
    let (mut at, mut n) = (None, 0);
    loop {
        let (rows, _, next) =
            w.store.list(&view(&w.store).await, &EventFilter::default(), &query, at, 200).await.unwrap();
        n += rows.len();
        at = next;
        if at.is_none() {
            return n;
        }
    }
}

async fn index(w: &World) {
    while w.store.index(now().plus_secs(400 * 86_400)).await.unwrap().more {}
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_as_metadata_is_found_by_key_word_and_field() {
    let w = world().await;
    let all: Vec<CapturedEvent> =
        (0..1000).map(|i| event(i, &format!("ord-{i}"), &format!(r#"{{"amount":{i},"who":"word{i}"}}"#))).collect();
    append(&w.store, w.partition, None, all.iter().cloned().map(|e| without(e, WithheldBy::ChannelPolicy)).collect())
        .await;
    index(&w).await;
    let raw: usize = all.iter().map(CapturedEvent::raw_size).sum();
    let found = lacking(&w, ALWAYS).await;
    assert_eq!((found.events, found.raw_bytes, found.whole, found.erased_before), (1000, raw as u64, true, false));
    assert_eq!((keys_of(&w, "ord-77").await, hits(&w, "amount>990").await, hits(&w, "word500").await), (0, 0, 0));

    begin(&w, ALWAYS).await.unwrap();
    let at_broker = all.iter().map(|e| (e.position.0, record(e))).collect();
    let done = fill(&w, ALWAYS, &at_broker, || 300).await;
    assert_eq!(done, ContentDone { events: 1000, raw_bytes: raw as u64, gone: 0, other: 0, unreadable: 0 });
    for indexed in [false, true] {
        assert_eq!(
            (keys_of(&w, "ord-77").await, hits(&w, "amount>990").await, hits(&w, "word500").await),
            (1, 9, 1),
            "{indexed}"
        );
        index(&w).await;
    }
    for e in &all {
        let stored = w.store.event(&view(&w.store).await, id(w.partition, e.position.0)).await.unwrap().unwrap();
        assert_eq!((stored.raw, stored.row.absent), (Some(record(e).raw), None));
    }
    assert_eq!(lacking(&w, ALWAYS).await.events, 0);
    // What it takes is in the directory: events, their bytes, and those on disk.
    let (listed, there) = (
        "select events, raw_bytes, stored_bytes from partition_bucket where part = 'payload'",
        "select 1000, sum(raw_bytes), sum(octet_length(body)) from block",
    );
    assert_eq!(psql(&w.url, listed).await, psql(&w.url, there).await);
    let fills = w.store.content_fills(&view(&w.store).await, w.source).await.unwrap();
    assert_eq!((fills[0].done, fills[0].state), (done, FillState::Running));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_range_is_filled_and_the_rest_stays() {
    let w = world().await;
    let all: Vec<CapturedEvent> = (0..600).map(|i| event(i, &format!("ord-{i}"), "{}")).collect();
    append(&w.store, w.partition, None, all.iter().cloned().map(|e| without(e, WithheldBy::Budget)).collect()).await;
    let times = Times { from: Timestamp::from_millis(NOW_MS + 100), to: Timestamp::from_millis(NOW_MS + 200) };
    assert_eq!(lacking(&w, times).await.events, 100);
    begin(&w, times).await.unwrap();
    let at_broker = all.iter().map(|e| (e.position.0, record(e))).collect();
    assert_eq!(fill(&w, times, &at_broker, || 30).await.events, 100);
    for i in 0..600 {
        let stored = w.store.event(&view(&w.store).await, id(w.partition, i)).await.unwrap().unwrap();
        let want = (!(100..200).contains(&i)).then_some(Absence::OverBudget);
        assert_eq!((stored.row.absent, stored.raw.is_some()), (want, want.is_none()), "{i}");
    }
    assert_eq!((keys_of(&w, "ord-150").await, keys_of(&w, "ord-250").await), (1, 0));
}

/// Whatever was kept, withheld, erased, expired or is larger than a block, in whatever stretches it comes: each event has
/// its own content or says why not.
#[tokio::test(flavor = "multi_thread")]
async fn each_event_has_its_own_whatever_lies_beside_it() {
    let seed: u64 = std::env::var("WEIR_CAMPAIGN_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or_else(rand::random);
    println!("WEIR_CAMPAIGN_SEED={seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    for _ in 0..2 {
        let w = world().await;
        let n = rng.random_range(1..700);
        let mut at_broker: BTreeMap<i64, ReadAt> = BTreeMap::new();
        let mut want: BTreeMap<i64, Result<RawEvent, Absence>> = BTreeMap::new();
        // Those that were kept, with their keys.
        let mut kept = BTreeMap::new();
        let (mut batch, mut from, mut position) = (Vec::new(), None, 0);
        let mut parts: Vec<Vec<CapturedEvent>> = Vec::new();
        for i in 0..n {
            position += rng.random_range(1..4);
            let large = if rng.random_bool(0.02) { 90_000 } else { 0 };
            let mut e =
                event(position, &format!("k{}", i % 50), &format!(r#"{{"n":{i},"x":"{}"}}"#, "y".repeat(large)));
            if rng.random_bool(0.1) {
                e.key = None;
            }
            if rng.random_bool(0.05) {
                (e.time_kind, e.broker_ms) = (TimeKind::Absent, None);
            }
            let raw = record(&e).raw;
            let by = match rng.random_range(0..6) {
                0 => Some(WithheldBy::Sample),
                1 | 2 => Some(WithheldBy::ChannelPolicy),
                3 => Some(WithheldBy::NeverStore),
                _ => None,
            };
            // The broker has it, has another one at its position, or has it no more.
            let mut there = record(&e);
            let same = match rng.random_range(0..10) {
                0 => {
                    there.raw.payload = Some(b"another one altogether".to_vec());
                    at_broker.insert(position, there);
                    false
                }
                1 => false,
                _ => {
                    at_broker.insert(position, there);
                    true
                }
            };
            let wanted = match by {
                None => Ok(raw),
                Some(WithheldBy::NeverStore) => Err(Absence::NeverStored),
                Some(_) if same => Ok(raw),
                Some(WithheldBy::Sample) => Err(Absence::SampledOut),
                Some(_) => Err(Absence::ChannelPolicy),
            };
            want.insert(position, wanted);
            if by.is_none() {
                kept.insert(position, e.key.clone());
            }
            batch.push(match by {
                Some(by) => without(e, by),
                None => e,
            });
            if rng.random_bool(0.01) {
                parts.push(std::mem::take(&mut batch));
            }
        }
        parts.push(batch);
        for part in parts.into_iter().filter(|p| !p.is_empty()) {
            let behind = part.last().map(|e| e.position.0 + 1);
            append(&w.store, w.partition, from, part).await;
            from = behind;
            if rng.random_bool(0.5) {
                index(&w).await;
            }
        }
        // Somebody's, erased.
        for _ in 0..3 {
            let at = *want.keys().nth(rng.random_range(0..want.len())).unwrap();
            if kept.contains_key(&at) && w.store.blank_event(id(w.partition, at)).await.unwrap() {
                want.insert(at, Err(Absence::Erased));
            }
        }
        // And what is gone before its time, by whole blocks.
        if rng.random_bool(0.6) {
            let gone = psql(
                &w.url,
                "with few as (select first_position, last_position from block order by hashint8(first_position) limit 3),
                      gone as (delete from block b using few s where b.first_position = s.first_position)
                 select string_agg(first_position || '-' || last_position, ',') from few",
            )
            .await;
            for span in gone.split(',').filter(|s| !s.is_empty()) {
                let (first, last) = span.split_once('-').unwrap();
                for (at, wanted) in want.range_mut(first.parse::<i64>().unwrap()..=last.parse::<i64>().unwrap()) {
                    let Ok(raw) = wanted else { continue };
                    if at_broker.get(at).is_none_or(|there| there.raw != *raw) {
                        *wanted = Err(Absence::Expired);
                    }
                }
            }
        }
        begin(&w, ALWAYS).await.unwrap();
        fill(&w, ALWAYS, &at_broker, || rng.random_range(1..200)).await;
        let see = view(&w.store).await;
        for (at, want) in &want {
            let stored = w.store.event(&see, id(w.partition, *at)).await.unwrap().unwrap();
            let found = match (stored.raw, stored.row.absent) {
                (Some(raw), None) => Ok(raw),
                (None, Some(why)) => Err(why),
                other => panic!("{at}: {other:?}"),
            };
            assert_eq!(&found, want, "{at}");
        }
        // Found by what each has now, whether it is indexed or not.
        for indexed in [false, true] {
            for key in 0..50 {
                let key = format!("k{key}");
                // A row keeps its key's hash when its content has expired.
                let has = want.iter().filter(|(at, wanted)| match wanted {
                    Ok(raw) => raw.key.as_deref() == Some(key.as_bytes()),
                    Err(Absence::Expired) => kept.get(at).is_some_and(|k| k.as_deref() == Some(key.as_bytes())),
                    Err(_) => false,
                });
                assert_eq!(keys_of(&w, &key).await, has.count(), "{key}, indexed: {indexed}");
            }
            let all = want
                .values()
                .filter(|e| e.as_ref().is_ok_and(|raw| raw.payload.as_ref().is_some_and(|p| p.starts_with(b"{\"n\""))))
                .count();
            assert_eq!(hits(&w, "n>=0").await, all, "indexed: {indexed}");
            index(&w).await;
        }
        assert_eq!(hits(&w, "").await, want.len(), "each once");
        let listed = "select coalesce(sum(stored_bytes), 0) from partition_bucket where part = 'payload'";
        let there = "select coalesce(sum(octet_length(body)), 0) from block";
        let (listed, there): (i64, i64) =
            (psql(&w.url, listed).await.parse().unwrap(), psql(&w.url, there).await.parse().unwrap());
        // An erasure leaves the figures as they were, and may write a block some bytes longer.
        assert!(listed + 1_000 >= there, "{listed} listed, {there} there");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_at_a_time_and_what_stands_in_its_way_is_told() {
    let w = world().await;
    let all: Vec<CapturedEvent> = (0..10).map(|i| event(i, "k", "{}")).collect();
    append(&w.store, w.partition, None, all.iter().cloned().map(|e| without(e, WithheldBy::ChannelPolicy)).collect())
        .await;
    begin(&w, ALWAYS).await.unwrap();
    let other = Times { from: Timestamp::from_millis(NOW_MS + 5), to: Timestamp::from_millis(NOW_MS + 6) };
    assert_eq!(begin(&w, other).await, Err(ContentNotBegun::Busy));
    let at_broker: BTreeMap<i64, ReadAt> = all.iter().map(|e| (e.position.0, record(e))).collect();
    let stretch = read(&w, Position(0), (Position(0), Position(10)), &at_broker);
    for (sql, why) in [
        ("update channel set withheld_at = now()", ContentWaits::OverBudget),
        ("update channel set withheld_at = null, policy = 'off'", ContentWaits::Off),
        (
            "update channel set policy = 'full', erase_on_tombstone = true, tombstones_by = 'ann', tombstones_since = now()",
            ContentWaits::Erases,
        ),
        ("update channel set erase_on_tombstone = false; update source set paused = true", ContentWaits::StandsStill),
        ("update source set paused = false, capture = 'metadata'", ContentWaits::Lowered),
        ("update source set capture = 'full'; update capture_budget set fill = 'full'", ContentWaits::OverBudget),
        (
            "update capture_budget set fill = 'room';
             insert into erasure (id, kind, reason, state, asked_name, asked_at, ends_at, decided_at)
             values ('0193e7a2-4c1b-7d52-a0f3-000000000077', 'key', 'w', 'done', 'Ann', '2020-01-01', '2020-01-01', '2100-01-01')",
            ContentWaits::ErasedSince,
        ),
    ] {
        psql(&w.url, sql).await;
        assert_eq!(w.store.fill_content(&stretch).await.unwrap(), ContentStored::Waits(why));
    }
    psql(&w.url, "delete from erasure; update channel set erase_on_tombstone = true").await;
    assert_eq!(begin(&w, ALWAYS).await, Err(ContentNotBegun::Erases));
    psql(&w.url, "update channel set erase_on_tombstone = false").await;
    // Held: what was read meanwhile is not stored.
    let see = view(&w.store).await;
    assert!(w.store.hold_content(&see, w.channel, FillState::Paused, now()).await.unwrap());
    assert_eq!(w.store.fill_content(&stretch).await.unwrap(), ContentStored::Moved);
    assert!(w.store.contents_to_fill(&system()).await.unwrap().is_empty());
    assert!(w.store.hold_content(&see, w.channel, FillState::Stopped, now()).await.unwrap());
    assert!(!w.store.hold_content(&see, w.channel, FillState::Stopped, now()).await.unwrap());
    begin(&w, ALWAYS).await.unwrap();
    let stored = w.store.fill_content(&stretch).await.unwrap();
    assert!(matches!(stored, ContentStored::Stored(ContentDone { events: 10, .. })), "{stored:?}");
    let this = work(&w).await;
    w.store.content_over(&this, w.partition).await.unwrap();
    assert!(work(&w).await.parts.is_empty());
    assert!(w.store.content_goes_on(&system(), &this).await.unwrap());
    w.store.content_ended(&this, FillState::Done, None, now()).await.unwrap();
    assert!(!w.store.content_goes_on(&system(), &this).await.unwrap());
    // Another range of the same channel, which the end of the first does not touch.
    let by = PersonId("0193e7a2-4c1b-7d52-a0f3-000000000001".into());
    let see = view(&w.store).await;
    w.store.begin_content(&see, w.channel, &wanted(other), &by, now().plus_secs(1)).await.unwrap().unwrap();
    w.store.content_over(&this, w.partition).await.unwrap();
    w.store.content_ended(&this, FillState::Failed, None, now()).await.unwrap();
    let next = work(&w).await;
    assert_eq!((next.times, next.parts.len()), (other, 1));
    assert!(w.store.content_goes_on(&system(), &next).await.unwrap());
    assert!(!w.store.content_goes_on(&system(), &this).await.unwrap());
    assert_eq!(w.store.fill_content(&stretch).await.unwrap(), ContentStored::Moved, "read for another one");
    psql(&w.url, "update channel set payload_limit = 1").await;
    let of_next = ContentRead { asked_at: next.asked_at, expected: next.parts[0].done, ..stretch };
    assert_eq!(w.store.fill_content(&of_next).await.unwrap(), ContentStored::Waits(ContentWaits::AboveLimit));
}

/// What segments knew of spans before they were filled, and know since, goes with the subject.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_filled_is_erased_whole() {
    for by in [WithheldBy::ChannelPolicy, WithheldBy::Sample] {
        let w = world().await;
        erasures::people(&w).await;
        let all: Vec<CapturedEvent> = (0..300)
            .map(|i| {
                if i % 70 == 7 {
                    erasures::marked(i, &format!("{{\"n\":{i}}}"))
                } else {
                    event(i, &format!("k{i}"), "{}")
                }
            })
            .collect();
        // Of a sample, the subject has an event that was kept beside those that were not.
        let kept = |i: usize| by == WithheldBy::Sample && (i == 7 || i.is_multiple_of(2));
        let stored = all.iter().enumerate().map(|(i, e)| if kept(i) { e.clone() } else { without(e.clone(), by) });
        append(&w.store, w.partition, None, stored.collect()).await;
        index(&w).await;
        begin(&w, ALWAYS).await.unwrap();
        fill(&w, ALWAYS, &all.iter().map(|e| (e.position.0, record(e))).collect(), || 40).await;
        index(&w).await;
        assert_eq!(keys_of(&w, erasures::KEY).await, 5);
        assert!(erasures::found(&w).await.len() >= 2, "the test would not notice");
        erasures::whole(&w, 9, &Subject::Key(erasures::KEY.into())).await;
        assert_eq!((keys_of(&w, erasures::KEY).await, erasures::found(&w).await), (0, Vec::new()), "{by:?}");
        // And it does not come back.
        let left = lacking(&w, ALWAYS).await;
        assert_eq!((left.events, left.erased_before), (0, true));
    }
}
