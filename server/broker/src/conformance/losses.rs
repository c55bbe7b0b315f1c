use super::{
    Fixture, Follow,
    follow::{assignment, incarnation},
    starts::numbered,
};
use crate::{Assignment, PartitionAddress, StartAt};
use weir_domain::{
    Position,
    capture::{Gap, GapReason},
};

fn bounds(gap: &Gap) -> (i64, Option<i64>, GapReason) {
    (gap.from.0, gap.to.map(|p| p.0), gap.reason)
}

pub async fn deleted_before_the_reader_came_is_a_gap(fixture: &dyn Fixture) {
    if !fixture.abilities().delete_records {
        return;
    }
    let channel = fixture.create("trimmed", 1).await;
    fixture.produce(&channel, 0, numbered(0..4)).await;
    let mut follow = Follow::start(fixture, &channel, &[0], StartAt::Earliest).await;
    follow.to_end(&channel, 4).await;
    let cursor = follow.of(&channel, 0).cursor.clone().expect("a cursor");
    drop(follow);
    fixture.produce(&channel, 0, numbered(4..10)).await;
    fixture.delete_records(&channel, 0, Position(7)).await;
    let mut later = Follow::start(fixture, &channel, &[0], StartAt::Cursor(cursor)).await;
    later.to_end(&channel, 10).await;
    let seen = later.of(&channel, 0);
    assert_eq!(seen.positions(), [7, 8, 9]);
    assert_eq!(seen.gaps.iter().map(bounds).collect::<Vec<_>>(), [(4, Some(7), GapReason::RetentionTrimmed)]);
    assert_eq!(seen.start, Some(Position(7)));
    // From the start nothing is missing: there is no place that was promised.
    let mut fresh = Follow::start(fixture, &channel, &[0], StartAt::Earliest).await;
    fresh.to_end(&channel, 10).await;
    assert_eq!((fresh.of(&channel, 0).positions(), fresh.of(&channel, 0).gaps.len()), (vec![7, 8, 9], 0));
}

pub async fn deleted_while_away_is_a_gap_up_to_an_emptied_log(fixture: &dyn Fixture) {
    if !fixture.abilities().delete_records {
        return;
    }
    let channel = fixture.create("emptied", 1).await;
    fixture.produce(&channel, 0, numbered(0..2)).await;
    let mut follow = Follow::start(fixture, &channel, &[0], StartAt::Earliest).await;
    follow.to_end(&channel, 2).await;
    let cursor = follow.of(&channel, 0).cursor.clone().expect("a cursor");
    drop(follow);
    fixture.produce(&channel, 0, numbered(2..6)).await;
    fixture.delete_records(&channel, 0, Position(6)).await;
    let mut later = Follow::start(fixture, &channel, &[0], StartAt::Cursor(cursor)).await;
    later.to_end(&channel, 6).await;
    let seen = later.of(&channel, 0);
    assert_eq!(seen.gaps.iter().map(bounds).collect::<Vec<_>>(), [(2, Some(6), GapReason::RetentionTrimmed)]);
    assert_eq!(seen.positions(), [0; 0]);
}

pub async fn deleted_after_it_was_read_is_no_gap(fixture: &dyn Fixture) {
    if !fixture.abilities().delete_records {
        return;
    }
    let channel = fixture.create("read", 1).await;
    fixture.produce(&channel, 0, numbered(0..4)).await;
    let mut follow = Follow::start(fixture, &channel, &[0], StartAt::Earliest).await;
    follow.to_end(&channel, 4).await;
    fixture.delete_records(&channel, 0, Position(4)).await;
    fixture.produce(&channel, 0, numbered(4..6)).await;
    follow.to_end(&channel, 6).await;
    let cursor = follow.of(&channel, 0).cursor.clone().expect("a cursor");
    let mut again = Follow::start(fixture, &channel, &[0], StartAt::Cursor(cursor)).await;
    again.to_end(&channel, 6).await;
    for follow in [&follow, &again] {
        assert_eq!(follow.of(&channel, 0).gaps, []);
        assert_eq!(follow.of(&channel, 0).start, Some(Position(4)));
    }
}

