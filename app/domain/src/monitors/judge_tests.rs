use super::*;
use crate::{
    EnvironmentId, OutletId, RuleId, WindowId,
    capture::SourceState,
    lag::{Forecast, GroupKind, GroupState, Loss, TimeLag, Verdict},
    monitors::{
        Cause, MOST_AT_ONCE, Outgoing, Outlet, OutletSettings, Scope, Severity, Takes, Told, Window, is_blind,
        with_defaults,
    },
};
use proptest::prelude::*;

const T0: i64 = 1_795_357_928;

fn t(secs: i64) -> Timestamp {
    Timestamp::EPOCH.plus_secs(T0 + secs)
}

fn standing(group: i64, channel: &str, status: Status, since: i64) -> Standing {
    Standing {
        group: GroupId(group),
        name: format!("group-{group}"),
        kind: GroupKind::Classic,
        state: GroupState::Stable,
        environment: EnvironmentId(1),
        source: SourceId(1),
        source_name: "shop".into(),
        channel: channel.into(),
        verdict: Verdict { status, rule: "r".into(), reason: "no commit while events arrived".into() },
        since: t(since),
        partitions: 12,
        unknown_partitions: 0,
        active_members: 1,
        members: 1,
        lag: Some(100),
        committed_lag: Some(100),
        time_lag: TimeLag::Exact { ms: 1000, from_arrival: false },
        in_per_s: None,
        out_per_s: None,
        growing: false,
        forecast: Forecast::StaysLevel,
        loss: None,
        positions_expire: None,
        alarms: true,
        owner: Some("team-billing".into()),
        observed_at: t(since),
    }
}

fn source(state: SourceState, since: i64, reported: i64) -> SourceHealth {
    SourceHealth {
        source: SourceId(1),
        name: "shop".into(),
        environment: EnvironmentId(1),
        environment_name: "test".into(),
        wanted: true,
        state,
        since: Some(t(since)),
        reason: Some("connection refused".into()),
        reported_at: Some(t(reported)),
        behind: Vec::new(),
        has_groups: true,
        lag_observed_at: Some(t(reported)),
        lag_failed: None,
    }
}

fn outlet(id: &str, scope: Scope) -> Outlet {
    Outlet {
        id: OutletId(id.into()),
        name: id.into(),
        on: true,
        takes: Takes { page: true, notify: true, scope },
        settings: OutletSettings::Slack { shown: "https://hooks.example/…".into() },
        secrets: Vec::new(),
        version: 1,
    }
}

/// A Weir that judges, keeps what came of it, and counts what was sent.
struct House {
    watch: Watch,
    memory: Memory,
    next: u32,
    over: Vec<Alert>,
    /// Groups are observed no more: standings are as of when they say.
    blind: bool,
}

impl House {
    fn new() -> Self {
        let watch = Watch {
            rules: with_defaults(Vec::new()),
            outlets: vec![outlet("ops", Scope::everything())],
            ..Watch::default()
        };
        Self { watch, memory: Memory::new(t(-3600)), next: 0, over: Vec::new(), blind: false }
    }

    fn step(&mut self, at: i64, standings: &[Standing]) -> Vec<Outgoing> {
        self.step_with(at, standings, &[source(SourceState::Up, -600, at)])
    }

    fn step_with(&mut self, at: i64, standings: &[Standing], sources: &[SourceHealth]) -> Vec<Outgoing> {
        let next = &mut self.next;
        let id = || {
            *next += 1;
            format!("id-{next}")
        };
        // Observed just now, unless a test says otherwise.
        let fresh = |s: &Standing| Standing { observed_at: s.observed_at.max(t(at)), ..s.clone() };
        let standings: Vec<Standing> = match self.blind {
            false => standings.iter().map(fresh).collect(),
            true => standings.to_vec(),
        };
        let standings = standings.as_slice();
        let judged = judge(&self.watch, Seen { standings, sources, now: t(at) }, &mut self.memory, id);
        for alert in judged.changes.changed {
            let kept = self.watch.open.iter_mut().find(|a| a.id == alert.id).unwrap();
            *kept = alert;
        }
        self.watch.open.extend(judged.changes.opened);
        for sent in &judged.changes.messages {
            for (alert, thread) in &sent.alerts {
                self.watch.told.push(Told { alert: alert.clone(), outlet: sent.to.clone(), thread: thread.clone() });
            }
        }
        let (open, over): (Vec<_>, Vec<_>) = std::mem::take(&mut self.watch.open).into_iter().partition(Alert::is_open);
        self.watch.open = open;
        // The store tells of open alerts only.
        self.watch.told.retain(|told| self.watch.open.iter().any(|a| a.id == told.alert));
        self.over.extend(over);
        judged.changes.messages
    }
}

