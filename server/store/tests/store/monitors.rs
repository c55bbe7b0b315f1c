use crate::common::{World, now, psql, system, view, world};
use weir_domain::{
    AlertId, GroupId, OutletId, PersonId, RuleId, Timestamp, WindowId,
    monitors::{
        Act, Alert, AlertState, Alerting as _, AlertsAsked, Attempt, Cause, Changes, DeliveryState, Message,
        Monitors as _, Outgoing, Outlet, OutletField, OutletSettings, Part, Refused, Rule, RuleKind, Scope, Severity,
        Takes, Told, Watched as _, Window,
    },
    sources::Sealed,
};

pub fn person() -> PersonId {
    PersonId("0193e7a2-4c1b-7d52-a0f3-000000000001".into())
}

pub fn uuid(n: u32) -> String {
    format!("0193e7a2-4c1b-7d52-a0f3-{n:012}")
}

pub fn outlet(n: u32, name: &str) -> Outlet {
    Outlet {
        id: OutletId(uuid(n)),
        name: name.into(),
        on: true,
        takes: Takes { page: true, notify: false, scope: Scope::everything() },
        settings: OutletSettings::Slack { shown: "https://hooks.example/…".into() },
        secrets: vec![(OutletField::Url, Sealed { key_id: "k".into(), bytes: vec![1, 2, 3] })],
        version: 1,
    }
}

pub fn alert(w: &World, n: u32, group: i64) -> Alert {
    Alert {
        id: AlertId(uuid(n)),
        kind: RuleKind::StandsStill,
        rule: RuleId("stands_still".into()),
        severity: Severity::Page,
        state: AlertState::Stop,
        source: w.source,
        source_name: "shop".into(),
        environment: weir_domain::EnvironmentId(1),
        environment_name: "production".into(),
        group: Some((GroupId(group), format!("group-{group}"))),
        parts: vec![Part {
            channel: Some("order.placed".into()),
            reason: "STOP \0 for 10 min".into(),
            forecast: None,
            loss: None,
            lag: Some(7),
        }],
        owner: Some("team".into()),
        broker: "Its broker is healthy.".into(),
        opened_at: now(),
        seen_at: now(),
        clear_since: None,
        resolved_at: None,
        told_at: Some(now()),
        told_state: Some(AlertState::Stop),
        acknowledged: None,
        snoozed: None,
        snoozed_until: None,
    }
}

pub fn outgoing(alert: &Alert, to: u32, cause: Cause) -> Outgoing {
    let message = Message {
        cause,
        severity: alert.severity,
        threads: vec![alert.id.0.clone()],
        title: alert.title(),
        body: "b".into(),
        fields: vec![("State".into(), "STOP".into())],
        path: alert.path(),
        about: alert.about().into(),
        source: "shop".into(),
        environment: "production".into(),
        alerts: 1,
        at: now(),
    };
    Outgoing { message, to: OutletId(uuid(to)), alerts: vec![(alert.id.clone(), alert.id.0.clone())] }
}

/// An outlet was told of an alert, in this thread.
pub fn told(alert: &Alert, outlet: u32, thread: u32) -> Told {
    Told { alert: alert.id.clone(), outlet: OutletId(uuid(outlet)), thread: uuid(thread) }
}

pub const ARRIVED: Attempt<'static> = Attempt::Arrived(None);

pub fn again(why: &str, secs: i64) -> Attempt<'_> {
    Attempt::Failed { why, next: Some(at(secs)) }
}

