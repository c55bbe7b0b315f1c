//! Searching by query: what is found is what the events themselves say, read plainly.

use crate::common::{World, append, id, now, open, psql, view, view_of, world};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use std::collections::BTreeSet;
use weir_domain::{
    EventId, PartitionId, Position,
    access::{Role, View},
    capture::{CapturedEvent, Header, HeaderType, Maintenance as _, TimeKind, Withheld, WithheldBy},
    events::{EventFilter, EventRows as _, PageCursor, sort_time},
    search::{Decoded, Decoder as _, HeaderBytes, Matcher, Part, Query, Scratch, Searched, Verdict},
};
use weir_store::Store;

/// Each asks in another way: of bytes, of what stands beside them, of both, of neither.
const QUERIES: &[&str] = &[
    "",
    "refused",
    "\"card refused\"",
    "data.amount>1500",
    "data.amount>=0",
    "data.amount:7 OR data.amount:8",
    "data.city:lyon",
    "data.items.sku:HB-1",
    "NOT data.city:*",
    "NOT refused",
    "key:ord-7",
    "key:ord-7 data.amount>500",
    "key:ord-* NOT key:ord-1*",
    "NOT key:ord-7 refused",
    "key:nowhere",
    "key:ord-7 key:ord-8",
    "key:ord-7 key:ord-7",
    "refused size>100",
    "header.tenant:acme",
    "header.tenant:acme data.amount<700",
    "type:payment.failed",
    "type:payment.*",
    "type:payment.failed data.amount>1000",
    "type:nothing",
    "NOT type:order.placed",
    "NOT type:order.placed refused",
    "type:payment.failed OR refused",
    "type:payment.failed OR data.amount>1900",
    "payload:*",
    "NOT payload:*",
    "channel:order.placed",
    "channel:order.* refused",
    "channel:nowhere.* refused",
    "environment:production source:shop refused",
    "NOT source:shop refused",
    "partition:2 refused",
    "offset>=100 offset<120",
    "offset>=100 offset<120 refused",
    "size>400",
    "size>400 refused",
    "time>=2026-11-22T13:20:00.300 refused",
    "captured:2026-11-22 refused",
    "(type:payment.failed OR partition:1) (refused OR data.amount<100)",
    "NOT (type:payment.failed refused)",
    "cel: data.amount > 1500",
    "cel: has(data.amount) && data.amount > 1500 && type == 'payment.failed'",
    "cel: key == 'ord-7' && size(headers) > 0",
    "cel: key == 'ord-7' || type.startsWith('payment.')",
    "cel: channel == 'order.placed' && partition == 2 && offset < 50",
    "cel: channel == 'nowhere'",
    "cel: has(data.items) && data.items.exists(i, i.sku == 'HB-1')",
    "cel: payload == null || time > timestamp('2026-11-22T13:20:00Z')",
    "cel: type == 'nothing' || size > 400",
];

pub struct Known {
    pub id: EventId,
    number: i32,
    pub event: CapturedEvent,
}

/// Partitions with events of every sort, some whose bytes were never kept.
pub async fn seeded(w: &World, rng: &mut StdRng) -> Vec<Known> {
    seeded_with(w, false, rng).await
}

/// And, if it is asked for, some that are packed or no JSON.
async fn seeded_with(w: &World, packed: bool, rng: &mut StdRng) -> Vec<Known> {
    let mut known = Vec::new();
    for number in 1..=4 {
        let partition = open(&w.store, w.fence, w.channel, number).await;
        grown(w, (number, partition), (4, packed), rng, &mut known).await;
    }
    known
}

/// As many batches more in a partition.
async fn grown(
    w: &World,
    (number, partition): (i32, PartitionId),
    (batches, packed): (usize, bool),
    rng: &mut StdRng,
    known: &mut Vec<Known>,
) {
    let last = known.iter().filter(|k| k.id.partition == partition).map(|k| k.id.position.0).max();
    let (mut next, mut at) = (last.map(|at| at + 1), last.unwrap_or(0));
    for _ in 0..batches {
        let n = rng.random_range(1..400);
        let mut events = Vec::new();
        for _ in 0..n {
            // Transactions leave positions out.
            at += if number == 3 { rng.random_range(1..3) } else { 1 };
            events.push(random(at, number == 4 && rng.random_range(0..3) == 0, packed, rng));
        }
        known.extend(events.iter().map(|e| Known { id: id(partition, e.position.0), number, event: e.clone() }));
        append(&w.store, partition, next, events).await;
        next = Some(at + 1);
    }
}

/// All that is stored is indexed, as if the time of its buckets were over.
async fn index_all(store: &Store) {
    while store.index(now().plus_secs(100 * 86_400)).await.unwrap().more {}
}

