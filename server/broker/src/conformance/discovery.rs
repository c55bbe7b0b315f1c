use super::{Fixture, eventually, follow::incarnation};
use crate::Discovered;

async fn find(fixture: &dyn Fixture, channel: &str) -> Option<Discovered> {
    let discovery = fixture.broker().discover().await.expect("discovery");
    let names: Vec<&String> = discovery.channels.iter().map(|c| &c.channel).collect();
    assert!(names.is_sorted_by(|a, b| a < b), "each channel once, in order: {names:?}");
    discovery.channels.into_iter().find(|c| c.channel == channel)
}

fn numbers(channel: &Discovered) -> Vec<i32> {
    channel.partitions.iter().map(|p| p.number).collect()
}

pub async fn new_channels_and_partitions_are_seen(fixture: &dyn Fixture) {
    let channel = fixture.create("seen", 2).await;
    let found = eventually("the new channel", || find(fixture, &channel)).await;
    assert_eq!(numbers(&found), [0, 1]);
    assert!(!found.internal);
    assert!(found.partitions.iter().all(|p| p.problem.is_none()), "{found:?}");
    fixture.add_partitions(&channel, 3).await;
    let grown =
        eventually("the new partition", || async { find(fixture, &channel).await.filter(|c| numbers(c) == [0, 1, 2]) })
            .await;
    assert_eq!(grown.incarnation, found.incarnation, "more partitions are no new incarnation");
}

pub async fn a_deleted_channel_is_seen_no_more(fixture: &dyn Fixture) {
    let channel = fixture.create("deleted", 1).await;
    let before = incarnation(fixture, &channel).await;
    fixture.delete(&channel).await;
    eventually("it is gone", || async { find(fixture, &channel).await.is_none().then_some(()) }).await;
    let other = fixture.create("other", 1).await;
    assert_ne!(incarnation(fixture, &other).await, before, "incarnations are never used again");
}

pub async fn internal_channels_are_marked(fixture: &dyn Fixture) {
    let channel = fixture.internal().await;
    assert!(eventually("the internal channel", || find(fixture, &channel)).await.internal);
}