fn causes(messages: &[Outgoing]) -> Vec<&'static str> {
    messages.iter().map(|m| m.message.cause.as_str()).collect()
}

#[test]
fn a_group_that_stands_still_is_told_after_ten_minutes_once_and_when_it_is_over() {
    let mut house = House::new();
    let channels = ["orders", "payments"];
    let still = |status, since: i64| channels.map(|c| standing(1, c, status, since));
    assert!(house.step(0, &still(Status::Stall, 0)).is_empty());
    assert!(house.step(599, &still(Status::Stall, 0)).is_empty());
    let told = house.step(600, &still(Status::Stall, 0));
    assert_eq!(causes(&told), ["opened"], "one for both channels");
    let message = &told[0].message;
    assert_eq!(message.title, "group-1 stands still (STALL)");
    assert!(message.body.contains("orders: STALL for 10 min: no commit"), "{}", message.body);
    assert!(message.body.contains("Its broker is healthy"), "{}", message.body);
    assert!(message.body.contains("Owner: team-billing."), "{}", message.body);
    assert_eq!(message.severity, Severity::Page);
    assert!(house.step(610, &still(Status::Stall, 0)).is_empty(), "told once");
    assert_eq!(causes(&house.step(700, &still(Status::Stop, 700))), ["worse"]);
    assert!(house.step(710, &still(Status::Stop, 700)).is_empty());
    // A dip ends nothing, and a second one begins anew.
    assert!(house.step(720, &still(Status::Ok, 720)).is_empty());
    assert!(house.step(900, &still(Status::Stop, 890)).is_empty());
    assert!(house.step(910, &still(Status::Ok, 910)).is_empty());
    assert!(house.step(1_209, &still(Status::Ok, 910)).is_empty());
    let over = house.step(1_210, &still(Status::Ok, 910));
    assert_eq!(
        (causes(&over), over[0].message.title.as_str()),
        (vec!["resolved"], "Over: group-1 reads no more (STOP)")
    );
    assert!(house.watch.open.is_empty());
}

#[test]
fn a_stall_that_becomes_a_stop_counts_from_the_stall() {
    let mut house = House::new();
    house.step(0, &[standing(1, "orders", Status::Stall, 0)]);
    house.step(400, &[standing(1, "orders", Status::Stop, 400)]);
    assert_eq!(causes(&house.step(600, &[standing(1, "orders", Status::Stop, 400)])), ["opened"]);
}

#[test]
fn what_may_stand_still_raises_nothing() {
    let mut house = House::new();
    let quiet = Standing { alarms: false, ..standing(1, "orders", Status::Stop, -9_000) };
    assert!(house.step(0, &[quiet]).is_empty());
    // Its source is paused: by a person, who knows.
    let paused = SourceHealth { wanted: false, ..source(SourceState::Paused, -9_000, -9_000) };
    assert!(house.step_with(10, &[standing(1, "orders", Status::Stop, -9_000)], &[paused]).is_empty());
}

#[test]
fn a_loss_is_told_four_hours_ahead_and_again_when_it_happens() {
    let mut house = House::new();
    let loses = |at: i64| {
        let loss = Loss { first: t(at), earliest: t(at), per_s: 5.0, by: "retention of 24 h".into() };
        Standing { loss: Some(loss), ..standing(1, "orders", Status::Warn, 0) }
    };
    assert!(house.step(0, &[loses(14_401)]).is_empty());
    let told = house.step(10, &[loses(14_401)]);
    assert_eq!((causes(&told), told[0].message.severity), (vec!["opened"], Severity::Page));
    assert!(told[0].message.body.contains("in about 3 h 59 min"), "{}", told[0].message.body);
    // A little better is not over.
    assert!(house.step(20, &[loses(16_000)]).is_empty());
    assert!(house.step(1_000, &[loses(16_000)]).is_empty());
    let worse = house.step(1_010, &[loses(900)]);
    assert_eq!((causes(&worse), worse[0].message.title.as_str()), (vec!["worse"], "Worse: group-1 loses unread data"));
}

