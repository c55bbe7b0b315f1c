use super::{
    Fixture, Follow,
    follow::{QUICK, assignment},
    starts::numbered,
};
use crate::StartAt;

pub async fn an_equal_cursor_keeps_its_place(fixture: &dyn Fixture) {
    let (kept, other) = (fixture.create("kept", 1).await, fixture.create("beside", 1).await);
    fixture.produce(&kept, 0, numbered(0..3)).await;
    let mut follow = Follow::start(fixture, &kept, &[0], StartAt::Earliest).await;
    follow.to_end(&kept, 3).await;
    let cursor = follow.of(&kept, 0).cursor.clone().expect("a cursor");
    fixture.produce(&kept, 0, numbered(3..5)).await;
    fixture.produce(&other, 0, numbered(0..2)).await;
    let both = vec![
        assignment(fixture, &kept, 0, StartAt::Cursor(cursor)).await,
        assignment(fixture, &other, 0, StartAt::Earliest).await,
    ];
    follow.assign(both).await;
    follow.until("both", |f| f.of(&kept, 0).is_at_end(5) && f.of(&other, 0).is_at_end(2)).await;
    assert_eq!(follow.of(&kept, 0).positions(), [0, 1, 2, 3, 4]);
}

pub async fn an_older_cursor_goes_back(fixture: &dyn Fixture) {
    let channel = fixture.create("back", 1).await;
    fixture.produce(&channel, 0, numbered(0..3)).await;
    let mut follow = Follow::start(fixture, &channel, &[0], StartAt::Earliest).await;
    follow.to_end(&channel, 3).await;
    let cursor = follow.of(&channel, 0).cursor.clone().expect("a cursor");
    fixture.produce(&channel, 0, numbered(3..6)).await;
    follow.to_end(&channel, 6).await;
    follow.assign(vec![assignment(fixture, &channel, 0, StartAt::Cursor(cursor)).await]).await;
    follow.until("it comes again", |f| f.of(&channel, 0).records.len() == 9).await;
    assert_eq!(follow.of(&channel, 0).positions(), [0, 1, 2, 3, 4, 5, 3, 4, 5]);
}

pub async fn a_partition_can_be_left_and_taken_up_again(fixture: &dyn Fixture) {
    let channel = fixture.create("left", 2).await;
    fixture.produce(&channel, 0, numbered(0..2)).await;
    let mut follow = Follow::start(fixture, &channel, &[0, 1], StartAt::Earliest).await;
    follow.until("the first", |f| f.of(&channel, 0).is_at_end(2) && f.of(&channel, 1).is_at_end(0)).await;
    let cursors = [0, 1].map(|n| follow.of(&channel, n).cursor.clone().expect("a cursor"));
    let only = |n: usize| StartAt::Cursor(cursors[n].clone());
    follow.assign(vec![assignment(fixture, &channel, 1, only(1)).await]).await;
    fixture.produce(&channel, 0, numbered(2..4)).await;
    fixture.produce(&channel, 1, numbered(0..1)).await;
    follow.until("the one that is left", |f| f.of(&channel, 1).is_at_end(1)).await;
    assert_eq!(follow.of(&channel, 0).positions(), [0, 1], "nothing of a partition that was left");
    follow.assign(vec![assignment(fixture, &channel, 0, only(0)).await]).await;
    follow.to_end(&channel, 4).await;
    assert_eq!(follow.of(&channel, 0).positions(), [0, 1, 2, 3]);
}

pub async fn added_partitions_are_read(fixture: &dyn Fixture) {
    let channel = fixture.create("grown", 1).await;
    let mut follow = Follow::start(fixture, &channel, &[0], StartAt::Earliest).await;
    follow.to_end(&channel, 0).await;
    fixture.add_partitions(&channel, 2).await;
    fixture.produce(&channel, 1, numbered(0..4)).await;
    let cursor = follow.of(&channel, 0).cursor.clone().expect("a cursor");
    let both = vec![
        assignment(fixture, &channel, 0, StartAt::Cursor(cursor)).await,
        assignment(fixture, &channel, 1, StartAt::Earliest).await,
    ];
    follow.assign(both).await;
    follow.until("the new partition", |f| f.of(&channel, 1).is_at_end(4)).await;
    assert_eq!(follow.of(&channel, 1).positions(), [0, 1, 2, 3]);
}

pub async fn reading_without_assignments_brings_nothing(fixture: &dyn Fixture) {
    let mut follow = Follow::open(fixture, QUICK).await;
    assert_eq!(follow.read().await, 0);
    assert_eq!(follow.errors, []);
}

pub async fn an_estimate_counts_what_is_to_be_read(fixture: &dyn Fixture) {
    let channel = fixture.create("estimate", 1).await;
    fixture.produce(&channel, 0, numbered(0..100)).await;
    let broker = fixture.broker();
    let all = assignment(fixture, &channel, 0, StartAt::Earliest).await;
    let estimate = broker.estimate(&[all]).await.expect("an estimate");
    assert!(estimate.records.is_none_or(|r| r == 100), "{estimate:?}");
    assert!(estimate.bytes.is_none_or(|b| b > 0), "{estimate:?}");
    let none = assignment(fixture, &channel, 0, StartAt::Latest).await;
    let estimate = broker.estimate(&[none]).await.expect("an estimate");
    assert!(estimate.records.is_none_or(|r| r == 0) && estimate.bytes.is_none_or(|b| b == 0), "{estimate:?}");
}
