//! Any bytes survive, whatever time they claim (issue "From a fresh checkout", 5).

use crate::common::{NOW_MS, append, event, id, now, view, world};
use weir_domain::{
    Timestamp,
    capture::{CapturedEvent, Header, HeaderType, TimeKind},
    events::{EventFilter, EventRows as _, TimeMark},
    search::Query,
};

fn header(name: &[u8], value: Option<&[u8]>) -> Header {
    Header { name: name.to_vec(), kind: HeaderType::Bytes, value: value.map(<[u8]>::to_vec) }
}

fn hostile() -> Vec<CapturedEvent> {
    let all: Vec<u8> = (0..=255).collect();
    let bytes = |key: Option<&[u8]>, payload: Option<&[u8]>| {
        let mut e = event(0, "", "");
        e.key = key.map(<[u8]>::to_vec);
        e.payload = payload.map(<[u8]>::to_vec);
        e
    };
    let time = |kind, ms| {
        let mut e = event(0, "time", "{}");
        (e.time_kind, e.broker_ms) = (kind, ms);
        e
    };
    let mut events = vec![
        bytes(None, None),
        bytes(Some(b""), Some(b"")),
        bytes(Some(b"\0"), Some(b"\0\0\0")),
        bytes(Some(&all), Some(&all)),
        bytes(Some(b"\xff\xfe bad utf-8 \xc3\x28"), Some(b"\xed\xa0\x80")),
        bytes(Some(b"{\"\\u0000\":1,\"a\":1,\"a\":2}"), Some(b"{\"n\":1e999,\"\\u0000\":\"\\u0000\"}")),
        bytes(Some(b"k"), Some(&vec![0; 10 << 20])),
        bytes(Some(&vec![b'k'; 300_000]), Some(b"large key")),
        time(TimeKind::Create, Some(-1)),
        time(TimeKind::Create, Some(0)),
        time(TimeKind::Append, Some(1)),
        time(TimeKind::Create, Some(253_402_300_799_999)),
        time(TimeKind::Create, Some(i64::MAX)),
        time(TimeKind::Create, Some(i64::MIN)),
        time(TimeKind::Absent, None),
        time(TimeKind::Create, Some(NOW_MS - 1000)),
        time(TimeKind::Create, Some(NOW_MS - 2000)),
        time(TimeKind::Create, Some(NOW_MS - 3000)),
    ];
    // Noise does not compress: 10 MB as they are.
    let mut state = 1_u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    })
    .take(10 << 20)
    .collect();
    events.push(bytes(Some(b"noise"), Some(&noise)));
    let mut many = event(0, "headers", "{}");
    many.headers = (0..10_000_u32)
        .map(|i| header(format!("h{}", i % 7).as_bytes(), (i % 3 > 0).then_some(&i.to_be_bytes()[..(i % 5) as usize])))
        .collect();
    events.push(many);
    let mut odd = event(0, "odd", "{}");
    odd.headers = vec![
        header(b"same", Some(b"1")),
        header(b"same", None),
        header(b"same", Some(b"")),
        header(b"\0\xff", Some(b"\0")),
        header(b"", None),
    ];
    odd.headers.push(Header { name: b"amqp".to_vec(), kind: HeaderType::Amqp, value: Some(b"S\0\0\0\0".to_vec()) });
    events.push(odd);
    for name in ["a\0b", "", &"long".repeat(1000), "naïve 事件"] {
        let mut e = event(0, "type", "{}");
        e.event_type = name.into();
        events.push(e);
    }
    let ce = |us| {
        let mut e = event(0, "ce", "{}");
        e.ce_time = Some(Timestamp(us));
        e
    };
    events.extend([0, -1, i64::MAX, i64::MIN, 1_790_000_000_123_456].map(ce));
    let duplicate = CapturedEvent { possible_duplicate: true, ..event(0, "dup", "{}") };
    events.push(duplicate);
    for (i, e) in events.iter_mut().enumerate() {
        e.position.0 = i as i64;
    }
    events
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_captured_is_read_back_byte_for_byte() {
    let w = world().await;
    let events = hostile();
    append(&w.store, w.partition, None, events.clone()).await;
    let view = view(&w.store).await;
    for e in &events {
        let stored = w.store.event(&view, id(w.partition, e.position.0)).await.unwrap().unwrap();
        let raw = stored.raw.unwrap();
        assert!(raw.key == e.key && raw.payload == e.payload && raw.headers == e.headers, "at {}", e.position);
        assert_eq!((stored.time_kind, stored.broker_ms), (e.time_kind, e.broker_ms), "at {}", e.position);
        assert_eq!(stored.row.size, e.raw_size() as u64);
        assert_eq!(stored.row.tombstone, e.payload.is_none());
        assert_eq!(stored.row.possible_duplicate, e.possible_duplicate);
        let (time, mark) = weir_domain::events::sort_time(e.time_kind, e.broker_ms, now());
        assert_eq!((stored.row.sort_time, stored.row.time_mark), (time, mark), "at {}", e.position);
        // Only what a timestamptz can't hold moves, to the first instant it can.
        match e.ce_time {
            Some(Timestamp(i64::MIN)) => assert!(stored.ce_time.unwrap().0 < -200_000_000_000_000_000),
            same => assert_eq!(stored.ce_time, same),
        }
        let name = &stored.row.event_type;
        match e.event_type.as_str() {
            "a\0b" => assert_eq!(name, "a\u{fffd}b"),
            long if long.len() > 1000 => assert!(long.starts_with(name.trim_end_matches('…')) && name.len() <= 512),
            same => assert_eq!(name, same),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_holds_each_of_them_once_in_order() {
    let w = world().await;
    let events = hostile();
    append(&w.store, w.partition, None, events.clone()).await;
    let view = view(&w.store).await;
    let (mut before, mut rows) = (None, Vec::new());
    loop {
        let (page, scanned, next) =
            w.store.list(&view, &EventFilter::default(), &Query::default(), before, 3).await.unwrap();
        assert!(scanned.complete && page.len() <= 3);
        rows.extend(page);
        before = next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(rows.len(), events.len());
    assert!(rows.is_sorted_by(|a, b| (a.sort_time, a.id) > (b.sort_time, b.id)));
    for row in &rows {
        let e = &events[row.id.position.0 as usize];
        let cut = |bytes: &Option<Vec<u8>>, most: usize| bytes.as_ref().map(|b| b[..b.len().min(most)].to_vec());
        assert_eq!(row.key, cut(&e.key, 4096), "at {}", row.id);
        assert_eq!(row.payload_head, cut(&e.payload, 512), "at {}", row.id);
    }
    assert_eq!(rows.iter().filter(|r| r.time_mark == TimeMark::Ahead).count(), 2);
    // Keys that are no text, and huge ones, are found too.
    for key in ["hex:00", "hex:", &"k".repeat(300_000), "hex:fffe206261642075 74662d3820c328".replace(' ', "").as_str()]
    {
        let filter = EventFilter { key: Some(key.into()), ..EventFilter::default() };
        let (found, ..) = w.store.list(&view, &filter, &Query::default(), None, 10).await.unwrap();
        assert!(!found.is_empty(), "{}", &key[..key.len().min(40)]);
    }
}
