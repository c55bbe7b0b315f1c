use super::{
    Fixture, Follow, LIMIT,
    follow::{QUICK, assignment, incarnation},
    starts::numbered,
};
use crate::{Assignment, BrokerError, PartitionAddress, ReadLimits, StartAt};
use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

/// Polls a future so many times and then drops it.
async fn drop_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    for _ in 0..polls {
        if let Poll::Ready(out) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return Some(out);
        }
        tokio::task::yield_now().await;
    }
    None
}

pub async fn a_dropped_read_loses_nothing(fixture: &dyn Fixture) {
    let channel = fixture.create("dropped", 2).await;
    for partition in 0..2 {
        fixture.produce(&channel, partition, numbered(0..200)).await;
    }
    let limits = ReadLimits { records: 9, wait: Duration::from_millis(50), ..QUICK };
    let mut follow = Follow::open(fixture, limits).await;
    let mut assignments = Vec::new();
    for number in 0..2 {
        assignments.push(assignment(fixture, &channel, number, StartAt::Earliest).await);
    }
    follow.assign(assignments).await;
    let deadline = Instant::now() + LIMIT;
    for turn in 0.. {
        // Most of these end half-way.
        drop_after(turn % 5, follow.read()).await;
        if (0..2).all(|n| follow.of(&channel, n).is_at_end(200)) {
            return;
        }
        assert!(Instant::now() < deadline, "not everything came within {LIMIT:?}");
    }
}

pub async fn away_is_told_and_reading_goes_on_by_itself(fixture: &dyn Fixture) {
    if !fixture.abilities().away {
        return;
    }
    let channel = fixture.create("away", 1).await;
    fixture.produce(&channel, 0, numbered(0..3)).await;
    let mut follow = Follow::start(fixture, &channel, &[0], StartAt::Earliest).await;
    follow.to_end(&channel, 3).await;
    fixture.set_reachable(false).await;
    follow.until("the broker's absence", |f| !f.errors.is_empty()).await;
    assert!(matches!(follow.errors[0], BrokerError::Unreachable(_)), "{:?}", follow.errors);
    let asked = fixture.broker().discover().await;
    assert!(matches!(asked, Err(BrokerError::Unreachable(_))), "{asked:?}");
    fixture.set_reachable(true).await;
    fixture.produce(&channel, 0, numbered(3..5)).await;
    follow.to_end(&channel, 5).await;
    assert_eq!(follow.of(&channel, 0).positions(), [0, 1, 2, 3, 4]);
    assert_eq!(follow.of(&channel, 0).gaps, []);
}

pub async fn a_partition_that_is_not_there_does_not_stop_the_others(fixture: &dyn Fixture) {
    let channel = fixture.create("beside", 1).await;
    let incarnation = incarnation(fixture, &channel).await;
    let mut follow = Follow::open(fixture, QUICK).await;
    let one = |number| Assignment {
        address: PartitionAddress { channel: channel.clone(), number },
        incarnation: incarnation.clone(),
        start: StartAt::Earliest,
    };
    follow.assign(vec![one(7), one(0)]).await;
    follow.until("the problem", |f| f.of(&channel, 7).stuck.is_some()).await;
    fixture.produce(&channel, 0, numbered(0..2)).await;
    follow.to_end(&channel, 2).await;
    assert!(follow.of(&channel, 7).stuck.is_some(), "and it is still told of");
}

pub async fn a_partition_without_leader_does_not_stop_the_others(fixture: &dyn Fixture) {
    if !fixture.abilities().leaderless {
        return;
    }
    let channel = fixture.create("leaderless", 2).await;
    for partition in 0..2 {
        fixture.produce(&channel, partition, numbered(0..2)).await;
    }
    let mut follow = Follow::start(fixture, &channel, &[0, 1], StartAt::Earliest).await;
    follow.until("both", |f| (0..2).all(|n| f.of(&channel, n).is_at_end(2))).await;
    fixture.set_leader(&channel, 0, false).await;
    follow.until("the problem", |f| f.of(&channel, 0).stuck.is_some()).await;
    let discovery = fixture.broker().discover().await.expect("discovery");
    let found = discovery.channels.iter().find(|c| c.channel == channel).expect("the channel");
    let problems: Vec<bool> = found.partitions.iter().map(|p| p.problem.is_some()).collect();
    assert_eq!(problems, [true, false]);
    fixture.produce(&channel, 1, numbered(2..4)).await;
    follow.until("the other one", |f| f.of(&channel, 1).is_at_end(4)).await;
    fixture.set_leader(&channel, 0, true).await;
    follow.until("that it is over", |f| f.of(&channel, 0).stuck.is_none()).await;
    fixture.produce(&channel, 0, numbered(2..3)).await;
    follow.to_end(&channel, 3).await;
}
