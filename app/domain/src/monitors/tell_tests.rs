//! Which messages come of it, and to whom.

use super::*;

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

/// Six page and seven notify, all at once. PagerDuty takes pages only, and the pages end first.
#[test]
fn an_outlet_that_takes_a_part_of_many_is_told_when_that_part_is_over() {
    let mut house = House::new();
    let takes = Takes { page: true, notify: false, scope: Scope::everything() };
    let settings = OutletSettings::PagerDuty { endpoint: "https://events.example/".into() };
    house.watch.outlets.push(Outlet { takes, settings, ..outlet("pager", Scope::everything()) });
    let stop: Vec<Standing> = (1..=6).map(|g| standing(g, "orders", Status::Stop, -900)).collect();
    let late = (11..=17).map(|g| Standing {
        time_lag: TimeLag::About { ms: 1_000_000 },
        growing: true,
        ..standing(g, "orders", Status::Warn, 0)
    });
    let late: Vec<Standing> = late.collect();
    let told = house.step(0, &[stop.as_slice(), &late].concat());
    let of = |sent: &[Outgoing], to: &str| -> Vec<Outgoing> { sent.iter().filter(|m| m.to.0 == to).cloned().collect() };
    let (ops, pager) = (of(&told, "ops"), of(&told, "pager"));
    assert_eq!((causes(&ops), ops[0].message.alerts), (vec!["opened"], 13));
    // Of the six nobody makes one, and they hang together with nothing that it does not take.
    assert_eq!((causes(&pager), pager.iter().all(|m| m.message.alerts == 1)), (vec!["opened"; 6], true));
    assert!(pager.iter().all(|m| m.message.threads != ops[0].message.threads));
    house.step(10, &late);
    let over = house.step(310, &late);
    assert!(of(&over, "ops").is_empty(), "seven of them stand");
    let mut ended: Vec<_> = of(&over, "pager").iter().flat_map(|m| m.message.threads.clone()).collect();
    let mut begun: Vec<_> = pager.iter().flat_map(|m| m.message.threads.clone()).collect();
    ended.sort();
    begun.sort();
    assert_eq!(ended, begun);
    house.step(320, &[]);
    let over = house.step(620, &[]);
    assert_eq!((over.len(), &over[0].message.threads), (1, &ops[0].message.threads));
    assert!(house.watch.open.is_empty() && house.watch.told.is_empty());
}

/// A receiver that keeps an incident for each thread gets an event for each.
#[test]
fn pager_duty_is_told_thread_by_thread() {
    let mut house = House::new();
    let settings = OutletSettings::PagerDuty { endpoint: "https://events.example/".into() };
    house.watch.outlets = vec![Outlet { settings, ..outlet("pager", Scope::everything()) }];
    let many: Vec<Standing> = (1..=25).map(|g| standing(g, "orders", Status::Stop, -900)).collect();
    for n in 0..3 {
        assert_eq!(house.step(n * 100, &many[..=usize::try_from(n).unwrap() * 8]).len(), if n == 0 { 1 } else { 8 });
    }
    house.step(400, &[]);
    let over = house.step(700, &[]);
    assert_eq!(causes(&over), vec!["resolved"; 17]);
    assert!(over.iter().all(|m| m.message.threads.len() == 1 && m.alerts.len() == 1));
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
