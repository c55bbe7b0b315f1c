use crate::{
    fakes::{alert, alert_id, outlet},
    world::{NOW, PRODUCTION, SHOP, STAGING, World, anybody, caller},
};
use std::sync::atomic::Ordering;
use weir_domain::{
    AlertId, CaseError, OutletId, RuleId, Secret, WindowId,
    access::{Caller, Grant, Role},
    monitors::{
        Act, Alert, MailTls, OutletDraft, OutletField, OutletKind, RuleDraft, RuleKind, Scope, Severity, SnoozeFor,
        Takes, WindowDraft,
    },
};

fn operator(pattern: &str) -> Caller {
    caller(&[Role::Operator], &[Grant { channel_pattern: pattern.into(), ..Grant::everything() }])
}

fn slack(secrets: &[(OutletField, &str)]) -> OutletDraft {
    OutletDraft {
        name: "On call".into(),
        on: true,
        kind: OutletKind::Slack,
        takes: Takes { page: true, notify: true, scope: Scope::everything() },
        server: String::new(),
        tls: MailTls::StartTls,
        user: String::new(),
        from: String::new(),
        to: String::new(),
        secrets: secrets.iter().map(|(f, s)| (*f, Secret::new(*s))).collect(),
    }
}

fn rule(group: &str) -> RuleDraft {
    RuleDraft {
        kind: RuleKind::StandsStill,
        scope: Scope { group: group.into(), ..Scope::everything() },
        severity: Severity::Notify,
        on: true,
        limit_min: 30,
    }
}

fn window() -> WindowDraft {
    WindowDraft { scope: Scope::everything(), from: NOW, to: NOW.plus_secs(60), reason: "upgrade".into() }
}

#[tokio::test]
async fn an_alert_is_seen_by_the_channels_that_it_is_about() {
    let world = World::new();
    let cases = &world.cases.monitors;
    let all = cases.alerts(&anybody()).await.unwrap();
    assert_eq!((all.open.len(), all.hidden, all.outlets), (4, 0, 0));
    // The group of 100 reads orders.placed and payments.failed.
    let part = operator("payments.*");
    let some = cases.alerts(&part).await.unwrap();
    assert_eq!((some.open.len(), some.hidden), (2, 2));
    let both = cases.alert(&part, &alert_id(100)).await.unwrap().unwrap();
    let channels: Vec<_> = both.shown.alert.parts.iter().filter_map(|p| p.channel.as_deref()).collect();
    assert_eq!(channels, ["payments.failed"]);
    // Hidden is the same as absent, for looking and for acting.
    for id in [alert_id(110), AlertId("0193-none".into())] {
        assert_eq!(cases.alert(&part, &id).await.unwrap(), None);
        assert!(!cases.acknowledge(&part, &id, true).await.unwrap());
        assert_eq!(cases.snooze(&part, &id, SnoozeFor::OneHour).await.unwrap(), None);
    }
    assert_eq!(world.monitors.take_acted(), 0);
    let elsewhere = Caller { environment: Some(STAGING), ..anybody() };
    assert_eq!(cases.alerts(&elsewhere).await.unwrap().open.len(), 1);
    assert_eq!(cases.alert(&elsewhere, &alert_id(100)).await.unwrap(), None);
    let source =
        caller(&[Role::Viewer], &[Grant { source: Some(SHOP), environment: Some(PRODUCTION), ..Grant::everything() }]);
    let seen = cases.alerts(&source).await.unwrap();
    assert_eq!((seen.open.len(), seen.may_edit), (2, false));
}

/// What others may see takes no place of what is seen here, and what pages is never cut for what notifies.
#[tokio::test]
async fn a_long_list_is_cut_after_rights_were_looked_at_and_says_so() {
    let world = World::new();
    let of = |n: u32, channel: usize, severity| Alert {
        id: AlertId(format!("0193-more-{n}")),
        severity,
        opened_at: NOW.plus_secs(i64::from(n)),
        ..alert(channel)
    };
    let hidden = (0..700).map(|n| of(n, 2, Severity::Page));
    let seen = (1_000..1_600).map(|n| of(n, 0, Severity::Notify));
    // Somebody has it in hand: it comes before what notifies all the same.
    let act = Act { name: "Mara".into(), at: NOW };
    let page = Alert { acknowledged: Some(act), ..of(9_000, 0, Severity::Page) };
    let over = (2_000..2_501).map(|n| Alert { resolved_at: Some(NOW), ..of(n, 0, Severity::Page) });
    *world.monitors.more.lock().unwrap() = hidden.chain(seen).chain([page]).chain(over).collect();
    let list = world.cases.monitors.alerts(&operator("payments.*")).await.unwrap();
    let ids: Vec<_> = list.open.iter().map(|a| a.id.0.as_str()).collect();
    assert_eq!((list.open.len(), list.open_left_out), (500, 103));
    assert_eq!((list.recent.len(), list.recent_left_out), (500, 1));
    assert!(ids[..3].contains(&"0193-more-9000"), "{:?}", &ids[..3]);
    assert_eq!((ids[3], ids[499]), ("0193-more-1000", "0193-more-1496"), "the oldest first");
    assert_eq!(list.hidden, 702);
}

