//! What Weir says of groups is what Kafka's own tools say, while nothing moves. `WEIR_LAG_SEED` repeats a run and
//! `WEIR_LAG_GROUPS` lengthens it; the `soak_` form is run by `make soak`.

use crate::{
    cluster::Cluster,
    observing::probe,
    states::{self, Channel, Group},
    tools::{self, Key, Row},
};
use krafka::{
    admin::{ListOffsetsOptions, OffsetSpec},
    consumer::TopicPartition,
};
use rand::{SeedableRng as _, rngs::StdRng};
use std::{
    collections::{BTreeMap, BTreeSet},
    env,
};
use weir_broker::{LagObserved, LagWanted};
use weir_domain::lag::{GroupKind, Member, Place};

fn number(variable: &str, otherwise: u64) -> u64 {
    env::var(variable).map_or(otherwise, |n| n.parse().unwrap())
}

/// In the words of the tools.
fn rows(observed: &LagObserved, names: &BTreeSet<&str>, share: bool) -> BTreeMap<Key, Row> {
    let mut rows = BTreeMap::new();
    let own = observed.groups.iter().filter(|g| names.contains(g.name.as_str()));
    for group in own.filter(|g| (g.kind == GroupKind::Share) == share) {
        assert_eq!(group.problem, None, "{}", group.name);
        for position in &group.positions {
            let channel = &observed.channels[position.channel];
            let partition = channel.partitions.iter().find(|p| p.partition == position.partition).unwrap();
            let holds = |member: &&Member| {
                member.holds.iter().any(|(name, own)| *name == channel.name && own.contains(&position.partition))
            };
            let holder = group.members.as_ref().unwrap().iter().find(holds);
            let held_by = holder.map(|m| (m.client_id.clone(), m.host.clone()));
            let row = if share {
                let lag = position.lag.map(|lag| i64::try_from(lag).unwrap());
                Row { next: position.next, end: None, lag, held_by: None }
            } else {
                // The very figure that pages show.
                let lag = Place::between(position.next, partition.end).lag.map(|lag| i64::try_from(lag).unwrap());
                Row { next: position.next, end: partition.end, lag, held_by }
            };
            rows.insert((group.name.clone(), channel.name.clone(), position.partition), row);
        }
    }
    rows
}

fn differences(ours: &BTreeMap<Key, Row>, theirs: &BTreeMap<Key, Row>) -> Vec<String> {
    let keys: BTreeSet<&Key> = ours.keys().chain(theirs.keys()).collect();
    let differ = |key: &&&Key| ours.get(**key) != theirs.get(**key);
    keys.iter()
        .filter(differ)
        .map(|key| format!("{key:?}: {:?}, Kafka {:?}", ours.get(*key), theirs.get(*key)))
        .collect()
}

async fn stable_ends(cluster: &Cluster, channels: &[Channel]) -> BTreeMap<(String, i32), i64> {
    let all = channels.iter().flat_map(|c| (0..c.partitions).map(|p| TopicPartition::new(&c.name, p)));
    let wanted = all.map(|tp| (tp, OffsetSpec::Latest));
    let options = ListOffsetsOptions::default().read_committed(true);
    let ends = cluster.kafka.admin().list_offsets(wanted, options).await.unwrap();
    ends.into_iter().map(|(tp, end)| ((tp.topic, tp.partition), end.unwrap().offset)).collect()
}

async fn as_kafka_says(groups: u64) {
    let (seed, count) = (number("WEIR_LAG_SEED", rand::random()), number("WEIR_LAG_GROUPS", groups));
    println!("WEIR_LAG_SEED={seed} WEIR_LAG_GROUPS={count}");
    let cluster = Cluster::shared().await;
    let mut rng = StdRng::seed_from_u64(seed);
    let count = usize::try_from(count).unwrap();
    let (channels, groups, held) = states::make(&cluster, &mut rng, 8 + count / 20, count).await;
    let names: BTreeSet<&str> = groups.iter().map(|g| g.name.as_str()).collect();
    let of = |share: bool| -> Vec<String> {
        let kind = |g: &&Group| g.kind.is_share() == share;
        groups.iter().filter(kind).map(|g| g.name.clone()).collect()
    };
    let bootstrap = weir_testkit::Kafka::shared().unwrap();
    let probe = probe(&cluster);
    let wanted = LagWanted {
        details: true,
        channels: channels.iter().map(|c| c.name.clone()).collect(),
        ..LagWanted::default()
    };
    // A group may still be settling: what is compared holds before and after Kafka's tools were asked.
    let mut tries = 0;
    let (ours, theirs) = loop {
        let before = probe.observe(&wanted).await.unwrap();
        let mut theirs = (tools::consumers(&bootstrap, &of(false)), tools::shares(&bootstrap, &of(true)));
        let after = probe.observe(&wanted).await.unwrap();
        tries += 1;
        let rows_of = |o: &LagObserved| (rows(o, &names, false), rows(o, &names, true));
        if rows_of(&before) == rows_of(&after) || tries == 5 {
            break (after, std::mem::take(&mut theirs));
        }
    };
    for (share, theirs) in [(false, &theirs.0), (true, &theirs.1)] {
        let mine = rows(&ours, &names, share);
        println!(
            "share {share}: {} rows of Kafka, {} unknown",
            theirs.len(),
            theirs.values().filter(|r| r.lag.is_none()).count()
        );
        let differ = differences(&mine, theirs);
        let some = differ.iter().take(20).map(String::as_str).collect::<Vec<_>>().join("\n");
        assert!(differ.is_empty(), "{} of {} rows differ:\n{some}", differ.len(), theirs.len());
    }
    for (key, stable_end) in stable_ends(&cluster, &channels).await {
        let channel = ours.channels.iter().find(|c| c.name == key.0).unwrap();
        let partition = channel.partitions.iter().find(|p| p.partition == key.1).unwrap();
        assert_eq!(partition.stable_end, Some(stable_end), "{key:?}");
    }
    held.let_go().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forty_groups_are_as_kafka_says() {
    as_kafka_says(40).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "soak: run by make soak"]
async fn soak_two_hundred_groups_are_as_kafka_says() {
    as_kafka_says(200).await;
}