pub fn at(secs: i64) -> Timestamp {
    now().plus_secs(secs)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_judged_is_kept_with_its_messages_once() {
    let w = world().await;
    let (see, sys) = (view(&w.store).await, system());
    w.store.add_outlet(&see, &outlet(1, "ops"), (&person(), now()), 9).await.unwrap().unwrap();
    let first = alert(&w, 10, 1);
    let watch = w.store.watch(&sys, now()).await.unwrap();
    assert_eq!((watch.rules.len(), watch.open.len(), watch.outlets.len()), (4, 0, 1));
    let changes = Changes {
        opened: vec![first.clone()],
        changed: Vec::new(),
        messages: vec![outgoing(&first, 1, Cause::Opened)],
    };
    assert!(w.store.keep(&sys, watch.revision, &changes, now()).await.unwrap());
    // Who judged the same meanwhile keeps nothing.
    assert!(!w.store.keep(&sys, watch.revision, &changes, now()).await.unwrap());
    let watch = w.store.watch(&sys, now()).await.unwrap();
    assert_eq!(watch.open, std::slice::from_ref(&first));
    assert_eq!(watch.told, [told(&first, 1, 10)]);
    // Not even knowing of it: there is one open alert about one thing.
    let again = Changes { opened: vec![Alert { id: AlertId(uuid(11)), ..first.clone() }], ..Changes::default() };
    assert!(!w.store.keep(&sys, watch.revision, &again, now()).await.unwrap());
    assert_eq!(w.store.watch(&sys, now()).await.unwrap().open.len(), 1);

    // What people do stays, whatever the engine writes of it.
    let act = Act { name: "Mara".into(), at: at(5) };
    w.store.acknowledge(&see, &first.id, Some(&act)).await.unwrap().unwrap();
    w.store.snooze(&see, &first.id, &act, Some(at(3_600))).await.unwrap().unwrap();
    let worse = Alert { state: AlertState::Stall, seen_at: at(60), clear_since: Some(at(60)), ..first.clone() };
    let changes = Changes { changed: vec![worse], ..Changes::default() };
    assert!(w.store.keep(&sys, watch.revision, &changes, at(60)).await.unwrap());
    let shown = w.store.alert(&see, &first.id).await.unwrap().unwrap();
    assert_eq!((shown.alert.acknowledged.clone(), shown.alert.snoozed.clone()), (Some(act.clone()), Some(act.clone())));
    assert_eq!((shown.alert.state, shown.alert.clear_since), (AlertState::Stall, Some(at(60))));
    assert_eq!((shown.deliveries.len(), shown.deliveries[0].outlet_name.as_str()), (1, "ops"));

    // Over: nobody acts on it any more, and a new one may be raised.
    let over = Alert { resolved_at: Some(at(400)), ..shown.alert };
    let revision = w.store.watch(&sys, now()).await.unwrap().revision;
    let changes = Changes { changed: vec![over], opened: Vec::new(), messages: Vec::new() };
    assert!(w.store.keep(&sys, revision, &changes, at(400)).await.unwrap());
    assert_eq!(w.store.acknowledge(&see, &first.id, None).await.unwrap(), Err(Refused::Over));
    assert_eq!(w.store.acknowledge(&see, &AlertId(uuid(99)), None).await.unwrap(), Err(Refused::Absent));
    assert_eq!(w.store.acknowledge(&see, &AlertId("x".into()), None).await.unwrap(), Err(Refused::Absent));
    let revision = w.store.watch(&sys, now()).await.unwrap().revision;
    let anew = Changes { opened: vec![Alert { id: AlertId(uuid(12)), ..alert(&w, 12, 1) }], ..Changes::default() };
    assert!(w.store.keep(&sys, revision, &anew, at(500)).await.unwrap());
    let listed = async |over_since| {
        let all = w.store.alerts(&see, &AlertsAsked { over_since }).await.unwrap();
        all.into_iter().map(|a| a.id.0).collect::<Vec<_>>()
    };
    assert_eq!(listed(None).await, [uuid(12)]);
    assert_eq!(listed(Some(at(399))).await, [uuid(12), uuid(10)]);
    assert_eq!(listed(Some(at(400))).await, [uuid(12)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_handed_out_in_order_until_they_arrive() {
    let w = world().await;
    let (see, sys) = (view(&w.store).await, system());
    for (n, name) in [(1, "ops"), (2, "team")] {
        w.store.add_outlet(&see, &outlet(n, name), (&person(), now()), 9).await.unwrap().unwrap();
    }
    let (a, b) = (alert(&w, 10, 1), alert(&w, 11, 2));
    let changes = Changes {
        opened: vec![a.clone(), b.clone()],
        changed: Vec::new(),
        messages: vec![
            outgoing(&a, 1, Cause::Opened),
            outgoing(&a, 1, Cause::Resolved),
            outgoing(&b, 1, Cause::Opened),
            outgoing(&a, 2, Cause::Opened),
            // Its outlet is gone.
            outgoing(&a, 3, Cause::Opened),
        ],
    };
    assert!(w.store.keep(&sys, 0, &changes, now()).await.unwrap());
    let due = async |secs| w.store.due(&sys, at(secs), 100).await.unwrap();
    let first = due(0).await;
    assert_eq!(first.len(), 3, "nothing is over before it was told");
    assert!(first.iter().all(|d| d.message.cause == Cause::Opened && d.attempts == 0));
    assert_eq!(first[0].outlet.secrets, outlet(1, "ops").secrets);
    assert_eq!(first[0].message, changes.messages[0].message);
    // One fails, one arrives, one is given up.
    w.store.attempted(&sys, &first[1].id, ARRIVED, at(1)).await.unwrap();
    w.store.attempted(&sys, &first[0].id, again("it said 500", 10), at(1)).await.unwrap();
    let never = Attempt::Failed { why: "no such host", next: None };
    w.store.attempted(&sys, &first[2].id, never, at(1)).await.unwrap();
    assert!(due(9).await.is_empty());
    let outlets = w.store.outlets(&see, at(2)).await.unwrap();
    let (ops, team) = (&outlets[0], &outlets[1]);
    assert_eq!((ops.waiting, ops.failing, ops.given_up, ops.delivered_at), (2, 1, 0, Some(at(1))));
    assert_eq!((team.waiting, team.given_up, team.error.as_deref()), (0, 1, Some("no such host")));
    let second = due(10).await;
    assert_eq!((second.len(), second[0].attempts, second[0].id.as_str()), (1, 1, first[0].id.as_str()));
    w.store.attempted(&sys, &second[0].id, ARRIVED, at(11)).await.unwrap();
    let last = due(11).await;
    assert_eq!((last.len(), last[0].message.cause), (1, Cause::Resolved));
    let states: Vec<_> =
        w.store.alert(&see, &a.id).await.unwrap().unwrap().deliveries.iter().map(|d| d.state).collect();
    assert_eq!(states, [DeliveryState::GivenUp, DeliveryState::Waiting, DeliveryState::Delivered]);
    // An outlet that is off is left alone, and one that is changed is tried at once.
    w.store.attempted(&sys, &last[0].id, again("refused", 3_600), at(12)).await.unwrap();
    let off = Outlet { on: false, ..outlet(1, "ops") };
    w.store.change_outlet(&see, &off, (&person(), at(13))).await.unwrap().unwrap();
    assert!(due(14).await.is_empty());
    let on = Outlet { version: 2, ..outlet(1, "ops") };
    w.store.change_outlet(&see, &on, (&person(), at(14))).await.unwrap().unwrap();
    assert_eq!(due(14).await.len(), 1);
    // Removed, it gives up what waits for it, and what was sent is still told.
    assert!(w.store.remove_outlet(&see, &OutletId(uuid(1)), at(15)).await.unwrap());
    assert!(!w.store.remove_outlet(&see, &OutletId(uuid(1)), at(15)).await.unwrap());
    assert!(due(20).await.is_empty());
    let shown = w.store.alert(&see, &a.id).await.unwrap().unwrap();
    assert_eq!(shown.deliveries.len(), 3);
    assert!(shown.deliveries.iter().any(|d| d.outlet.is_none() && d.outlet_name == "ops"));
    assert_eq!(psql(&w.url, "select count(*) from outlet_secret").await, "1");
}

/// One that does not answer takes nobody's place.
#[tokio::test(flavor = "multi_thread")]
async fn many_of_one_outlet_leave_room_for_another() {
    let w = world().await;
    let (see, sys) = (view(&w.store).await, system());
    for (n, name) in [(1, "dead"), (2, "well")] {
        w.store.add_outlet(&see, &outlet(n, name), (&person(), now()), 9).await.unwrap().unwrap();
    }
    let all: Vec<Alert> = (0..60).map(|n| alert(&w, 100 + n, i64::from(n))).collect();
    let mut messages: Vec<_> = all.iter().map(|a| outgoing(a, 1, Cause::Opened)).collect();
    messages.push(outgoing(&all[0], 2, Cause::Opened));
    let changes = Changes { opened: all, changed: Vec::new(), messages };
    assert!(w.store.keep(&sys, 0, &changes, now()).await.unwrap());
    let due = w.store.due(&sys, now(), 20).await.unwrap();
    let of = |name: &str| due.iter().filter(|d| d.outlet.name == name).count();
    assert_eq!((of("dead"), of("well")), (10, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_windows_and_outlets_are_bounded_and_read_back() {
    let w = world().await;
    let see = view(&w.store).await;
    let by = (&person(), now());
    let rule = |id: &str, limit_min| Rule {
        id: RuleId(id.into()),
        scope: Scope { group: "billing-*".into(), ..Scope::everything() },
        limit_min,
        on: false,
        changed: true,
        ..RuleKind::TimeLag.default_rule()
    };
    let put = async |rule: Rule| w.store.put_rule(&see, &rule, by, 2).await.unwrap();
    put(rule(&uuid(1), 30)).await.unwrap();
    put(rule(&uuid(2), 40)).await.unwrap();
    assert_eq!(put(rule(&uuid(3), 50)).await, Err(Refused::TooMany));
    put(rule(&uuid(1), 60)).await.unwrap();
    assert_eq!(w.store.rules(&see).await.unwrap(), [rule(&uuid(1), 60), rule(&uuid(2), 40)]);
    assert!(w.store.remove_rule(&see, &RuleId(uuid(1))).await.unwrap());
    assert!(!w.store.remove_rule(&see, &RuleId(uuid(1))).await.unwrap());

    let window = |n, from, to| Window {
        id: WindowId(uuid(n)),
        scope: Scope::everything(),
        from: at(from),
        to: at(to),
        reason: "upgrade".into(),
        made_name: "Mara".into(),
    };
    w.store.add_window(&see, &window(1, -20, -10), now(), 2).await.unwrap().unwrap();
    w.store.add_window(&see, &window(2, 0, 100), now(), 2).await.unwrap().unwrap();
    w.store.add_window(&see, &window(3, -5, 50), now(), 2).await.unwrap().unwrap();
    assert_eq!(w.store.add_window(&see, &window(4, 0, 9), now(), 2).await.unwrap(), Err(Refused::TooMany));
    let ids = async |secs| {
        let all = w.store.windows(&see, at(secs)).await.unwrap();
        all.into_iter().map(|w| w.id.0).collect::<Vec<_>>()
    };
    assert_eq!(ids(0).await, [uuid(3), uuid(2), uuid(1)]);
    assert!(w.store.end_window(&see, &WindowId(uuid(3)), at(1)).await.unwrap());
    assert!(!w.store.end_window(&see, &WindowId(uuid(3)), at(1)).await.unwrap());
    assert_eq!(ids(1).await, [uuid(2), uuid(3), uuid(1)]);

    let add = async |o: Outlet| w.store.add_outlet(&see, &o, by, 2).await.unwrap();
    add(outlet(1, "ops")).await.unwrap();
    assert_eq!(add(outlet(2, "ops")).await, Err(Refused::NameTaken));
    add(outlet(2, "Team")).await.unwrap();
    assert_eq!(add(outlet(3, "x")).await, Err(Refused::TooMany));
    let change = async |o: Outlet| w.store.change_outlet(&see, &o, by).await.unwrap();
    assert_eq!(change(Outlet { version: 7, ..outlet(1, "ops") }).await, Err(Refused::Changed));
    assert_eq!(change(outlet(1, "Team")).await, Err(Refused::NameTaken));
    assert_eq!(change(outlet(9, "y")).await, Err(Refused::Absent));
    let secrets = vec![(OutletField::Url, Sealed { key_id: "k2".into(), bytes: vec![9] })];
    change(Outlet { secrets: secrets.clone(), ..outlet(1, "ops") }).await.unwrap();
    let all = w.store.outlets(&see, now()).await.unwrap();
    assert_eq!((all.len(), all[0].outlet.version, &all[0].outlet.secrets), (2, 2, &secrets));

    let sealed = Sealed { key_id: "k".into(), bytes: vec![5] };
    assert_eq!(w.store.heartbeat(&see).await.unwrap(), None);
    w.store.set_heartbeat(&see, Some(("https://hc.example/…", &sealed))).await.unwrap();
    w.store.called(&system(), at(60), Some("it said 404")).await.unwrap();
    let beat = w.store.heartbeat_for_engine(&system()).await.unwrap().unwrap();
    assert_eq!((beat.shown.as_str(), beat.called_at), ("https://hc.example/…", Some(at(60))));
    assert_eq!(beat.address, sealed);
    assert_eq!(beat.error.as_deref(), Some("it said 404"));
    // Sealed anew where it still is as it was.
    let anew = Sealed { key_id: "k3".into(), bytes: vec![6] };
    let reseal = async |of, old: &Sealed| w.store.reseal_outlet(&system(), of, old, &anew).await.unwrap();
    assert!(reseal(None, &sealed).await && !reseal(None, &sealed).await);
    let ops = OutletId(uuid(1));
    assert!(!reseal(Some((&ops, OutletField::Url)), &sealed).await);
    assert!(reseal(Some((&ops, OutletField::Url)), &secrets[0].1).await);
    assert_eq!(w.store.outlets(&see, now()).await.unwrap()[0].outlet.secrets[0].1, anew);
    w.store.set_heartbeat(&see, None).await.unwrap();
    assert_eq!(w.store.heartbeat(&see).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_long_over_is_forgotten_and_what_waits_too_long_given_up() {
    let w = world().await;
    let (see, sys) = (view(&w.store).await, system());
    w.store.add_outlet(&see, &outlet(1, "ops"), (&person(), now()), 9).await.unwrap().unwrap();
    let (a, b) = (alert(&w, 10, 1), alert(&w, 11, 2));
    let messages =
        vec![outgoing(&b, 1, Cause::Opened), outgoing(&a, 1, Cause::Opened), outgoing(&a, 1, Cause::Resolved)];
    let changes = Changes { opened: vec![a.clone(), b.clone()], changed: Vec::new(), messages };
    assert!(w.store.keep(&sys, 0, &changes, now()).await.unwrap());
    for due in w.store.due(&sys, now(), 9).await.unwrap() {
        w.store.attempted(&sys, &due.id, ARRIVED, now()).await.unwrap();
    }
    let over = Changes { changed: vec![Alert { resolved_at: Some(at(60)), ..a.clone() }], ..Changes::default() };
    assert!(w.store.keep(&sys, 1, &over, at(60)).await.unwrap());
    assert_eq!(w.store.forget_alerts(&sys, at(86_400)).await.unwrap(), 0);
    assert_eq!(w.store.forget_alerts(&sys, at(86_400 + 3_700)).await.unwrap(), 1);
    let shown = w.store.alert(&see, &a.id).await.unwrap().unwrap();
    assert_eq!(shown.deliveries[0].state, DeliveryState::GivenUp);
    assert_eq!(w.store.forget_alerts(&sys, at(31 * 86_400)).await.unwrap(), 2);
    assert!(w.store.alert(&see, &a.id).await.unwrap().unwrap().deliveries.is_empty());
    // Whom to tell that an open one is over is not forgotten.
    assert_eq!(w.store.watch(&sys, at(31 * 86_400)).await.unwrap().told, [told(&b, 1, 11)]);
    assert_eq!(w.store.forget_alerts(&sys, at(91 * 86_400)).await.unwrap(), 1);
    assert!(w.store.alert(&see, &a.id).await.unwrap().is_none());
    assert!(w.store.alert(&see, &b.id).await.unwrap().is_some(), "an open one stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn how_sources_and_taps_stand_is_seen() {
    use weir_domain::lag::LagLog as _;
    let w = world().await;
    let set = format!(
        "update source set state = 'up', since = now() - interval '1 hour', reported_at = now() where id = {};
         insert into partition_cursor (partition_id, next_position, end_position) values ({p}, 5, 12)
         on conflict (partition_id) do update set next_position = 5, end_position = 12",
        w.source,
        p = w.partition
    );
    psql(&w.url, &set).await;
    // Nobody is meant to read it: no policy includes its channel. So it is not behind, whatever the broker has of it.
    psql(&w.url, "delete from partition_lease").await;
    assert!(w.store.sources(&system()).await.unwrap()[0].behind.is_empty());
    let lease = format!("insert into partition_lease (partition_id, source_id) values ({}, {})", w.partition, w.source);
    psql(&w.url, &lease).await;
    let all = w.store.sources(&system()).await.unwrap();
    let shop = &all[0];
    assert_eq!((shop.has_groups, shop.lag_observed_at, shop.lag_failed.as_deref()), (true, None, None));
    assert_eq!((shop.name.as_str(), shop.environment_name.as_str(), shop.wanted), ("shop", "production", true));
    assert!(shop.reported_at.is_some() && shop.since.is_some());
    assert_eq!((shop.behind.len(), shop.behind[0].partition, shop.behind[0].end.0), (1, w.partition, 12));
    w.store.not_observed(w.source, "it may not list groups", at(5)).await.unwrap();
    psql(&w.url, "update lag_source set observed_at = '2026-11-22T13:20:00Z'").await;
    let shop = w.store.sources(&system()).await.unwrap().remove(0);
    assert_eq!(shop.lag_failed.as_deref(), Some("it may not list groups"));
    assert_eq!(shop.lag_observed_at, Some(Timestamp(1_795_353_600_000_000)));
    for quiet in ["paused = true", "paused = false, orphan = true", "orphan = false, capture = 'off'"] {
        psql(&w.url, &format!("update source set {quiet}")).await;
        assert!(!w.store.sources(&system()).await.unwrap()[0].wanted, "{quiet}");
    }
    psql(&w.url, "update source set capture = 'full'; update partition_cursor set next_position = 12").await;
    assert!(w.store.sources(&system()).await.unwrap()[0].behind.is_empty());
}

/// The rules look at what the slice `lag` observed.
#[tokio::test(flavor = "multi_thread")]
async fn groups_are_looked_at_as_they_were_observed() {
    use weir_domain::lag::{Forecast, GroupKind, GroupState, Standing, Status, TimeLag, Verdict};
    let w = world().await;
    let standing = Standing {
        group: GroupId(1),
        name: "billing".into(),
        kind: GroupKind::Classic,
        state: GroupState::Empty,
        environment: weir_domain::EnvironmentId(1),
        source: w.source,
        source_name: "shop".into(),
        channel: "order.placed".into(),
        verdict: Verdict { status: Status::Stop, rule: "stop".into(), reason: "nobody reads".into() },
        since: now(),
        partitions: 1,
        unknown_partitions: 0,
        active_members: 0,
        members: 0,
        lag: Some(7),
        committed_lag: Some(7),
        time_lag: TimeLag::None,
        in_per_s: None,
        out_per_s: None,
        growing: false,
        forecast: Forecast::StaysLevel,
        loss: None,
        positions_expire: None,
        alarms: true,
        owner: None,
        observed_at: now(),
    };
    let sql = format!(
        "insert into consumer_group (source_id, name, kind, first_seen, last_seen, owner)
         values ({}, 'billing', 'classic', now(), now(), 'team-billing');
         insert into group_channel (group_id, channel, standing) select id, 'order.placed', '{}' from consumer_group",
        w.source,
        serde_json::to_string(&standing).unwrap()
    );
    psql(&w.url, &sql).await;
    let all = w.store.standings(&system(), now()).await.unwrap();
    let [seen] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((seen.verdict.status, seen.owner.as_deref()), (Status::Stop, Some("team-billing")));
}
