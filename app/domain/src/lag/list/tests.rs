use super::*;
use crate::lag::Verdict;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn on(group: i64, channel: &str, status: Status) -> Listed {
    let standing = Standing {
        group: GroupId(group),
        name: format!("group-{group}"),
        kind: GroupKind::Classic,
        state: GroupState::Stable,
        environment: EnvironmentId(1),
        source: SourceId(10),
        source_name: "shop-kafka".into(),
        channel: channel.into(),
        verdict: Verdict { status, rule: "rule".into(), reason: "why".into() },
        since: NOW,
        partitions: 2,
        unknown_partitions: 0,
        active_members: 1,
        members: 3,
        lag: Some(10),
        committed_lag: None,
        time_lag: TimeLag::About { ms: 1_000 },
        in_per_s: Some(2.0),
        out_per_s: None,
        growing: false,
        forecast: Forecast::KeepsUp,
        loss: None,
        positions_expire: None,
        alarms: true,
        owner: None,
        observed_at: NOW,
    };
    Listed { standing, spark: vec![None, Some(1)], archived: false, gone: false, ephemeral: false }
}

fn row(group: i64, status: Status) -> GroupRow {
    row_of(vec![on(group, "orders", status)], 0).unwrap()
}

fn loss(in_s: i64) -> Option<Loss> {
    let first = NOW.plus_secs(in_s);
    Some(Loss { first, earliest: first, per_s: 1.0, by: "retention of 24 h".into() })
}

fn page(rows: Vec<GroupRow>, wanted: &GroupsWanted) -> GroupsPage {
    groups_page(rows, wanted, 0, Vec::new(), NOW)
}

fn all() -> GroupsWanted {
    GroupsWanted { most: 100, ..GroupsWanted::default() }
}

fn ids(page: &GroupsPage) -> Vec<i64> {
    page.rows.iter().map(|r| r.group.0).collect()
}

#[test]
fn who_loses_data_first_comes_first() {
    let later = |group, status, ms| GroupRow { time_lag: TimeLag::About { ms }, ..row(group, status) };
    let rows = vec![
        row(1, Status::Ok),
        later(2, Status::Warn, 5_000),
        later(3, Status::Warn, 90_000),
        row(4, Status::Stop),
        GroupRow { loss: loss(3_600), ..row(5, Status::Warn) },
        GroupRow { loss: loss(-60), ..row(6, Status::Rewind) },
        row(7, Status::Unknown),
        // What is fine loses nothing, whatever retention would take if it stood still.
        GroupRow { loss: loss(60), ..row(8, Status::Ok) },
        GroupRow { lag: Some(11), ..later(9, Status::Warn, 5_000) },
    ];
    assert_eq!(ids(&page(rows.clone(), &all())), [6, 5, 4, 3, 9, 2, 7, 1, 8]);
    assert_eq!(ids(&page(rows, &GroupsWanted { reverse: true, ..all() })), [1, 8, 7, 2, 9, 3, 4, 5, 6]);
}

#[test]
fn every_column_begins_with_what_is_looked_for() {
    let (mut a, mut b, mut c) = (row(1, Status::Ok), row(2, Status::Ok), row(3, Status::Ok));
    (a.lag, b.lag, c.lag) = (None, Some(5), Some(7));
    (a.time_lag, b.time_lag) = (TimeLag::Unknown { why: String::new() }, TimeLag::None);
    (a.in_per_s, b.in_per_s, c.in_per_s) = (Some(9.0), None, Some(0.0));
    (a.out_per_s, b.out_per_s) = (Some(1.0), Some(3.0));
    (a.members, b.members) = (1, 9);
    (a.owner, c.owner) = (Some("Zoe".into()), Some("Ann".into()));
    (a.source_name, b.source_name) = ("z".into(), "a".into());
    (a.channels, b.channels) = (vec!["b".into()], vec!["a".into()]);
    a.forecast = Forecast::NeverDrains { per_min: 1.0 };
    b.forecast = Forecast::NeverDrains { per_min: 5.0 };
    c.loss = loss(60);
    let by = |sort| ids(&page(vec![a.clone(), b.clone(), c.clone()], &GroupsWanted { sort, ..all() }));
    assert_eq!(by(GroupSort::Group), [1, 2, 3]);
    assert_eq!(by(GroupSort::Channel), [2, 1, 3]);
    assert_eq!(by(GroupSort::Lag), [3, 2, 1], "what is not known comes last");
    assert_eq!(by(GroupSort::TimeLag), [3, 2, 1]);
    assert_eq!(by(GroupSort::In), [1, 3, 2]);
    assert_eq!(by(GroupSort::Out), [2, 1, 3]);
    assert_eq!(by(GroupSort::Forecast), [3, 2, 1]);
    assert_eq!(by(GroupSort::Members), [2, 3, 1]);
    assert_eq!(by(GroupSort::Source), [2, 3, 1]);
    assert_eq!(by(GroupSort::Owner), [3, 1, 2]);
    for sort in GroupSort::ALL {
        assert_eq!(GroupSort::parse(sort.as_str()), Some(sort));
    }
}

