use super::{Fixture, Follow, eventually, follow::incarnation, starts::numbered};
use crate::{PartitionAddress, Range, RangeError, RangeLimits, RangeRead, StartAt, memory::NewRecord, read_range};
use std::time::Duration;
use weir_domain::{Position, capture::GapReason};

const LIMITS: RangeLimits = RangeLimits { bytes: 4 << 20, records: 10_000, within: Duration::from_secs(30) };

async fn range(fixture: &dyn Fixture, channel: &str, from: i64, to: i64) -> Range {
    Range {
        address: PartitionAddress { channel: channel.to_owned(), number: 0 },
        incarnation: incarnation(fixture, channel).await,
        from: Position(from),
        to: Position(to),
    }
}

async fn read(fixture: &dyn Fixture, channel: &str, from: i64, to: i64) -> RangeRead {
    let range = range(fixture, channel, from, to).await;
    read_range(&*fixture.broker(), &range, LIMITS).await.expect("a range")
}

fn positions(read: &RangeRead) -> Vec<i64> {
    read.records.iter().map(|r| r.position.0).collect()
}

pub async fn a_position_begins_exactly_there(fixture: &dyn Fixture) {
    let channel = fixture.create("at", 1).await;
    fixture.produce(&channel, 0, numbered(0..6)).await;
    let mut follow = Follow::start(fixture, &channel, &[0], StartAt::Position(Position(4))).await;
    follow.to_end(&channel, 6).await;
    assert_eq!(follow.of(&channel, 0).positions(), [4, 5]);
    assert_eq!(follow.of(&channel, 0).gaps, []);
}

pub async fn a_range_brings_what_lies_in_it(fixture: &dyn Fixture) {
    let channel = fixture.create("range", 1).await;
    for batch in 0..4 {
        fixture.produce(&channel, 0, numbered(batch * 10..batch * 10 + 10)).await;
    }
    let got = read(fixture, &channel, 7, 23).await;
    assert_eq!(positions(&got), (7..23).collect::<Vec<_>>());
    let sent = numbered(7..23);
    assert!(got.records.iter().zip(&sent).all(|(got, sent)| *got == sent.as_read_at(got.position)));
    assert_eq!((got.next, got.start, got.end), (Position(23), Some(Position(0)), Some(Position(40))));
    assert_eq!((got.gaps.len(), got.ended), (0, None));
    assert!(got.broker_bytes > 0);
    assert_eq!(positions(&read(fixture, &channel, 9, 9).await), [0; 0], "an empty range asks for nothing");
}

pub async fn one_event_is_read_by_its_position(fixture: &dyn Fixture) {
    let channel = fixture.create("one", 1).await;
    fixture.produce(&channel, 0, numbered(0..100)).await;
    for at in [0, 41, 99] {
        let got = read(fixture, &channel, at, at + 1).await;
        assert_eq!((positions(&got), got.next), (vec![at], Position(at + 1)));
    }
}

pub async fn what_was_deleted_is_told(fixture: &dyn Fixture) {
    if !fixture.abilities().delete_records {
        return;
    }
    let channel = fixture.create("shortened", 1).await;
    fixture.produce(&channel, 0, numbered(0..10)).await;
    fixture.delete_records(&channel, 0, Position(6)).await;
    let got = read(fixture, &channel, 2, 4).await;
    assert_eq!((positions(&got), got.start), (vec![], Some(Position(6))));
    let gap = got.gaps.first().expect("a gap");
    assert_eq!((gap.from, gap.to, gap.reason), (Position(2), Some(Position(6)), GapReason::RetentionTrimmed));
    let got = read(fixture, &channel, 4, 8).await;
    assert_eq!((positions(&got), got.gaps.len(), got.next), (vec![6, 7], 1, Position(8)));
}

pub async fn what_was_compacted_is_passed(fixture: &dyn Fixture) {
    if !fixture.abilities().compaction {
        return;
    }
    let channel = fixture.create_compacted("thin").await;
    let record = |key: &str, n: i32| NewRecord::new(format!("{n}")).key(key);
    fixture.produce(&channel, 0, ["a", "b", "a"].map(|k| record(k, 1)).into()).await;
    fixture.produce(&channel, 0, ["a"].map(|k| record(k, 2)).into()).await;
    fixture.produce(&channel, 0, vec![record("end", 3)]).await;
    fixture.compact(&channel).await;
    let got = read(fixture, &channel, 0, 3).await;
    assert_eq!((positions(&got), got.gaps.len(), got.next), (vec![1], 0, Position(3)));
    let got = read(fixture, &channel, 2, 3).await;
    assert_eq!((positions(&got), got.gaps.len(), got.next), (vec![], 0, Position(3)));
}

pub async fn behind_the_end_is_told(fixture: &dyn Fixture) {
    let channel = fixture.create("short", 1).await;
    fixture.produce(&channel, 0, numbered(0..3)).await;
    let got = read(fixture, &channel, 1, 50).await;
    assert_eq!((positions(&got), got.next, got.end), (vec![1, 2], Position(3), Some(Position(3))));
    let got = read(fixture, &channel, 20, 21).await;
    assert_eq!(got.ended.map(|e| e.reason), Some(GapReason::Truncated), "others would stand there");
    assert_eq!(got.records, []);
}

pub async fn a_channel_made_again_is_another(fixture: &dyn Fixture) {
    let channel = fixture.create("renewed", 1).await;
    fixture.produce(&channel, 0, numbered(0..3)).await;
    let old = range(fixture, &channel, 1, 2).await;
    fixture.recreate(&channel, 1).await;
    fixture.produce(&channel, 0, numbered(100..103)).await;
    eventually("another incarnation", || async {
        (range(fixture, &channel, 1, 2).await.incarnation != old.incarnation).then_some(())
    })
    .await;
    let got = read_range(&*fixture.broker(), &old, LIMITS).await.expect("an answer");
    assert_eq!((got.records.len(), got.ended.map(|e| e.reason)), (0, Some(GapReason::Recreated)));
}

pub async fn a_range_is_bounded(fixture: &dyn Fixture) {
    let channel = fixture.create("bounded", 1).await;
    fixture.produce(&channel, 0, (0..50).map(|_| NewRecord::new(vec![b'x'; 1_000])).collect()).await;
    let range = range(fixture, &channel, 5, 50).await;
    let few = read_range(&*fixture.broker(), &range, RangeLimits { records: 7, ..LIMITS }).await.expect("some");
    assert_eq!((positions(&few), few.next), ((5..12).collect(), Position(12)));
    let small = read_range(&*fixture.broker(), &range, RangeLimits { bytes: 3_500, ..LIMITS }).await.expect("some");
    assert_eq!((positions(&small), small.next), ((5..8).collect(), Position(8)));
    let least = read_range(&*fixture.broker(), &range, RangeLimits { bytes: 10, ..LIMITS }).await.expect("one");
    assert_eq!(positions(&least), [5], "one larger than the limit comes alone");
}

pub async fn away_is_an_error(fixture: &dyn Fixture) {
    if !fixture.abilities().away {
        return;
    }
    let channel = fixture.create("unreached", 1).await;
    fixture.produce(&channel, 0, numbered(0..3)).await;
    let range = range(fixture, &channel, 0, 3).await;
    fixture.set_reachable(false).await;
    let limits = RangeLimits { within: Duration::from_secs(5), ..LIMITS };
    let got = read_range(&*fixture.broker(), &range, limits).await;
    fixture.set_reachable(true).await;
    assert!(matches!(got, Err(RangeError::Broker(_) | RangeError::TimedOut(_))), "{got:?}");
}