#[tokio::test]
async fn what_is_done_about_an_alert_is_told_by_whom() {
    let world = World::new();
    let cases = &world.cases.monitors;
    let part = operator("orders.placed");
    assert!(cases.acknowledge(&part, &alert_id(100), true).await.unwrap());
    assert!(cases.acknowledge(&part, &alert_id(100), false).await.unwrap());
    assert_eq!(
        cases.snooze(&part, &alert_id(100), SnoozeFor::OneHour).await.unwrap(),
        Some(Some(NOW.plus_secs(3_600)))
    );
    assert_eq!(cases.snooze(&part, &alert_id(100), SnoozeFor::End).await.unwrap(), Some(None));
    let past = cases.snooze(&part, &alert_id(100), SnoozeFor::Until(NOW)).await;
    assert!(matches!(past, Err(CaseError::Invalid { .. })), "{past:?}");
    let acts: Vec<_> = world.monitors.acts.lock().unwrap().iter().map(|(_, what)| *what).collect();
    assert_eq!(acts, ["in hand", "given back", "snoozed", "awake"]);
    let objects: Vec<_> = world.audit.take().into_iter().filter_map(|e| e.about.object).collect();
    assert!(objects.iter().all(|o| o.name.as_deref() == Some("group of 100") && o.source == Some(SHOP)));
}

/// Whoever sets for all groups who is told, or not told, has to see them all.
#[tokio::test]
async fn who_does_not_see_everything_sets_nothing_for_everybody() {
    let world = World::new();
    world.monitors.outlets.lock().unwrap().push(outlet("o", "ops"));
    let (cases, part) = (&world.cases.monitors, operator("orders.*"));
    let url = slack(&[(OutletField::Url, "https://hooks.example/s3cr3t")]);
    let (id, rule_id) = (OutletId("o".into()), RuleId("time_lag".into()));
    let refused = [
        cases.add_outlet(&part, &url).await.map(drop),
        cases.edit_outlet(&part, &id, 1, &url).await.map(drop),
        cases.remove_outlet(&part, &id).await.map(drop),
        cases.test_outlet(&part, &id).await.map(drop),
        cases.set_heartbeat(&part, &Secret::new("https://hc.example/x")).await,
        cases.set_rule(&part, None, rule("a")).await.map(drop),
        cases.remove_rule(&part, &rule_id).await.map(drop),
        cases.maintenance(&part, window()).await.map(drop),
        cases.end_maintenance(&part, &WindowId("w".into())).await.map(drop),
    ];
    for done in refused {
        assert!(matches!(done, Err(CaseError::NotAllowed { .. })), "{done:?}");
    }
    assert_eq!(world.monitors.take_acted(), 0);
    assert_eq!(world.audit.take().len(), 9);
    // Looking is fine: what an outlet is reached with is never shown.
    let shown = cases.outlets(&part).await.unwrap();
    assert!(!shown.may_edit && shown.outlets[0].outlet.secrets[0].1.bytes.is_empty());
}

