use super::{
    Fixture, Follow, LIMIT,
    follow::{QUICK, assignment},
    starts::numbered,
};
use crate::{ReadLimits, StartAt, memory::NewRecord};
use tokio::time::timeout;

/// [`Follow`] checks the limits of every read; here they are tight.
pub async fn a_read_is_bounded_in_bytes_and_records(fixture: &dyn Fixture) {
    let channel = fixture.create("bounded", 3).await;
    for partition in 0..3 {
        fixture.produce(&channel, partition, (0..40).map(|_| NewRecord::new([b'x'; 1_000])).collect()).await;
    }
    for limits in [ReadLimits { bytes: 5_000, ..QUICK }, ReadLimits { records: 3, ..QUICK }] {
        let mut follow = Follow::open(fixture, limits).await;
        let mut assignments = Vec::new();
        for number in 0..3 {
            assignments.push(assignment(fixture, &channel, number, StartAt::Earliest).await);
        }
        follow.assign(assignments).await;
        follow.until("all of it", |f| (0..3).all(|n| f.of(&channel, n).is_at_end(40))).await;
        for number in 0..3 {
            assert_eq!(follow.of(&channel, number).positions(), (0..40).collect::<Vec<i64>>());
        }
    }
}

pub async fn a_record_over_the_limit_comes_alone(fixture: &dyn Fixture) {
    let channel = fixture.create("over", 1).await;
    let sizes = [10, 50_000, 10, 10, 60_000, 60_000, 10];
    let records = sizes.iter().map(|n| NewRecord::new(vec![b'x'; *n])).collect();
    fixture.produce(&channel, 0, records).await;
    let mut follow = Follow::open(fixture, ReadLimits { bytes: 1_000, ..QUICK }).await;
    follow.assign(vec![assignment(fixture, &channel, 0, StartAt::Earliest).await]).await;
    let read = follow.to_end(&channel, 7).await;
    assert_eq!(read.iter().map(|r| r.raw_size()).collect::<Vec<_>>(), sizes);
}

pub async fn one_busy_partition_does_not_starve_the_others(fixture: &dyn Fixture) {
    let channel = fixture.create("busy", 2).await;
    for batch in 0..20 {
        fixture.produce(&channel, 0, numbered(batch * 100..batch * 100 + 100)).await;
    }
    fixture.produce(&channel, 1, numbered(0..1)).await;
    let mut follow = Follow::open(fixture, ReadLimits { records: 10, ..QUICK }).await;
    let mut assignments = Vec::new();
    for number in 0..2 {
        assignments.push(assignment(fixture, &channel, number, StartAt::Earliest).await);
    }
    follow.assign(assignments).await;
    follow.until("the small one", |f| f.of(&channel, 1).is_at_end(1)).await;
    let busy = follow.of(&channel, 0).records.len();
    assert!(busy < 2_000, "the small one had to wait for all {busy} of the busy one");
}

pub async fn a_read_without_news_returns(fixture: &dyn Fixture) {
    let channel = fixture.create("quiet", 1).await;
    let mut follow = Follow::start(fixture, &channel, &[0], StartAt::Latest).await;
    follow.to_end(&channel, 0).await;
    timeout(LIMIT, async { while follow.read().await > 0 {} }).await.expect("a read without news returns");
    assert_eq!(follow.errors, []);
}
