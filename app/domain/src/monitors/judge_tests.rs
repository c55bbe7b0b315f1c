use super::*;
use crate::{
    EnvironmentId, RuleId, WindowId,
    capture::SourceState,
    lag::{Forecast, GroupKind, GroupState, Loss, TimeLag, Verdict},
    monitors::{OutletSettings, Scope, Severity, Takes, Window, with_defaults},
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
            for thread in &sent.message.threads {
                self.watch.told.push((thread.clone(), sent.to.clone()));
            }
        }
        let (open, over): (Vec<_>, Vec<_>) = std::mem::take(&mut self.watch.open).into_iter().partition(Alert::is_open);
        self.watch.open = open;
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
fn what_nobody_takes_up_is_repeated_and_what_somebody_did_is_not() {
    let mut house = House::new();
    let stop = [standing(1, "orders", Status::Stop, -900)];
    let act = Some(crate::monitors::Act { name: "Mara".into(), at: t(10) });
    house.step(0, &stop);
    assert!(house.step(14_390, &stop).is_empty());
    assert_eq!(causes(&house.step(14_400, &stop)), ["repeated"]);
    assert!(house.step(14_410, &stop).is_empty());
    house.watch.open[0].acknowledged = act.clone();
    assert!(house.step(40_000, &stop).is_empty());
    // Snoozed: silent until then, and told at its end.
    house.watch.open[0].acknowledged = None;
    house.watch.open[0].snoozed = act;
    house.watch.open[0].snoozed_until = Some(t(50_000));
    assert!(house.step(49_990, &stop).is_empty());
    assert_eq!(causes(&house.step(50_000, &stop)), ["repeated"]);
    assert!(house.step(50_010, &stop).is_empty());
}

#[test]
fn in_a_maintenance_window_nobody_is_told_until_it_ends() {
    let mut house = House::new();
    let scope = Scope { group: "group-*".into(), ..Scope::everything() };
    house.watch.windows = vec![Window {
        id: WindowId("w".into()),
        scope,
        from: t(-10),
        to: t(1_000),
        reason: "upgrade".into(),
        made_name: "Mara".into(),
    }];
    let stop = [standing(1, "orders", Status::Stop, -900), standing(2, "orders", Status::Stop, -900)];
    assert!(house.step(0, &stop).is_empty());
    assert_eq!(house.watch.open.len(), 2, "they are there");
    // One is over before the window is: nobody ever hears of it.
    let one = [standing(1, "orders", Status::Stop, -900)];
    house.step(10, &one);
    assert!(house.step(500, &one).is_empty());
    assert_eq!((house.watch.open.len(), house.over.len()), (1, 1));
    assert_eq!(causes(&house.step(1_000, &one)), ["opened"]);
}

#[test]
fn more_than_ten_at_once_become_one_which_is_over_with_the_last() {
    let mut house = House::new();
    let many: Vec<Standing> = (1..=37).map(|g| standing(g, "orders", Status::Stop, -900)).collect();
    let told = house.step(0, &many);
    assert_eq!((causes(&told), told[0].message.title.as_str()), (vec!["opened"], "37 alerts at once"));
    assert_eq!(told[0].message.body.lines().count(), 22, "{}", told[0].message.body);
    assert!(told[0].message.body.contains("shop: Its broker is healthy"), "{}", told[0].message.body);
    assert_eq!(house.watch.open.len(), 37);
    assert!(house.step(10, &many[..1]).is_empty());
    assert!(house.step(400, &many[..1]).is_empty(), "one of them stands");
    assert!(house.step(410, &[]).is_empty());
    let over = house.step(710, &[]);
    assert_eq!(causes(&over), ["resolved"]);
    assert_eq!(over[0].message.threads, told[0].message.threads);
    // Ten have a message each.
    let mut house = House::new();
    assert_eq!(house.step(0, &many[..10]).len(), 10);
    // Ten more within the minute are too many.
    assert_eq!(causes(&house.step(10, &many[..20])), ["opened"]);
    // Over at the same time, twenty in eleven threads, in one message that names every thread.
    house.step(20, &[]);
    let over = house.step(320, &[]);
    assert_eq!((causes(&over), over[0].message.threads.len()), (vec!["resolved"], 11));
}

