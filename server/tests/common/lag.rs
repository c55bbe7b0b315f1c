//! Consumer groups without a broker: the store is given what an observation would give it.

use weir_domain::{
    EnvironmentId, GroupId, SourceId, Timestamp,
    access::SystemView,
    catalog::Catalog as _,
    lag::{
        Activity, Chunk, Expectation, Forecast, GroupKind, GroupSeen, GroupState, LagLog as _, Loss, Member,
        Observation, PairSeen, PartitionStanding, Place, Standing, Status, Tick, TimeLag, Verdict,
    },
};
use weir_store::Store;

use super::seed::AT_MS;

/// Beyond what the clock of a test reaches, so that what is told is "in …".
pub const SEEN: Timestamp = Timestamp::from_millis(AT_MS);

/// A group on a channel with two partitions.
pub struct On<'a> {
    pub group: &'a str,
    pub channel: &'a str,
    pub status: Status,
    pub lag: Option<u64>,
    /// Seconds until it loses unread events.
    pub loses_in_s: Option<i64>,
}

fn verdict(status: Status) -> Verdict {
    let (rule, reason) = match status {
        Status::Ok => ("within", "nothing unread for long"),
        Status::Stop => ("silent", "no commit for 4 min 10 s while 1,204 events arrived"),
        _ => ("falls-behind", "it reads slower than events arrive"),
    };
    Verdict { status, rule: rule.into(), reason: reason.into() }
}

fn partition(number: i32, on: &On<'_>) -> PartitionStanding {
    let lag = on.lag.map(|n| n / 2);
    PartitionStanding {
        partition: number,
        start: Some(0),
        end: Some(5_000),
        stable_end: Some(5_000),
        next: lag.map(|n| 5_000 - n as i64),
        lag,
        committed_lag: lag,
        time_lag: TimeLag::About { ms: 250_000 },
        verdict: verdict(on.status),
        burrow: verdict(Status::Ok),
        in_per_s: Some(2.0),
        out_per_s: Some(1.0),
        held_by: Some(("app-1".into(), "10.0.0.7".into())),
        last_moved: Some(SEEN),
        lost_at: None,
        problem: None,
    }
}

/// Writes what was observed of a source. Returns the groups in the order given.
pub async fn observe(store: &Store, source: (SourceId, &str), all: &[On<'_>]) -> Vec<GroupId> {
    let environments = store.environments(&SystemView::for_composition_root()).await.unwrap();
    let environment: EnvironmentId = environments[0].id;
    let names: Vec<_> = all.iter().map(|on| (on.group.to_owned(), GroupKind::Classic)).collect();
    let ids = store.intern_groups(source.0, &names, SEEN).await.unwrap();
    let pairs: Vec<_> = ids.iter().zip(all).map(|(id, on)| (*id, on.channel.to_owned())).collect();
    let pair_ids = store.intern_pairs(&pairs).await.unwrap();
    let member = |on: &On<'_>| Member {
        id: "app-1-0193".into(),
        client_id: "app-1".into(),
        host: "10.0.0.7".into(),
        instance: None,
        holds: vec![(on.channel.to_owned(), vec![0, 1])],
    };
    let group = |(id, on): (&GroupId, &On<'_>)| GroupSeen {
        id: *id,
        kind: GroupKind::Classic,
        state: GroupState::Stable,
        assignor: Some("range".into()),
        coordinator: Some("1".into()),
        members: Some(vec![member(on)]),
        last_members: Vec::new(),
        problem: None,
        first_seen: SEEN,
        last_seen: SEEN,
        gone_at: None,
        empty_since: None,
        last_progress: Some(SEEN),
        activity: Activity::default(),
        learnt: Expectation::Continuous,
    };
    let pair = |((id, group), on): ((&weir_domain::lag::PairId, &GroupId), &On<'_>)| PairSeen {
        id: *id,
        standing: Standing {
            group: *group,
            name: on.group.into(),
            kind: GroupKind::Classic,
            state: GroupState::Stable,
            environment,
            source: source.0,
            source_name: source.1.into(),
            channel: on.channel.into(),
            verdict: verdict(on.status),
            since: SEEN,
            partitions: 2,
            unknown_partitions: 0,
            active_members: 1,
            members: 1,
            lag: on.lag,
            committed_lag: on.lag,
            time_lag: TimeLag::About { ms: 250_000 },
            in_per_s: Some(4.0),
            out_per_s: Some(2.0),
            growing: on.status != Status::Ok,
            forecast: if on.status == Status::Ok {
                Forecast::KeepsUp
            } else {
                Forecast::NeverDrains { per_min: 120.0 }
            },
            loss: on.loses_in_s.map(|s| Loss {
                first: weir_domain::Clock::now(&weir::clock::SystemClock).plus_secs(s),
                earliest: SEEN,
                per_s: 2.0,
                by: "retention of 24 h".into(),
            }),
            positions_expire: None,
            alarms: true,
            owner: None,
            observed_at: SEEN,
        },
        partitions: vec![partition(0, on), partition(1, on)],
        spark: vec![on.lag],
        learnt: None,
    };
    let chunk = |(id, on): (&weir_domain::lag::PairId, &On<'_>)| {
        let place = |n: i64| Place::between(Some(n), Some(5_000));
        let tick = |n: i64| Tick {
            at: SEEN.plus_secs(n * 10),
            time_lag_ms: on.lag.map(|_| 1_000),
            places: vec![place(n), place(n + 1)],
        };
        (*id, Chunk { partitions: vec![0, 1], ticks: (0..6).map(tick).collect() })
    };
    let seen = Observation {
        source: source.0,
        at: SEEN,
        took_ms: 12,
        requests: 3,
        problems: Vec::new(),
        groups: ids.iter().zip(all).map(group).collect(),
        pairs: pair_ids.iter().zip(&ids).zip(all).map(pair).collect(),
        channels: Vec::new(),
        chunks: pair_ids.iter().zip(all).map(chunk).collect(),
        rolled: Vec::new(),
        happened: Vec::new(),
        left: Vec::new(),
        unread_channels: Vec::new(),
    };
    store.observed(&seen).await.unwrap();
    ids
}