#[test]
fn time_lag_is_told_when_it_is_long_and_grows() {
    let mut house = House::new();
    let late = |min: u64, growing| Standing {
        time_lag: TimeLag::About { ms: min * 60_000 },
        growing,
        ..standing(1, "orders", Status::Warn, 0)
    };
    assert!(house.step(0, &[late(16, false)]).is_empty());
    let told = house.step(10, &[late(16, true)]);
    assert_eq!((causes(&told), told[0].message.severity), (vec!["opened"], Severity::Notify));
    // It stays until it is well below.
    assert!(house.step(400, &[late(13, false)]).is_empty());
    assert!(house.step(1_000, &[late(13, false)]).is_empty());
    assert!(house.step(1_010, &[late(11, false)]).is_empty());
    assert_eq!(causes(&house.step(1_310, &[late(11, false)])), ["resolved"]);
}

#[test]
fn a_source_that_is_away_is_told_and_its_groups_are_left_as_they_are() {
    let mut house = House::new();
    let stop = [standing(1, "orders", Status::Stop, -900)];
    assert_eq!(causes(&house.step(0, &stop)), ["opened"]);
    let away = |at| [source(SourceState::Down, 10, at)];
    assert!(house.step_with(30, &[standing(1, "orders", Status::Unknown, 20)], &away(30)).is_empty(), "a blip");
    let told = house.step_with(70, &[], &away(70));
    assert_eq!((causes(&told), told[0].message.title.as_str()), (vec!["opened"], "Source shop can't be reached"));
    assert!(
        told[0].message.body.contains("It can't be reached for 1 min: connection refused."),
        "{}",
        told[0].message.body
    );
    // Hours later the group is neither over nor told anew as if it were known.
    assert!(house.step_with(2_000, &[], &away(2_000)).is_empty());
    assert_eq!(house.watch.open.len(), 2);
    let back = |at| [source(SourceState::Up, 3_000, at)];
    let ok = [standing(1, "orders", Status::Ok, 3_000)];
    assert!(house.step_with(3_000, &ok, &back(3_000)).is_empty());
    assert_eq!(causes(&house.step_with(3_300, &ok, &back(3_300))), ["resolved", "resolved"]);
}

#[test]
fn what_is_observed_no_more_is_neither_raised_nor_over() {
    let mut house = House::new();
    let stop = [standing(1, "orders", Status::Stop, -900)];
    assert_eq!(causes(&house.step(0, &stop)), ["opened"]);
    house.blind = true;
    let seen = |status, at| [Standing { observed_at: t(at), ..standing(1, "orders", status, at - 900) }];
    assert!(house.step(1_000, &seen(Status::Ok, 10)).is_empty());
    assert!(house.step(2_000, &seen(Status::Ok, 10)).is_empty());
    assert_eq!(house.watch.open.len(), 1);
    assert!(house.step(2_010, &seen(Status::Ok, 2_010)).is_empty());
    assert_eq!(causes(&house.step(2_310, &seen(Status::Ok, 2_300))), ["resolved"]);
}

#[test]
fn a_source_of_which_no_tap_reports_and_one_whose_tap_is_behind() {
    let mut house = House::new();
    let silent = house.step_with(301, &[], &[source(SourceState::Up, -600, 0)]);
    assert_eq!(silent[0].message.title, "No tap reports of source shop");
    let mut house = House::new();
    let behind = |at: i64| {
        use crate::{PartitionId, Position, monitors::TapBehind};
        let one = TapBehind { partition: PartitionId(1), next: Position(5), end: Position(10 + at) };
        [SourceHealth { behind: vec![one], ..source(SourceState::Up, -600, at) }]
    };
    assert!(house.step_with(0, &[], &behind(0)).is_empty());
    assert!(house.step_with(290, &[], &behind(290)).is_empty());
    let told = house.step_with(300, &[], &behind(300));
    assert_eq!(told[0].message.title, "The tap of source shop is behind");
    assert!(told[0].message.body.contains("5 min behind, with 305 events to read"), "{}", told[0].message.body);
}