/// The reader has not drained what it was assigned when the log's start passes it.
pub async fn deleted_under_a_live_reader_goes_on(fixture: &dyn Fixture) {
    if !fixture.abilities().delete_records {
        return;
    }
    let channel = fixture.create("under", 1).await;
    for batch in 0..20 {
        fixture.produce(&channel, 0, numbered(batch * 10..batch * 10 + 10)).await;
    }
    let mut limits = super::follow::QUICK;
    limits.records = 5;
    let mut follow = Follow::open(fixture, limits).await;
    follow.assign(vec![assignment(fixture, &channel, 0, StartAt::Earliest).await]).await;
    follow.until("a beginning", |f| f.of(&channel, 0).records.len() >= 5).await;
    fixture.delete_records(&channel, 0, Position(190)).await;
    follow.to_end(&channel, 200).await;
    let seen = follow.of(&channel, 0);
    let mut expected = 0;
    let mut gaps = seen.gaps.iter();
    // Each position was either read or lies in a gap, whatever was under way when the log was trimmed.
    for position in seen.positions() {
        if position != expected {
            let gap = gaps.next().expect("positions are missing without a gap");
            assert_eq!(bounds(gap), (expected, Some(position), GapReason::RetentionTrimmed));
        }
        expected = position + 1;
    }
    assert_eq!((expected, gaps.next()), (200, None));
}

pub async fn a_channel_made_again_ends_the_incarnation(fixture: &dyn Fixture) {
    let channel = fixture.create("again", 1).await;
    fixture.produce(&channel, 0, numbered(0..3)).await;
    let mut follow = Follow::start(fixture, &channel, &[0], StartAt::Earliest).await;
    follow.to_end(&channel, 3).await;
    fixture.recreate(&channel, 1).await;
    // As many as before and more, so that the old position exists in the new log.
    fixture.produce(&channel, 0, numbered(100..105)).await;
    goes_on_in_the_successor(fixture, follow, &channel).await;
}

pub async fn a_channel_made_again_while_away_ends_the_incarnation(fixture: &dyn Fixture) {
    let channel = fixture.create("swapped", 1).await;
    fixture.produce(&channel, 0, numbered(0..3)).await;
    let old = incarnation(fixture, &channel).await;
    let mut before = Follow::start(fixture, &channel, &[0], StartAt::Earliest).await;
    before.to_end(&channel, 3).await;
    let cursor = before.of(&channel, 0).cursor.clone().expect("a cursor");
    let records = before.of(&channel, 0).records.clone();
    drop(before);
    fixture.recreate(&channel, 1).await;
    fixture.produce(&channel, 0, numbered(100..105)).await;
    let mut follow = Follow::open(fixture, super::follow::QUICK).await;
    let address = PartitionAddress { channel: channel.clone(), number: 0 };
    follow.assign(vec![Assignment { address, incarnation: old, start: StartAt::Cursor(cursor) }]).await;
    follow.seen.get_mut(&(channel.clone(), 0)).expect("assigned").records = records;
    goes_on_in_the_successor(fixture, follow, &channel).await;
}

async fn goes_on_in_the_successor(fixture: &dyn Fixture, mut follow: Follow, channel: &str) {
    follow.until("the end of the incarnation", |f| f.of(channel, 0).ended.is_some()).await;
    let seen = follow.of(channel, 0);
    assert_eq!(seen.positions(), [0, 1, 2], "nothing of the new one passes for the old one");
    let ended = seen.ended.clone().expect("it ended");
    assert_eq!(bounds(&ended.gap), (3, None, GapReason::Recreated));
    let (incarnation, start) = ended.successor.expect("there is a new one");
    assert_eq!(incarnation, super::follow::incarnation(fixture, channel).await);
    follow.assign(vec![Assignment { address: ended.address, incarnation, start }]).await;
    follow.to_end(channel, 5).await;
    assert_eq!(follow.of(channel, 0).positions(), [0, 1, 2, 0, 1, 2, 3, 4]);
    assert_eq!(follow.of(channel, 0).records[3].payload.as_deref(), Some(&b"{\"n\":100}"[..]));
}