#[test]
fn an_outlet_learns_nothing_of_what_it_does_not_take() {
    let mut house = House::new();
    let team = Scope { group: "group-7".into(), ..Scope::everything() };
    house.watch.outlets.push(outlet("team", team));
    house.watch.outlets.push(Outlet { on: false, ..outlet("off", Scope::everything()) });
    house.watch.outlets.push(outlet("prod", Scope { environment: "production".into(), ..Scope::everything() }));
    let many: Vec<Standing> = (1..=37).map(|g| standing(g, "orders", Status::Stop, -900)).collect();
    let told = house.step(0, &many);
    assert_eq!(told.len(), 2);
    let team = told.iter().find(|m| m.to.0 == "team").unwrap();
    assert_eq!((team.message.alerts, team.message.about.as_str()), (1, "group-7"));
    assert!(!team.message.body.contains("group-8") && team.message.path.starts_with("/alerts/"));
    // Nobody takes it: told as soon as somebody does.
    let mut house = House::new();
    let outlets = std::mem::take(&mut house.watch.outlets);
    assert!(house.step(0, &many[..1]).is_empty());
    house.watch.outlets = outlets;
    assert_eq!(causes(&house.step(10, &many[..1])), ["opened"]);
    // Who was told that it began is told that it is over.
    house.watch.outlets[0].takes.page = false;
    house.step(20, &[]);
    assert_eq!(causes(&house.step(320, &[])), ["resolved"]);
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

fn statuses() -> impl Strategy<Value = Vec<Vec<u8>>> {
    // Steps of fifteen groups: fine, standing still, unknown, late and growing.
    prop::collection::vec(prop::collection::vec(0_u8..4, 15), 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Whatever groups do: each alert is told at most once as new, never as over before, and exactly once after; nobody gets
    /// more messages at once than is bearable; no two open alerts are about the same.
    #[test]
    fn everything_told_as_begun_is_told_as_over_once(steps in statuses(), gap in 5_i64..700) {
        let mut house = House::new();
        let mut begun: HashMap<String, u32> = HashMap::new();
        let mut over: HashMap<String, u32> = HashMap::new();
        let mut at = 0;
        let quiet: Vec<Vec<u8>> = vec![vec![0; 15]; 3];
        for (n, step) in steps.iter().chain(&quiet).enumerate() {
            at += if n >= steps.len() { 600 } else { gap };
            let all: Vec<Standing> = step.iter().enumerate().map(|(g, s)| {
                let g = i64::try_from(g).unwrap();
                let of = |status| standing(g, "orders", status, at - 700);
                match s {
                    0 => of(Status::Ok),
                    1 => of(Status::Stop),
                    2 => Standing { time_lag: TimeLag::Unknown { why: String::new() }, ..of(Status::Unknown) },
                    _ => Standing { time_lag: TimeLag::About { ms: 1_000_000 }, growing: true, ..of(Status::Warn) },
                }
            }).collect();
            let sent = house.step(at, &all);
            for cause in Cause::ALL {
                prop_assert!(sent.iter().filter(|m| m.message.cause == cause).count() <= MOST_AT_ONCE);
            }
            for m in &sent {
                for thread in &m.message.threads {
                    match m.message.cause {
                        Cause::Opened => *begun.entry(thread.clone()).or_default() += 1,
                        Cause::Resolved => {
                            prop_assert!(begun.contains_key(thread));
                            *over.entry(thread.clone()).or_default() += 1;
                        }
                        _ => prop_assert!(begun.contains_key(thread) && !over.contains_key(thread)),
                    }
                }
            }
            let mut keys: Vec<_> = house.watch.open.iter().map(|a| (a.kind, a.about().to_owned())).collect();
            keys.sort();
            let all = keys.len();
            keys.dedup();
            prop_assert_eq!(keys.len(), all);
        }
        prop_assert!(house.watch.open.is_empty());
        prop_assert_eq!(&begun, &over);
        prop_assert!(begun.values().all(|n| *n == 1));
    }
}