#[test]
fn what_does_not_match_is_left_out_and_counted() {
    let mut rows: Vec<_> = (1..=6).map(|n| row(n, if n % 2 == 0 { Status::Warn } else { Status::Ok })).collect();
    (rows[0].archived, rows[1].gone, rows[2].ephemeral) = (true, true, true);
    rows[3].owner = Some("Billing".into());
    rows[4].kind = GroupKind::Share;
    let of = |wanted: GroupsWanted| {
        let page = page(rows.clone(), &wanted);
        (ids(&page), page.matching, page.left_out)
    };
    assert_eq!(of(all()), (vec![4, 6, 5], 3, 3));
    assert_eq!(of(GroupsWanted { all: true, ..all() }).1, 6);
    assert_eq!(of(GroupsWanted { from: 1, most: 1, ..all() }), (vec![6], 3, 3));
    assert_eq!(of(GroupsWanted { from: 9, ..all() }), (vec![], 3, 3));
    assert_eq!(of(GroupsWanted { text: "BILL".into(), ..all() }), (vec![4], 1, 0));
    assert_eq!(of(GroupsWanted { text: "Group-1".into(), ..all() }), (vec![], 0, 1), "of those that match");
    assert_eq!(of(GroupsWanted { text: "shop".into(), ..all() }).1, 3);
    assert_eq!(of(GroupsWanted { kind: Some(GroupKind::Share), ..all() }), (vec![5], 1, 0));
    assert_eq!(of(GroupsWanted { source: Some(SourceId(11)), ..all() }), (vec![], 0, 0));
    assert_eq!(of(GroupsWanted { channel: Some("order".into()), ..all() }).1, 0, "its whole name");
    // The counts by status are of what matches but for the status.
    let warn = page(rows.clone(), &GroupsWanted { status: Some(Status::Warn), ..all() });
    assert_eq!((ids(&warn), warn.matching, warn.statuses), (vec![4, 6], 2, [1, 0, 0, 2, 0, 0]));
}

#[test]
fn channels_are_put_together_and_the_worst_speaks() {
    let mut late = on(1, "late", Status::Warn);
    late.standing.time_lag = TimeLag::About { ms: 60_000 };
    late.standing.loss = loss(600);
    late.standing.forecast = Forecast::NeverDrains { per_min: 3.0 };
    late.spark = vec![Some(2)];
    let mut unknown = on(1, "dark", Status::Unknown);
    (unknown.standing.lag, unknown.standing.in_per_s) = (None, None);
    unknown.standing.loss = loss(60);
    unknown.standing.observed_at = NOW.plus_secs(-30);
    let one = row_of(vec![unknown, on(1, "fine", Status::Ok), late], 2).unwrap();
    assert_eq!(one.channels, ["late", "dark", "fine"]);
    assert_eq!((one.status, one.reason.as_str(), one.hidden_channels), (Status::Warn, "late: why", 2));
    assert_eq!((one.partitions, one.members, one.lag, one.committed_lag), (6, 3, Some(20), None));
    assert_eq!((one.in_per_s, one.out_per_s), (Some(4.0), None));
    assert_eq!(one.time_lag, TimeLag::About { ms: 60_000 });
    assert_eq!(one.forecast, Forecast::NeverDrains { per_min: 3.0 });
    assert_eq!(one.loss, loss(60), "the first of them");
    assert_eq!(one.observed_at, NOW.plus_secs(-30), "as old as the oldest");
    assert_eq!(one.spark, [None, Some(4)], "the newest slots lie above each other");
    assert_eq!(row_of(Vec::new(), 3), None);
}
