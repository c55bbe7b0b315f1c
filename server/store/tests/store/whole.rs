use crate::common::{NOW_MS, World, append, batch, event, id, psql, view, view_of, world};
use weir_domain::{
    Position,
    access::{Role, View},
    capture::{AppendOutcome, EventLog as _, Gap, GapReason, Header, HeaderType},
    events::{Absence, EventFilter, EventRows as _, LARGEST_OF_MANY, StoredEvent},
    search::Query,
};

/// All stretches, how many there were, and the gaps that they told of.
async fn whole(w: &World, view: &View, query: &str, limit: u32) -> (Vec<StoredEvent>, usize, u32) {
    let filter = EventFilter { query: Some(query.into()), ..EventFilter::default() };
    let query = Query::parse(query).unwrap();
    let (mut before, mut events, mut stretches, mut gaps) = (None, Vec::new(), 0, 0);
    loop {
        let stretch = w.store.list_whole(view, &filter, &query, before, limit).await.unwrap();
        assert!(!stretch.passed_over && stretch.events.len() <= limit as usize);
        stretches += 1;
        gaps += stretch.scanned.gaps;
        events.extend(stretch.events);
        before = stretch.next;
        if before.is_none() {
            return (events, stretches, gaps);
        }
    }
}

#[tokio::test]
async fn stretches_are_the_list_with_all_bytes_and_each_gap_once() {
    let w = world().await;
    let header = Header { name: b"trace".to_vec(), kind: HeaderType::Bytes, value: Some(b"abc".to_vec()) };
    let mut events: Vec<_> = (0..300).map(|n| event(n, &format!("k{}", n % 9), &format!("{{\"n\":{n}}}"))).collect();
    events.iter_mut().for_each(|e| e.headers = vec![header.clone(); 2]);
    events[5].payload = None;
    append(&w.store, w.partition, None, events.clone()).await;
    let mut lost = batch(w.partition, Some(300), Vec::new());
    lost.gaps.push(Gap { from: Position(300), to: None, reason: GapReason::Truncated, detail: String::new() });
    assert!(matches!(w.store.append(&lost).await.unwrap(), AppendOutcome::Stored { .. }));
    // Right where one stretch ends and the next one begins.
    let found = format!("update gap set found_at = to_timestamp({}::numeric / 1000)", NOW_MS + 293);
    psql(&w.url, &found).await;

    let support = view(&w.store).await;
    // By rows, and by looking into events.
    for query in ["", "n>=0 OR NOT n:*"] {
        let (got, stretches, gaps) = whole(&w, &support, query, 7).await;
        assert_eq!((got.len(), stretches >= 43, gaps), (300, true, 1), "{query}");
        for (one, sent) in got.iter().zip(events.iter().rev()) {
            let raw = one.raw.as_ref().unwrap();
            assert_eq!(one.row.id, id(w.partition, sent.position.0));
            assert_eq!((&raw.key, &raw.headers, &raw.payload), (&sent.key, &sent.headers, &sent.payload));
            assert_eq!((one.broker_ms, one.time_kind, one.row.absent), (sent.broker_ms, sent.time_kind, None));
        }
    }
    let of_key = whole(&w, &support, "key:k3", 7).await.0;
    assert!(of_key.len() == 33 && of_key.iter().all(|e| e.row.key.as_deref() == Some(b"k3")));

    // What a view may not see is not read.
    let architect = whole(&w, &view_of(&w.store, &[Role::Architect], "*").await, "", 200).await.0;
    assert!(architect.iter().all(|e| {
        let raw = e.raw.as_ref().unwrap();
        raw.key.is_some() && raw.headers.len() == 2 && raw.payload.is_none()
    }));
    let viewer = whole(&w, &view_of(&w.store, &[Role::Viewer], "*").await, "", 200).await.0;
    assert!(viewer.iter().all(|e| e.raw.is_none() && e.row.key.is_none() && e.row.absent.is_none()));
    assert!(whole(&w, &view_of(&w.store, &[Role::Support], "other.*").await, "", 200).await.0.is_empty());

    // What is gone says why, and leaves the rest where it is.
    assert!(w.store.blank_event(id(w.partition, 7)).await.unwrap());
    let got = whole(&w, &support, "", 200).await.0;
    let gone: Vec<_> = got.iter().filter(|e| e.raw.is_none()).map(|e| (e.row.id, e.row.absent)).collect();
    assert_eq!((got.len(), gone), (300, vec![(id(w.partition, 7), Some(Absence::Erased))]));
}