pub async fn a_deleted_channel_ends_without_successor(fixture: &dyn Fixture) {
    let (channel, other) = (fixture.create("gone", 1).await, fixture.create("stays", 1).await);
    fixture.produce(&channel, 0, numbered(0..3)).await;
    let mut follow = Follow::start(fixture, &channel, &[0], StartAt::Earliest).await;
    follow.to_end(&channel, 3).await;
    let cursor = follow.of(&channel, 0).cursor.clone().expect("a cursor");
    let both = vec![
        assignment(fixture, &channel, 0, StartAt::Cursor(cursor)).await,
        assignment(fixture, &other, 0, StartAt::Earliest).await,
    ];
    follow.assign(both).await;
    fixture.delete(&channel).await;
    follow.until("its end", |f| f.of(&channel, 0).ended.is_some()).await;
    let ended = follow.of(&channel, 0).ended.clone().expect("it ended");
    assert_eq!(bounds(&ended.gap), (3, None, GapReason::Deleted));
    assert_eq!(ended.successor, None);
    fixture.produce(&other, 0, numbered(0..1)).await;
    follow.to_end(&other, 1).await;
}

pub async fn a_cut_log_ends_the_incarnation(fixture: &dyn Fixture) {
    if !fixture.abilities().truncate {
        return;
    }
    let channel = fixture.create("cut", 1).await;
    fixture.produce(&channel, 0, numbered(0..6)).await;
    let mut follow = Follow::start(fixture, &channel, &[0], StartAt::Earliest).await;
    follow.to_end(&channel, 6).await;
    fixture.truncate(&channel, 0, Position(4)).await;
    // Past the old end, so that only the epoch tells.
    fixture.produce(&channel, 0, numbered(100..105)).await;
    goes_on_after_the_cut(follow, &channel).await;
}

pub async fn a_log_cut_while_away_ends_the_incarnation(fixture: &dyn Fixture) {
    if !fixture.abilities().truncate {
        return;
    }
    let channel = fixture.create("severed", 1).await;
    fixture.produce(&channel, 0, numbered(0..6)).await;
    let mut before = Follow::start(fixture, &channel, &[0], StartAt::Earliest).await;
    before.to_end(&channel, 6).await;
    let cursor = before.of(&channel, 0).cursor.clone().expect("a cursor");
    let records = before.of(&channel, 0).records.clone();
    drop(before);
    fixture.truncate(&channel, 0, Position(4)).await;
    fixture.produce(&channel, 0, numbered(100..105)).await;
    let mut follow = Follow::start(fixture, &channel, &[0], StartAt::Cursor(cursor)).await;
    follow.seen.get_mut(&(channel.clone(), 0)).expect("assigned").records = records;
    goes_on_after_the_cut(follow, &channel).await;
}

async fn goes_on_after_the_cut(mut follow: Follow, channel: &str) {
    follow.until("the end of the incarnation", |f| f.of(channel, 0).ended.is_some()).await;
    assert_eq!(follow.of(channel, 0).positions(), [0, 1, 2, 3, 4, 5], "no position twice in one incarnation");
    let ended = follow.of(channel, 0).ended.clone().expect("it ended");
    assert_eq!(bounds(&ended.gap), (4, Some(6), GapReason::Truncated));
    let (incarnation, start) = ended.successor.expect("the log goes on");
    follow.assign(vec![Assignment { address: ended.address, incarnation, start }]).await;
    follow.to_end(channel, 9).await;
    assert_eq!(follow.of(channel, 0).positions(), [0, 1, 2, 3, 4, 5, 4, 5, 6, 7, 8]);
}