#[test]
fn an_alert_ends_whatever_is_unknown_of_channels_that_it_is_not_about() {
    let mut house = House::new();
    let seen = |orders, payments| [standing(1, "orders", orders, -900), standing(1, "payments", payments, -900)];
    assert_eq!(causes(&house.step(0, &seen(Status::Stop, Status::Unknown))), ["opened"]);
    assert!(house.step(10, &seen(Status::Ok, Status::Unknown)).is_empty());
    assert!(house.watch.open[0].clear_since.is_some());
    assert_eq!(causes(&house.step(310, &seen(Status::Ok, Status::Unknown))), ["resolved"]);
    // About both; one is clear, the other one out of sight: it stands for that one, and ends with it.
    let both = seen(Status::Stop, Status::Stop);
    assert_eq!(causes(&house.step(1_000, &both)), ["opened"]);
    assert!(house.step(1_010, &seen(Status::Ok, Status::Unknown)).is_empty());
    let channels = |house: &House| house.watch.open[0].parts.iter().flat_map(|p| p.channel.clone()).collect::<Vec<_>>();
    assert_eq!((channels(&house), house.watch.open[0].clear_since), (vec!["payments".to_owned()], None));
    assert!(house.step(2_000, &seen(Status::Ok, Status::Unknown)).is_empty());
    // A channel that is out of sight is kept beside one that holds.
    assert!(house.step(2_010, &seen(Status::Stop, Status::Unknown)).is_empty());
    assert_eq!(channels(&house), ["orders", "payments"]);
    assert!(house.step(2_020, &seen(Status::Unknown, Status::Ok)).is_empty());
    assert_eq!(channels(&house), ["orders"]);
    // It is read no more by this group: clear.
    let left = [standing(1, "payments", Status::Unknown, -900)];
    assert!(house.step(2_030, &left).is_empty());
    assert_eq!(causes(&house.step(2_330, &left)), ["resolved"]);
}

#[test]
fn somebody_is_told_that_groups_are_not_observed() {
    let mut house = House::new();
    house.blind = true;
    let seen = |at: i64, observed: i64, failed: Option<&str>| {
        [SourceHealth {
            lag_observed_at: Some(t(observed)),
            lag_failed: failed.map(str::to_owned),
            ..source(SourceState::Up, -600, at)
        }]
    };
    let old = [Standing { observed_at: t(0), ..standing(1, "orders", Status::Stop, -900) }];
    // Once in five minutes is how seldom it may be set to.
    assert!(house.step_with(350, &old, &seen(350, 0, None)).is_empty());
    let told = house.step_with(360, &old, &seen(360, 0, Some("it may not list groups.")));
    let message = &told[0].message;
    assert_eq!((told.len(), message.title.as_str()), (1, "Groups of source shop are not observed"));
    assert!(message.body.contains("since 2026-11-22 14:32 UTC: it may not list groups. Until"), "{}", message.body);
    assert!(house.step_with(370, &old, &seen(370, 365, None)).is_empty());
    assert_eq!(causes(&house.step_with(670, &old, &seen(670, 665, None))), ["resolved"]);
    // Whoever has just begun waits, and ends nothing meanwhile; a source that is only just read gets the same time.
    house.memory = Memory::new(t(1_000));
    assert!(house.step_with(1_010, &old, &seen(1_010, 0, None)).is_empty());
    let begun = [SourceHealth { since: Some(t(1_200)), ..seen(1_400, 0, None)[0].clone() }];
    assert!(house.step_with(1_400, &old, &begun).is_empty());
    assert!(house.watch.open.is_empty());
    // Where nobody observes groups there is nothing to be missed.
    let none = [SourceHealth { has_groups: false, ..seen(9_000, 0, None)[0].clone() }];
    assert!(house.step_with(9_000, &[], &none).is_empty());
}

#[test]
fn all_is_not_well_while_no_group_of_any_source_is_observed() {
    let seen = |observed: Option<i64>| SourceHealth {
        lag_observed_at: observed.map(t),
        ..source(SourceState::Up, -600, 1_000)
    };
    let now = t(1_000);
    assert!(is_blind(&[seen(Some(640)), seen(None)], now));
    assert!(!is_blind(&[seen(Some(640)), seen(Some(990))], now));
    let (paused, other) = (seen(None), seen(None));
    let quiet = [SourceHealth { wanted: false, ..paused }, SourceHealth { has_groups: false, ..other }];
    assert!(!is_blind(&quiet, now) && !is_blind(&[], now));
}

#[test]
fn a_rule_that_is_switched_off_ends_its_alerts_at_once() {
    let mut house = House::new();
    let stop = [standing(1, "orders", Status::Stop, -900)];
    house.step(0, &stop);
    let off = Rule { id: RuleId("x".into()), on: false, changed: true, ..RuleKind::StandsStill.default_rule() };
    let off = Rule { scope: Scope { group: "group-1".into(), ..Scope::everything() }, ..off };
    house.watch.rules = with_defaults(vec![off]);
    assert_eq!(causes(&house.step(10, &stop)), ["resolved"]);
    assert!(house.step(20, &stop).is_empty());
}

#[path = "tell_tests.rs"]
mod telling;