#[tokio::test]
async fn a_stretch_holds_a_few_megabytes_and_the_largest_come_without_their_bytes() {
    let w = world().await;
    let large = "x".repeat(900_000);
    let mut next = None;
    for at in [0, 5, 10, 15] {
        append(&w.store, w.partition, next, (at..at + 5).map(|n| event(n, "large", &large)).collect()).await;
        next = Some(at + 5);
    }
    let too_large = "y".repeat(LARGEST_OF_MANY as usize);
    append(&w.store, w.partition, next, vec![event(20, "too large", &too_large), event(21, "k", "{}")]).await;
    let view = view(&w.store).await;
    let (got, stretches, _) = whole(&w, &view, "", 200).await;
    assert_eq!(got.iter().map(|e| e.row.id.position.0).collect::<Vec<_>>(), (0..22).rev().collect::<Vec<_>>());
    assert_eq!(stretches, 3, "nine of 900 kB at most");
    let first = &got[1];
    assert!(first.raw.is_none() && first.row.absent.is_none() && first.row.key.as_deref() == Some(b"too large"));
    assert!(got.iter().enumerate().all(|(i, e)| i == 1 || e.raw.is_some()));
    let filter = EventFilter::default();
    let stretch = w.store.list_whole(&view, &filter, &Query::default(), None, 200).await.unwrap();
    assert_eq!((stretch.events.len(), stretch.scanned.complete), (11, true), "two small ones, and nine");
    assert_eq!(stretch.scanned.down_to, stretch.next.map(|n| n.time));
}

/// A word that most events have: each is looked into about once, however many pages the export takes.
#[tokio::test]
async fn a_common_word_is_looked_for_once_in_each_block() {
    let w = world().await;
    let mut next = None;
    for at in (0..3000).step_by(250) {
        let some = (at..at + 250).map(|n| event(n, "k", &format!("{{\"n\":{n},\"note\":\"declined\"}}"))).collect();
        append(&w.store, w.partition, next, some).await;
        next = Some(at + 250);
    }
    let support = view(&w.store).await;
    let (filter, query) = (EventFilter::default(), Query::parse("declined").unwrap());
    let opened = async |limit: u32| {
        let (mut before, mut opened, mut events) = (None, 0, 0);
        loop {
            let stretch = w.store.list_whole(&support, &filter, &query, before, limit).await.unwrap();
            (opened, events) = (opened + stretch.scanned.opened, events + stretch.events.len());
            before = stretch.next;
            if before.is_none() {
                assert_eq!(events, 3000);
                return opened;
            }
        }
    };
    let (small, large) = (opened(200).await, opened(2000).await);
    assert!(large <= 5000 && large * 3 < small * 2, "{small} with pages of 200, {large} with those of an export");
}

/// Where the bytes fill a page, the walk ends: what lies behind is not looked into for it.
#[tokio::test]
async fn a_page_that_is_full_by_its_bytes_looks_no_further() {
    let w = world().await;
    let large = format!("{{\"note\":\"declined\",\"more\":\"{}\"}}", "x".repeat(400_000));
    let mut next = None;
    for n in 0..90 {
        append(&w.store, w.partition, next, vec![event(n, "large", &large)]).await;
        next = Some(n + 1);
    }
    let view = view(&w.store).await;
    let query = Query::parse("declined").unwrap();
    let stretch = w.store.list_whole(&view, &EventFilter::default(), &query, None, 2000).await.unwrap();
    assert!((1..=20).contains(&stretch.events.len()) && stretch.next.is_some(), "{}", stretch.events.len());
    assert!(stretch.scanned.opened <= 45, "{:?}", stretch.scanned);
}
