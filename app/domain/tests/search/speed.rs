//! How fast one core searches events of 0.63 KB; run it with
//! `cargo test --release -p weir-domain --test search -- --ignored --nocapture speed`.

use std::{fmt::Write as _, hint::black_box, time::Instant};
use weir_domain::{
    Timestamp,
    search::{Decoded, Matcher, Part, Query, Scratch, Searched, event_words},
};

const EVENTS: usize = 10_000;

/// Order-flow events: CloudEvents with nested objects, a list of lines, a note and a trace.
fn events() -> Vec<(String, String)> {
    let mut state = 7_u64;
    let mut next = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let cities = ["Lyon", "Oslo", "Graz", "Porto", "Turku", "Bath", "Ghent", "Kiel"];
    let types = [
        "order.placed",
        "payment.authorised",
        "stock.reserved",
        "shipment.booked",
        "order.delivered",
        "payment.failed",
    ];
    let event = |i: usize| {
        let kind = types[i % 6];
        let order = format!("ord-{:08}", i / 6);
        let mut lines = String::new();
        for n in 0..2 + next(5) {
            let comma = if n > 0 { "," } else { "" };
            let _ = write!(
                lines,
                r#"{comma}{{"sku":"SKU-{:04}","qty":{},"price":{}.{:02}}}"#,
                next(500),
                1 + next(4),
                1 + next(399),
                next(100)
            );
        }
        let note: Vec<_> = (0..10).map(|_| cities[next(8) as usize]).collect();
        let mut hex = |n: u64| (0..n).fold(String::new(), |s, _| s + &format!("{:08x}", next(1 << 31)));
        let (id, trace) = (hex(4), hex(8));
        let text = format!(
            r#"{{"specversion":"1.0","type":"{kind}","source":"/shop/{}","id":"{id}","time":"2026-11-{:02}T{:02}:{:02}:05.123Z","correlationid":"{order}","data":{{"orderId":"{order}","customer":{{"id":"c-{:06}","email":"user{}@example.org","city":"{}"}},"amount":{}.{:02},"currency":"EUR","lines":[{lines}],"note":"{}","trace":"{trace}"}}}}"#,
            kind.split('.').next().unwrap(),
            1 + i % 20,
            i % 24,
            i % 60,
            next(200_000),
            next(200_000),
            cities[next(8) as usize],
            3 + next(1797),
            next(100),
            note.join(" "),
        );
        (order, text)
    };
    (0..EVENTS).map(event).collect()
}

#[test]
#[ignore = "a measurement, for a release build on a quiet machine"]
fn speed() {
    let events = events();
    let bytes: usize = events.iter().map(|(_, p)| p.len()).sum();
    println!("{EVENTS} events, {} bytes each", bytes / EVENTS);
    for text in [
        "data.amount>1799.5",
        "data.amount>1799.5 data.currency:EUR",
        "data.lines.price>399.9",
        "data.trace:0000*",
        "data.nothing:x",
        "type:payment.failed data.amount>900",
        "declined",
        "Turku",
        "\"Porto Porto Porto\"",
        "ord-00001234",
        "user77*org",
        "größe",
        "key:ord-00001234",
    ] {
        let matcher = Matcher::new(&Query::parse(text).unwrap());
        let (mut scratch, mut best, mut found) = (Scratch::default(), 0.0, 0);
        // Short stretches, each at its best: what else the machine does is left out.
        for some in events.chunks(250) {
            let mut least = f64::MAX;
            for round in 0..25 {
                let start = Instant::now();
                let matches = some
                    .iter()
                    .filter(|(k, p)| black_box(&matcher).judge(&searched(k, p), &mut scratch).is_match())
                    .count();
                least = least.min(start.elapsed().as_secs_f64());
                found += if round == 0 { matches } else { 0 };
            }
            best += least;
        }
        println!(
            "{:8.0} MB/s {:6.0} ns/event {found:6} found  {text}",
            bytes as f64 / best / 1e6,
            best * 1e9 / EVENTS as f64
        );
    }
    let (mut best, mut sum) = (0.0, 0);
    for some in events.chunks(250) {
        let mut least = f64::MAX;
        for _ in 0..25 {
            let start = Instant::now();
            some.iter().for_each(|(k, p)| event_words(Some(k.as_bytes()), &[], Some(p.as_bytes()), &mut |w| sum ^= w));
            least = least.min(start.elapsed().as_secs_f64());
        }
        best += least;
    }
    black_box(sum);
    println!(
        "{:8.0} MB/s {:6.0} ns/event  all words, for an index",
        bytes as f64 / best / 1e6,
        best * 1e9 / EVENTS as f64
    );
}

fn searched<'a>(key: &'a str, payload: &'a str) -> Searched<'a> {
    Searched {
        event_type: "payment.failed",
        channel: "orders",
        source: "shop",
        environment: "production",
        partition: 0,
        offset: 0,
        size: 0,
        time: Timestamp(0),
        captured_at: Timestamp(0),
        key: Part::Shown(Some(key.as_bytes())),
        headers: Part::Shown(&[]),
        payload: Part::Shown(Some(payload.as_bytes())),
        decoded: Decoded::AsSent,
    }
}
