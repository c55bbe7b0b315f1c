use crate::world::{NOW, World, anybody, caller, gap};
use weir_domain::{
    PartitionId, Position, Timestamp,
    access::{Grant, Role},
    capture::{Held, SourceState},
    overview::Attention,
    sources::SourceDetail,
    verify::{DifferenceKind, DifferenceShown},
};

async fn attention(world: &World) -> Vec<Attention> {
    world.cases.overview.summary(&anybody()).await.unwrap().attention
}

fn quiet() -> World {
    let world = World::new();
    world.ports.data.lock().unwrap().summary.recent_gaps.clear();
    world
}

fn change(world: &World, f: impl FnOnce(&mut [SourceDetail])) {
    f(&mut world.ports.data.lock().unwrap().sources);
}

fn ago(secs: i64) -> Timestamp {
    NOW.plus_secs(-secs)
}

#[tokio::test]
async fn nothing_needs_a_person_when_all_is_well() {
    assert_eq!(attention(&quiet()).await, []);
}

#[tokio::test]
async fn each_trouble_is_told_ranked_by_what_becomes_irreversible() {
    let world = quiet();
    world.ports.data.lock().unwrap().summary.recent_gaps =
        vec![gap(110, "orders.audited", ago(3600)), gap(100, "orders.placed", ago(86_401))];
    change(&world, |s| {
        s[0].source.state = SourceState::Down;
        s[0].source.reason = Some("connection refused.".into());
        s[0].source.since = Some(ago(90));
        s[1].source.behind = Some(120_000);
        s[1].channels[0].partitions[0].held = Some(Held { since: ago(61), transactional_id: Some("billing-1".into()) });
        s[2].source.reported_at = Some(ago(11));
    });
    let got = attention(&world).await;
    assert_eq!(got.iter().map(|a| a.kind.as_str()).collect::<Vec<_>>(), ["down", "gap", "held", "behind", "stale"]);
    assert_eq!(got[0].title, "shop-kafka (production) can't be reached");
    assert!(got[0].detail.starts_with("Connection refused. Events wait"), "{}", got[0].detail);
    assert_eq!((got[0].since, got[0].link.as_str()), (Some(ago(90)), "/sources/10"));
    assert_eq!(got[1].title, "Events of orders.audited are missing");
    assert_eq!(got[1].detail, "Positions 5 to 8 of partition 0: the broker removed them before they were read.");
    assert_eq!(got[1].link, "/sources/11");
    assert!(got[2].detail.contains("the open transaction of billing-1"), "{}", got[2].detail);
    assert_eq!(got[3].detail, "120,000 events not read yet, about 3 h 20 min at the present rate.");
    assert_eq!(got[4].title, "No news of trial-kafka");
}

#[tokio::test]
async fn what_is_not_yet_trouble_is_not_told() {
    let world = quiet();
    world.ports.data.lock().unwrap().summary.recent_gaps = vec![gap(100, "orders.placed", ago(86_401))];
    change(&world, |s| {
        s[0].source.behind = Some(999);
        s[0].source.events_per_s = None;
        s[0].channels[0].partitions[0].held = Some(Held { since: ago(60), transactional_id: None });
        s[0].channels[1].partitions[0].held = Some(Held { since: ago(600), transactional_id: None });
        s[0].channels[1].partitions[0].closed = Some(weir_domain::capture::GapReason::Deleted);
        // Behind by five seconds of its own rate.
        s[1].source.behind = Some(50_000);
        s[1].source.events_per_s = Some(10_000.0);
        s[1].source.reported_at = Some(ago(10));
    });
    assert_eq!(attention(&world).await, []);
    change(&world, |s| {
        s[2].source.state = SourceState::Down;
        s[2].source.orphan = true;
    });
    assert_eq!(attention(&world).await, [], "taken from the configuration on purpose");
}