/// Some are packed, and some of those were cut off on their way.
fn as_sent(payload: Vec<u8>, packed: i32) -> Vec<u8> {
    match packed {
        0 => zstd::bulk::compress(&payload, 1).unwrap(),
        1 => {
            let whole = zstd::bulk::compress(&payload, 1).unwrap();
            whole[..whole.len() - 4].to_vec()
        }
        // {"data": {"amount": 7}, "word": "refused"} in CBOR.
        2 => b"\xa2\x64data\xa1\x66amount\x07\x64word\x67refused".to_vec(),
        _ => payload,
    }
}

fn random(position: i64, withheld: bool, packed: bool, rng: &mut StdRng) -> CapturedEvent {
    let types = ["order.placed", "order.changed", "payment.failed", "payment.taken"];
    let amount = rng.random_range(0..2000);
    let city = ["Lyon", "Paris", "lyon"].choose(rng).unwrap();
    let packed = if packed { rng.random_range(0..9) } else { 9 };
    let payload = match rng.random_range(0..if packed < 9 { 9 } else { 8 }) {
        8 => Some(format!("<data><amount>{amount}</amount><note>refused &amp; gone</note></data>")),
        0 => None,
        1 => Some("card refused, call the bank".to_owned()),
        2 => Some(format!(r#"{{"data":{{"amount":{amount},"note":"the Card  refused"}}}}"#)),
        3 => Some(format!(r#"{{"data":{{"amount":{amount}.0,"items":[{{"sku":"HB-1"}},{{"sku":"HB-2"}}]}}}}"#)),
        _ => Some(format!(r#"{{"data":{{"amount":{amount},"city":"{city}"}},"pad":"{}"}}"#, "x".repeat(amount % 500))),
    };
    let headers = match rng.random_range(0..3) {
        0 => vec![Header { name: b"Tenant".to_vec(), kind: HeaderType::Bytes, value: Some(b"acme".to_vec()) }],
        1 => vec![Header { name: b"tenant".to_vec(), kind: HeaderType::Bytes, value: None }],
        _ => Vec::new(),
    };
    let event = CapturedEvent {
        position: Position(position),
        time_kind: TimeKind::Create,
        broker_ms: Some(now().0 / 1000 + position),
        ce_time: None,
        event_type: (*types.choose(rng).unwrap()).to_owned(),
        key: (rng.random_range(0..9) > 0).then(|| format!("ord-{}", rng.random_range(0..30)).into_bytes()),
        headers,
        payload: payload.map(|text| as_sent(text.into_bytes(), packed)),
        withheld: None,
        possible_duplicate: false,
    };
    if !withheld {
        return event;
    }
    let by = WithheldBy::Ceiling;
    let kept_out = Withheld { size: event.raw_size(), tombstone: event.payload.is_none(), by };
    CapturedEvent { key: None, headers: Vec::new(), payload: None, withheld: Some(kept_out), ..event }
}

/// Does it match, and could it not be judged?
fn told(query: &Query, known: &Known, view: &View) -> (bool, bool) {
    let e = &known.event;
    let headers: Vec<_> = e.headers.iter().map(|h| HeaderBytes { name: &h.name, value: h.value.as_deref() }).collect();
    let (time, _) = sort_time(e.time_kind, e.broker_ms, now());
    fn part<T>(sees: bool, kept: bool, part: T) -> Part<T> {
        match (sees, kept) {
            (false, _) => Part::Masked,
            (true, false) => Part::Absent,
            (true, true) => Part::Shown(part),
        }
    }
    let kept = e.withheld.is_none();
    let decoded = e.payload.as_ref().map_or(Decoded::AsSent, |payload| weir_decode::Payloads.decode(payload, &headers));
    let searched = Searched {
        event_type: &e.event_type,
        channel: "order.placed",
        source: "shop",
        environment: "production",
        partition: known.number,
        offset: e.position.0,
        size: e.raw_size() as u64,
        time,
        captured_at: now(),
        key: part(view.key(), kept, e.key.as_deref()),
        headers: part(view.headers(), kept, &headers),
        // That there is none is known of the row.
        payload: part(view.payload(), e.withheld.is_none_or(|w| w.tombstone), e.payload.as_deref()),
        decoded: decoded.bytes(),
    };
    let (matcher, mut scratch) = (Matcher::new(query), Scratch::default());
    let verdict = query.judge_plainly(&searched);
    assert_eq!(matcher.judge(&searched, &mut scratch), verdict);
    (verdict == Verdict::Yes, scratch.unjudged())
}

pub fn judged(query: &Query, known: &Known, view: &View) -> bool {
    told(query, known, view).0
}

/// All pages of a search, in order, each event once.
async fn found(store: &Store, view: &View, query: &Query, limit: u32, oldest_first: bool) -> (Vec<EventId>, u64) {
    let filter = EventFilter { oldest_first, ..EventFilter::default() };
    let (mut before, mut found, mut unjudged) = (None::<PageCursor>, Vec::new(), 0);
    loop {
        let (rows, scanned, next) = store.list(view, &filter, query, before, limit).await.unwrap();
        found.extend(rows.iter().map(|r| PageCursor { time: r.sort_time, id: r.id }));
        unjudged += scanned.unjudged;
        assert!(next.is_some() || scanned.complete);
        let Some(next) = next else { break };
        let on = |b| if oldest_first { b < next } else { next < b };
        assert!(before.is_none_or(on), "a next page must begin further on");
        before = Some(next);
    }
    let sorted = if oldest_first { found.is_sorted_by(|a, b| a < b) } else { found.is_sorted_by(|a, b| a > b) };
    assert!(sorted, "in order, each once");
    (found.into_iter().map(|c| c.id).collect(), unjudged)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_query_finds_what_a_plain_reading_finds() {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let w = world().await;
    let mut rng = StdRng::seed_from_u64(seed);
    let mut known = seeded_with(&w, true, &mut rng).await;
    let all_of_it = view(&w.store).await;
    let less = view_of(&w.store, &[Role::Viewer], "*").await;
    agree(&w.store, &known, &all_of_it, &less, "nothing indexed").await;
    index_all(&w.store).await;
    assert_eq!(psql(&w.url, "select count(*) from event_span where keys_in is null").await, "0");
    assert_eq!(psql(&w.url, "select count(*) from block where words_in is null").await, "0");
    agree(&w.store, &known, &all_of_it, &less, "all indexed").await;
    for number in 1..=2 {
        let partition = known.iter().find(|k| k.number == number).unwrap().id.partition;
        grown(&w, (number, partition), (2, true), &mut rng, &mut known).await;
    }
    agree(&w.store, &known, &all_of_it, &less, "some indexed").await;
    index_all(&w.store).await;
    // One is taken out: its segments go, and everything else is found as before.
    let gone = known.iter().position(|k| k.event.withheld.is_none() && k.event.payload.is_some()).unwrap();
    assert!(w.store.blank_event(known[gone].id).await.unwrap());
    known.remove(gone);
    let of_bytes = ["refused", "key:ord-7", "data.amount>1500", "key:ord-7 data.amount>500"];
    for text in of_bytes {
        agrees(&w.store, &known, &all_of_it, text, "one taken out").await;
    }
    assert_ne!(psql(&w.url, "select count(*) from block where words_in is null").await, "0");
    index_all(&w.store).await;
    for text in of_bytes {
        agrees(&w.store, &known, &all_of_it, text, "indexed anew").await;
    }
}

async fn agree(store: &Store, known: &[Known], all_of_it: &View, less: &View, when: &str) {
    for text in QUERIES {
        for view in [all_of_it, less] {
            agrees(store, known, view, text, when).await;
        }
    }
}

async fn agrees(store: &Store, known: &[Known], view: &View, text: &str, when: &str) {
    let query = weir_cel::read(text).unwrap();
    let expected: BTreeSet<EventId> = known.iter().filter(|k| judged(&query, k, view)).map(|k| k.id).collect();
    let unjudged = known.iter().filter(|k| told(&query, k, view).1).count() as u64;
    for (limit, oldest_first) in [(7, false), (500, false), (7, true), (500, true)] {
        // A few events a page are enough to see that pages fit together.
        if limit == 7 && expected.len() > 200 {
            continue;
        }
        let (got, could_not) = found(store, view, &query, limit, oldest_first).await;
        let got: BTreeSet<EventId> = got.into_iter().collect();
        // An index of words rules out what can't be unpacked with the rest, and says of none that it does.
        let by_index = !text.starts_with("cel:");
        assert!(
            could_not == unjudged || by_index && could_not < unjudged,
            "{could_not} of {unjudged} told once: {text}, {when}, pages of {limit}, oldest first: {oldest_first}"
        );
        let (missing, extra) = (expected.difference(&got).count(), got.difference(&expected).count());
        assert_eq!(
            (missing, extra),
            (0, 0),
            "{text}, {when}, pages of {limit}, oldest first: {oldest_first}, of {}",
            expected.len()
        );
    }
}

/// Of what is indexed little is opened to find a rare word, and nothing where it is nowhere.
#[tokio::test(flavor = "multi_thread")]
async fn a_rare_word_opens_few_blocks() {
    let w = world().await;
    let view = view(&w.store).await;
    let payload = |i: i64| format!(r#"{{"id":"{:016x}","order":"ord-{i}","note":"as usual"}}"#, i * 7_919_777);
    for round in 0..80_i64 {
        let events = (250 * round..250 * (round + 1)).map(|i| crate::common::event(i, &format!("k-{i}"), &payload(i)));
        append(&w.store, w.partition, (round > 0).then_some(250 * round), events.collect()).await;
    }
    index_all(&w.store).await;
    let asked = async |text: &str, view: &View| {
        let query = Query::parse(text).unwrap();
        let (rows, scanned, _) = w.store.list(view, &EventFilter::default(), &query, None, 500).await.unwrap();
        (rows.iter().map(|r| r.id.position.0).collect::<Vec<_>>(), scanned.opened, scanned.rows)
    };
    for i in [0_i64, 4_711, 19_999] {
        let (found, opened, looked_at) = asked(&format!("{:016x}", i * 7_919_777), &view).await;
        assert!(found == [i] && opened <= 1000, "{found:?} after {opened} of 20,000 events");
        let (found, ..) = asked(&format!("key:k-{i}"), &view).await;
        assert_eq!((found, looked_at <= 1000), (vec![i], true));
    }
    let (found, opened, _) = asked("nowheretobefound \"as usual\"", &view).await;
    assert!(found.is_empty() && opened <= 1000, "{opened}");
    // What most events have is met by reading on.
    assert_eq!(asked("usual", &view).await.0.len(), 500);
    // Who may not see it learns nothing from how much was opened.
    let less = view_of(&w.store, &[Role::Architect], "*").await;
    let [there, nowhere] = [format!("{:016x}", 4_711_i64 * 7_919_777), "nowheretobefound".to_owned()];
    assert_eq!(asked(&there, &less).await, asked(&nowhere, &less).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tail_follows_a_query() {
    let w = world().await;
    let view = view(&w.store).await;
    let start = w.store.tail_start(&view, &EventFilter::default()).await.unwrap();
    let mut rng = StdRng::seed_from_u64(5);
    let known = seeded(&w, &mut rng).await;
    for text in ["refused partition:2 data.amount<900", "type:payment.failed data.amount>1600", "key:ord-7"] {
        let query = Query::parse(text).unwrap();
        let expected: BTreeSet<EventId> = known.iter().filter(|k| judged(&query, k, &view)).map(|k| k.id).collect();
        let (rows, ..) = w.store.tail(&view, &EventFilter::default(), &query, &start, 500).await.unwrap();
        let got: BTreeSet<EventId> = rows.iter().map(|r| r.id).collect();
        assert!(!got.is_empty() && got == expected, "{text}: {} of {}", got.len(), expected.len());
    }
    // What an expression fails on is counted, as in a list.
    let query = weir_cel::read("cel: data.amount > 1500").unwrap();
    let unjudged = known.iter().filter(|k| told(&query, k, &view).1).count() as u64;
    let (.., passed) = w.store.tail(&view, &EventFilter::default(), &query, &start, 500).await.unwrap();
    assert!(unjudged > 0 && passed.unjudged == unjudged, "{} of {unjudged}", passed.unjudged);
}

/// What was looked at is told: nothing is opened where a key or a type leads to the events.
#[tokio::test(flavor = "multi_thread")]
async fn only_as_much_is_opened_as_it_takes() {
    let w = world().await;
    let view = view(&w.store).await;
    let known = seeded(&w, &mut StdRng::seed_from_u64(9)).await;
    let opened = async |text: &str| {
        let query = Query::parse(text).unwrap();
        let (rows, scanned, _) = w.store.list(&view, &EventFilter::default(), &query, None, 500).await.unwrap();
        (rows.len() as u64, scanned.opened, scanned.rows)
    };
    assert_eq!(opened("key:ord-7").await.1, 0);
    assert_eq!(opened("type:payment.failed").await.1, 0);
    let (_, of_key, _) = opened("key:ord-7 data.amount>500").await;
    assert!(of_key > 0 && of_key < 200, "{of_key}");
    let kept = known.iter().filter(|k| k.event.withheld.is_none()).count() as u64;
    assert_eq!(opened("data.amount>99999999").await, (0, 0, 0), "blocks tell which numbers they hold");
    let (_, of_all, rows) = opened("nowhere-to-be-found").await;
    assert!(of_all >= kept && of_all <= known.len() as u64, "{of_all} of {kept}");
    assert_eq!(rows, known.len() as u64);
    let _: PartitionId = known[0].id.partition;
}