#[tokio::test]
async fn secrets_of_outlets_are_sealed_kept_and_never_told() {
    let world = World::new();
    let (cases, me) = (&world.cases.monitors, anybody());
    let draft = slack(&[(OutletField::Url, "https://hooks.example/services/s3cr3t")]);
    let id = cases.add_outlet(&me, &draft).await.unwrap();
    let sealed = |n: usize| world.monitors.outlets.lock().unwrap()[n].secrets[0].1.bytes.clone();
    assert_eq!(sealed(0), format!("{}/url/https://hooks.example/services/s3cr3t", id.0).into_bytes());
    // Changed without one it stays; with one it goes.
    assert!(cases.edit_outlet(&me, &id, 1, &OutletDraft { name: "Ops".into(), ..slack(&[]) }).await.unwrap());
    assert!(String::from_utf8(sealed(0)).unwrap().ends_with("services/s3cr3t"));
    let other = slack(&[(OutletField::Url, "https://chat.example/0ther")]);
    assert!(cases.edit_outlet(&me, &id, 1, &other).await.unwrap());
    assert!(String::from_utf8(sealed(0)).unwrap().ends_with("0ther"));
    assert!(!cases.edit_outlet(&me, &OutletId("none".into()), 1, &other).await.unwrap());
    cases.set_heartbeat(&me, &Secret::new(" https://hc.example/p1ng ")).await.unwrap();
    assert_eq!(world.monitors.heartbeat.lock().unwrap().as_ref().unwrap().shown, "https://hc.example/…");
    assert!(matches!(cases.set_heartbeat(&me, &Secret::new("nonsense")).await, Err(CaseError::Invalid { .. })));
    let log = format!("{:?}", world.audit.take());
    for secret in ["s3cr3t", "0ther", "p1ng"] {
        assert!(!log.contains(secret), "{log}");
    }
    assert!(log.contains("https://hooks.example/…") && log.contains("(replaced)"), "{log}");
    cases.set_heartbeat(&me, &Secret::new("")).await.unwrap();
    assert!(world.monitors.heartbeat.lock().unwrap().is_none());
    // Without a key nothing with a secret is kept.
    world.monitors.keyless.store(true, Ordering::SeqCst);
    let why = cases.add_outlet(&me, &draft).await.unwrap_err();
    assert!(why.to_string().contains("no key to seal"), "{why}");
    assert!(cases.remove_outlet(&me, &id).await.unwrap());
    assert!(!cases.remove_outlet(&me, &id).await.unwrap());
}

#[tokio::test]
async fn a_test_is_sent_at_once_and_says_what_went_wrong() {
    let world = World::new();
    world.monitors.outlets.lock().unwrap().push(outlet("o", "ops"));
    let (cases, me, id) = (&world.cases.monitors, anybody(), OutletId("o".into()));
    assert_eq!(cases.test_outlet(&me, &id).await.unwrap(), Some(Ok(None)));
    let sent = world.monitors.sent.lock().unwrap().pop().unwrap();
    assert!(sent.1.body.contains("Mara Lindqvist tries this outlet out"), "{}", sent.1.body);
    world.monitors.deaf.store(true, Ordering::SeqCst);
    let failed = cases.test_outlet(&me, &id).await.unwrap().unwrap().unwrap_err();
    assert_eq!(failed.to_string(), "hooks.example answered 500.");
    assert_eq!(cases.test_outlet(&me, &OutletId("none".into())).await.unwrap(), None);
}

#[tokio::test]
async fn rules_change_and_go_back_to_how_they_came() {
    let world = World::new();
    let (cases, me) = (&world.cases.monitors, anybody());
    let built_in = RuleId("stands_still".into());
    cases.set_rule(&me, Some(&built_in), RuleDraft { on: false, ..rule("*") }).await.unwrap();
    let own = cases.set_rule(&me, None, rule("billing-*")).await.unwrap();
    let list = cases.list(&me).await.unwrap();
    assert_eq!(list.rules.len(), 5);
    assert!(list.rules.iter().any(|r| r.id == built_in && !r.on && r.changed));
    // Another kind, or one that is not there.
    let other = RuleDraft { kind: RuleKind::TimeLag, ..rule("billing-*") };
    assert!(matches!(cases.set_rule(&me, Some(&own), other).await, Err(CaseError::Invalid { .. })));
    let gone = cases.set_rule(&me, Some(&RuleId("none".into())), rule("a")).await;
    assert!(matches!(gone, Err(CaseError::Conflict { .. })), "{gone:?}");
    assert!(cases.remove_rule(&me, &built_in).await.unwrap());
    assert!(!cases.remove_rule(&me, &built_in).await.unwrap());
    assert!(cases.list(&me).await.unwrap().rules.iter().any(|r| r.id == built_in && r.on && !r.changed));
    let id = cases.maintenance(&me, window()).await.unwrap();
    assert_eq!(cases.list(&me).await.unwrap().windows[0].made_name, "Mara Lindqvist");
    assert!(cases.end_maintenance(&me, &id).await.unwrap());
    assert!(!cases.end_maintenance(&me, &id).await.unwrap());
}
