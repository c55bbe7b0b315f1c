//! Groups whose positions are reported stand beside those that the broker tells.

use std::collections::{BTreeSet, HashMap, HashSet};

use weir_broker::{GroupObserved, LagObserved, PositionObserved};
use weir_domain::{
    Timestamp,
    lag::{GroupKind, Member, ReportedGroup},
};

/// Channels whose ends the broker has to tell besides.
pub(super) fn channels(reported: &[ReportedGroup]) -> Vec<String> {
    let all: BTreeSet<&str> = reported.iter().flat_map(|g| g.positions.iter().map(|p| p.channel.as_str())).collect();
    all.into_iter().map(str::to_owned).collect()
}

/// What the broker itself tells of a name counts.
pub(super) fn merge(observed: &mut LagObserved, reported: Vec<ReportedGroup>, at: Timestamp) {
    let known: HashSet<&str> = observed.groups.iter().map(|g| g.name.as_str()).collect();
    let places: HashMap<&str, usize> =
        observed.channels.iter().enumerate().map(|(i, c)| (c.name.as_str(), i)).collect();
    let new = reported.into_iter().filter(|g| !known.contains(g.name.as_str())).map(|g| one(g, &places, at));
    let new: Vec<GroupObserved> = new.collect();
    observed.groups.extend(new);
}

fn one(group: ReportedGroup, places: &HashMap<&str, usize>, at: Timestamp) -> GroupObserved {
    let state = group.state(at);
    let mut holds: Vec<(String, Vec<i32>)> = Vec::new();
    for p in &group.positions {
        match holds.iter_mut().find(|(channel, _)| *channel == p.channel) {
            Some((_, partitions)) => partitions.push(p.partition),
            None => holds.push((p.channel.clone(), vec![p.partition])),
        }
    }
    let member =
        Member { id: group.application.clone(), client_id: group.application, host: group.host, instance: None, holds };
    let position = |p: weir_domain::lag::ReportedPosition| {
        Some(PositionObserved {
            channel: *places.get(p.channel.as_str())?,
            partition: p.partition,
            next: Some(p.next),
            lag: None,
            leader_epoch: -1,
            problem: None,
        })
    };
    GroupObserved {
        name: group.name,
        kind: GroupKind::Reported,
        state,
        assignor: None,
        coordinator: None,
        members: Some(if state.is_idle() { Vec::new() } else { vec![member] }),
        positions: group.positions.into_iter().filter_map(position).collect(),
        problem: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_broker::ChannelObserved;
    use weir_domain::lag::{GroupState, ReportedPosition};

    const AT: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn reported(name: &str, age_s: i64) -> ReportedGroup {
        let at = |channel: &str, partition, next| ReportedPosition { channel: channel.into(), partition, next };
        ReportedGroup {
            name: name.into(),
            application: "totals".into(),
            host: "10.0.0.9".into(),
            at: AT.plus_secs(-age_s),
            positions: vec![at("b", 0, 7), at("b", 1, 8), at("gone", 0, 9)],
        }
    }

    fn channel(name: &str) -> ChannelObserved {
        ChannelObserved {
            name: name.into(),
            incarnation: Vec::new(),
            partitions: Vec::new(),
            keeps: None,
            problem: None,
        }
    }

    #[test]
    fn reports_stand_beside_what_the_broker_tells() {
        let all = vec![reported("spark", 10), reported("silent", 3_600), reported("billing", 10)];
        assert_eq!(channels(&all), ["b", "gone"]);
        let billing = GroupObserved {
            name: "billing".into(),
            kind: GroupKind::Classic,
            state: GroupState::Stable,
            assignor: None,
            coordinator: None,
            members: None,
            positions: Vec::new(),
            problem: None,
        };
        let mut observed = LagObserved {
            groups: vec![billing.clone()],
            channels: vec![channel("a"), channel("b")],
            ..LagObserved::default()
        };
        merge(&mut observed, all, AT);
        let [first, spark, silent] = observed.groups.as_slice() else { panic!("{observed:?}") };
        assert_eq!(*first, billing, "the broker's own is left as it is");
        let positions: Vec<_> = spark.positions.iter().map(|p| (p.channel, p.partition, p.next)).collect();
        assert_eq!(positions, [(1, 0, Some(7)), (1, 1, Some(8))], "what the broker does not have is left out");
        assert_eq!((spark.kind, spark.state), (GroupKind::Reported, GroupState::Stable));
        let member = &spark.members.as_ref().unwrap()[0];
        assert_eq!((member.client_id.as_str(), member.host.as_str()), ("totals", "10.0.0.9"));
        assert_eq!(member.holds[0], ("b".to_owned(), vec![0, 1]));
        assert_eq!((silent.state, &silent.members), (GroupState::Empty, &Some(Vec::new())));
    }
}
