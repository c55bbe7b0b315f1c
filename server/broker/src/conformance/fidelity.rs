use super::{
    Fixture, Follow,
    follow::{QUICK, assignment},
};
use crate::{StartAt, memory::NewRecord};
use weir_domain::Position;

/// Sends each list as one batch and expects to read just that.
async fn round_trip(fixture: &dyn Fixture, name: &str, batches: Vec<Vec<NewRecord>>) {
    let channel = fixture.create(name, 1).await;
    let mut expected = Vec::new();
    for batch in batches {
        let first = fixture.produce(&channel, 0, batch.clone()).await;
        expected.extend((first.0..).zip(&batch).map(|(at, record)| record.as_read_at(Position(at))));
    }
    let end = expected.last().map_or(0, |r| r.position.0 + 1);
    let mut follow = Follow::start(fixture, &channel, &[0], StartAt::Earliest).await;
    follow.to_end(&channel, end).await;
    let read = &follow.of(&channel, 0).records;
    assert_eq!(read.len(), expected.len());
    for (read, expected) in read.iter().zip(&expected) {
        assert!(read == expected, "at {}: read {read:?}, sent {expected:?}", expected.position);
    }
}

fn every_byte() -> Vec<u8> {
    (0..=255).collect()
}

pub async fn every_byte_survives(fixture: &dyn Fixture) {
    let plain = || NewRecord::new("x");
    let hostile = vec![
        plain(),
        NewRecord { payload: None, ..plain() },
        NewRecord::new(""),
        NewRecord::tombstone("gone"),
        NewRecord { key: None, payload: None, ..plain() },
        plain().key(""),
        plain().key(every_byte()),
        NewRecord::new(every_byte()),
        NewRecord::new([0; 1000]),
        NewRecord::new("{\"a\":1,\"a\":2,\"nul\":\"\\u0000\",\"big\":1e999999}"),
        NewRecord::new([0xff, 0xfe, 0xc0, 0x80]),
        // Names repeat, order counts, a null value is not an empty one, an empty name is a name.
        plain().header("id", Some(b"1")).header("id", Some(b"2")).header("other", Some(b"")).header("id", None),
        plain().header("", Some(b"of nothing")).header("", None),
        plain().header("bytes", Some(&every_byte())).header("nul\0name", Some(b"\0")),
        plain().header("größe ☃", Some("☃".as_bytes())),
    ];
    round_trip(fixture, "hostile", vec![hostile.clone(), hostile.into_iter().rev().collect()]).await;
}

pub async fn times_survive(fixture: &dyn Fixture) {
    const YEAR_9999: i64 = 253_402_300_799_999;
    let at = |ms| NewRecord::new("x").at(ms);
    let backwards = vec![at(5_000), at(4_000), at(4_500), at(0), at(1_767_225_600_000), at(1)];
    let edges = vec![at(-1)];
    let far = vec![at(YEAR_9999), at(0), at(-1), at(YEAR_9999)];
    round_trip(fixture, "times", vec![backwards, edges, vec![at(0)], far]).await;
}

pub async fn ten_thousand_headers_survive(fixture: &dyn Fixture) {
    let mut record = NewRecord::new("x");
    for n in 0..10_000 {
        record = record.header(format!("h{}", n % 100), Some(format!("{n}").as_bytes()));
    }
    round_trip(fixture, "headers", vec![vec![record, NewRecord::new("after")]]).await;
}

pub async fn header_names_that_are_no_text_survive(fixture: &dyn Fixture) {
    let record = NewRecord::new("x").header([0xff, 0x00, 0xc3], Some(b"1")).header([0x80], None);
    round_trip(fixture, "names", vec![vec![record]]).await;
}

pub async fn a_payload_of_ten_megabytes_survives(fixture: &dyn Fixture) {
    let large: Vec<u8> = (0..10_000_000u32).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
    let batches = vec![vec![NewRecord::new("before")], vec![NewRecord::new(large)], vec![NewRecord::new("after")]];
    round_trip(fixture, "large", batches).await;
}

pub async fn large_batches_survive_every_limit(fixture: &dyn Fixture) {
    let channel = fixture.create("batches", 1).await;
    let payload = |n: usize| vec![u8::try_from(n % 251).unwrap_or(0); 100 + n % 400];
    let records: Vec<NewRecord> = (0..5_000).map(|n| NewRecord::new(payload(n))).collect();
    for batch in records.chunks(500) {
        fixture.produce(&channel, 0, batch.to_vec()).await;
    }
    for (bytes, number) in [(1, 20_000), (10_000, 20_000), (8 << 20, 333), (300_000, 900)] {
        let limits = crate::ReadLimits { bytes, records: number, ..QUICK };
        let mut follow = Follow::open(fixture, limits).await;
        follow.assign(vec![assignment(fixture, &channel, 0, StartAt::Earliest).await]).await;
        follow.to_end(&channel, 5_000).await;
        let read = &follow.of(&channel, 0).records;
        assert_eq!(read.len(), 5_000, "limits {limits:?}");
        for (n, record) in read.iter().enumerate() {
            assert_eq!((record.position.0, record.payload.as_deref()), (n as i64, Some(&payload(n)[..])));
        }
    }
}
