use super::{Fixture, Follow, follow::assignment};
use crate::{StartAt, memory::NewRecord};
use weir_domain::Timestamp;

pub(super) fn numbered(numbers: std::ops::Range<usize>) -> Vec<NewRecord> {
    numbers.map(|n| NewRecord::new(format!("{{\"n\":{n}}}")).key(format!("k{n}"))).collect()
}

pub async fn earliest_brings_everything(fixture: &dyn Fixture) {
    let channel = fixture.create("earliest", 2).await;
    fixture.produce(&channel, 0, numbered(0..5)).await;
    fixture.produce(&channel, 1, numbered(5..8)).await;
    let mut follow = Follow::start(fixture, &channel, &[0, 1], StartAt::Earliest).await;
    let both = |f: &Follow| f.of(&channel, 0).is_at_end(5) && f.of(&channel, 1).is_at_end(3);
    follow.until("both partitions", both).await;
    for (number, first, count) in [(0, 0, 5), (1, 5, 3)] {
        let seen = follow.of(&channel, number);
        let sent = numbered(first..first + count);
        let expected: Vec<_> = (0..).zip(&sent).map(|(at, r)| r.as_read_at(weir_domain::Position(at))).collect();
        assert_eq!(seen.records, expected);
        assert_eq!(seen.start.map(|p| p.0), Some(0));
        assert_eq!((seen.gaps.len(), &seen.held), (0, &None));
    }
}

pub async fn latest_brings_what_comes_after(fixture: &dyn Fixture) {
    let channel = fixture.create("latest", 1).await;
    fixture.produce(&channel, 0, numbered(0..5)).await;
    let mut follow = Follow::start(fixture, &channel, &[0], StartAt::Latest).await;
    follow.until("its start", |f| f.of(&channel, 0).next.is_some()).await;
    assert_eq!(follow.of(&channel, 0).next.map(|p| p.0), Some(5));
    fixture.produce(&channel, 0, numbered(5..7)).await;
    follow.to_end(&channel, 7).await;
    assert_eq!(follow.of(&channel, 0).positions(), [5, 6]);
}

pub async fn a_start_is_told_before_anything_is_written(fixture: &dyn Fixture) {
    let channel = fixture.create("empty", 1).await;
    for start in [StartAt::Latest, StartAt::Earliest, StartAt::Time(Timestamp::EPOCH)] {
        let mut follow = Follow::start(fixture, &channel, &[0], start).await;
        follow.until("its start", |f| f.of(&channel, 0).is_at_end(0)).await;
        assert!(follow.of(&channel, 0).cursor.is_some());
    }
}

pub async fn a_time_brings_the_first_at_or_after_it(fixture: &dyn Fixture) {
    let channel = fixture.create("time", 1).await;
    // Times run backwards here and there: the first record at or after counts, not the first of a sorted list.
    for ms in [1_000, 3_000, 2_000, 5_000, 4_000] {
        fixture.produce(&channel, 0, vec![NewRecord::new("x").at(ms)]).await;
    }
    for (micros, first) in [(0, 0), (1_000_000, 0), (1_000_001, 1), (3_000_000, 1), (3_000_001, 3), (5_000_000, 3)] {
        let mut follow = Follow::start(fixture, &channel, &[0], StartAt::Time(Timestamp(micros))).await;
        follow.to_end(&channel, 5).await;
        assert_eq!(follow.of(&channel, 0).positions(), (first..5).collect::<Vec<i64>>(), "from {micros} µs");
    }
}

pub async fn a_time_after_the_end_is_the_end(fixture: &dyn Fixture) {
    let channel = fixture.create("future", 1).await;
    fixture.produce(&channel, 0, vec![NewRecord::new("x").at(1_000)]).await;
    let mut follow = Follow::start(fixture, &channel, &[0], StartAt::Time(Timestamp::from_millis(1_001))).await;
    follow.to_end(&channel, 1).await;
    fixture.produce(&channel, 0, vec![NewRecord::new("y").at(500)]).await;
    follow.to_end(&channel, 2).await;
    assert_eq!(follow.of(&channel, 0).positions(), [1]);
}

pub async fn a_cursor_goes_on_exactly_there(fixture: &dyn Fixture) {
    let channel = fixture.create("cursor", 1).await;
    fixture.produce(&channel, 0, numbered(0..3)).await;
    let mut follow = Follow::start(fixture, &channel, &[0], StartAt::Earliest).await;
    follow.to_end(&channel, 3).await;
    let cursor = follow.of(&channel, 0).cursor.clone().expect("a cursor");
    drop(follow);
    fixture.produce(&channel, 0, numbered(3..6)).await;
    let mut again = Follow::start(fixture, &channel, &[0], StartAt::Cursor(cursor)).await;
    again.to_end(&channel, 6).await;
    assert_eq!(again.of(&channel, 0).positions(), [3, 4, 5]);
}

pub async fn reading_again_from_a_cursor_brings_the_same_bytes(fixture: &dyn Fixture) {
    let channel = fixture.create("again", 1).await;
    for batch in 0..4 {
        fixture.produce(&channel, 0, numbered(batch * 25..batch * 25 + 25)).await;
    }
    // Small reads, so that cursors also lie inside of batches.
    let mut limits = super::follow::QUICK;
    limits.records = 7;
    let mut follow = Follow::open(fixture, limits).await;
    follow.assign(vec![assignment(fixture, &channel, 0, StartAt::Earliest).await]).await;
    let mut cursors = Vec::new();
    while !follow.of(&channel, 0).is_at_end(100) {
        follow.until("more", |f| f.of(&channel, 0).chunks > cursors.len()).await;
        let seen = follow.of(&channel, 0);
        cursors.push((seen.cursor.clone().expect("a cursor"), seen.records.len()));
    }
    let all = follow.of(&channel, 0).records.clone();
    assert_eq!(all.len(), 100);
    for (cursor, read) in cursors {
        let mut again = Follow::start(fixture, &channel, &[0], StartAt::Cursor(cursor)).await;
        again.to_end(&channel, 100).await;
        assert_eq!(again.of(&channel, 0).records, all[read..], "after {read} records");
    }
}