#[tokio::test]
async fn a_source_that_no_tap_has_reported_is_stale_and_one_that_stands_still_is_behind() {
    let world = quiet();
    change(&world, |s| {
        s[0].source.state = SourceState::Starting;
        s[0].source.reported_at = None;
        s[0].source.since = Some(ago(11));
        s[1].source.behind = Some(1_000);
        s[1].source.events_per_s = Some(0.0);
    });
    let got = attention(&world).await;
    assert_eq!(got.iter().map(|a| a.kind.as_str()).collect::<Vec<_>>(), ["behind", "stale"]);
    assert_eq!(got[0].detail, "1,000 events not read yet, and nothing is being read.");
    assert!(got[1].detail.starts_with("No tap has reported yet."), "{}", got[1].detail);
}

#[tokio::test]
async fn a_paused_source_is_named_last_with_what_waits_at_least() {
    let world = quiet();
    change(&world, |s| {
        s[0].source.state = SourceState::Paused;
        s[0].source.since = Some(ago(120));
        s[0].source.reported_at = Some(ago(600));
        s[0].source.behind = Some(19);
        s[1].source.reported_at = Some(ago(11));
    });
    let got = attention(&world).await;
    assert_eq!(got.iter().map(|a| a.kind.as_str()).collect::<Vec<_>>(), ["stale", "paused"]);
    assert_eq!((got[1].title.as_str(), got[1].since), ("shop-kafka (production) is paused", Some(ago(120))));
    assert!(got[1].detail.starts_with("At least 19 events wait at the broker"), "{}", got[1].detail);
    change(&world, |s| s[0].source.behind = Some(0));
    assert!(attention(&world).await[1].detail.starts_with("What is sent meanwhile waits"));
    change(&world, |s| s[0].source.behind = Some(120_000));
    let got = attention(&world).await;
    assert_eq!(got[0].kind, "paused", "much waits: before what is only stale");
    assert_eq!(got.len(), 2, "told once");
}

#[tokio::test]
async fn the_total_is_that_of_the_sources_and_unknown_where_one_stands_still() {
    let world = quiet();
    let total = async || world.cases.overview.summary(&anybody()).await.unwrap();
    change(&world, |s| {
        s[0].source.behind = Some(100);
        s[1].source.behind = Some(7);
    });
    assert_eq!(total().await.behind, Some(107));
    change(&world, |s| {
        s[0].source.behind = Some(0);
        s[1].source.behind = Some(0);
        s[1].source.state = SourceState::Paused;
    });
    let summary = total().await;
    assert_eq!((summary.behind, summary.sources[1].behind, summary.sources[1].events_per_s), (None, None, None));
    assert_eq!(summary.channels.iter().map(|c| c.behind).collect::<Vec<_>>(), [Some(0), Some(0), None, Some(0)]);
    assert!(summary.events_per_s.is_some(), "the others are read");
    change(&world, |s| s.iter_mut().for_each(|s| s.source.state = SourceState::Down));
    assert_eq!(total().await.events_per_s, None);
    change(&world, |s| s.iter_mut().for_each(|s| s.source.orphan = true));
    assert_eq!(total().await.behind, None);
}

#[tokio::test]
async fn what_differs_from_its_broker_is_told_to_who_may_see_it() {
    let world = quiet();
    for channel in world.ports.data.lock().unwrap().verified.iter_mut().take(2) {
        channel.differences = 2;
        channel.latest = vec![DifferenceShown {
            partition: PartitionId(channel.channel.0),
            partition_number: 3,
            position: Position(4711),
            kind: DifferenceKind::Bytes,
            found_at: NOW,
        }];
    }
    let got = attention(&world).await;
    assert_eq!(got.iter().map(|a| a.kind.as_str()).collect::<Vec<_>>(), ["differs", "differs"]);
    assert_eq!(got[0].title, "orders.placed of shop-kafka differs from its broker");
    assert_eq!(
        got[0].detail,
        "2 events are not stored as the broker has them. The last found: position 4711 of partition 3 has other bytes \
         than at the broker. Run weir verify to compare all of it."
    );
    assert_eq!((got[0].since, got[0].link.as_str()), (Some(NOW), "/sources/10"));
    let grants = [Grant { channel_pattern: "payments.*".into(), ..Grant::everything() }];
    let part = world.cases.overview.summary(&caller(Role::ALL, &grants)).await.unwrap().attention;
    assert_eq!(
        part.iter().map(|a| &*a.title).collect::<Vec<_>>(),
        ["payments.failed of shop-kafka differs from its broker"]
    );
}
