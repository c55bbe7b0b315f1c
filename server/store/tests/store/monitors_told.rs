//! Whom the store says was told, what is too late to be told, and how alerts are listed.

use super::monitors::{ARRIVED, again, alert, at, outgoing, outlet, person, told, uuid};
use crate::common::{now, psql, system, view, world};
use weir_domain::{
    AlertId, EnvironmentId, OutletId, Timestamp,
    monitors::{
        Alert, Alerting as _, AlertsAsked, Attempt, Cause, Changes, DeliveryState, Monitors as _, Outgoing, Outlet,
        OutletSettings, Severity,
    },
};

/// In a thread of the outlet's own.
fn in_thread(mut of: Outgoing, thread: u32) -> Outgoing {
    of.message.threads = vec![uuid(thread)];
    of.alerts.iter_mut().for_each(|(_, t)| *t = uuid(thread));
    of
}

fn over(alert: &Alert, secs: i64) -> Alert {
    Alert { resolved_at: Some(at(secs)), ..alert.clone() }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_outlet_has_threads_of_its_own() {
    let w = world().await;
    let (see, sys) = (view(&w.store).await, system());
    for (n, name) in [(1, "ops"), (2, "team")] {
        w.store.add_outlet(&see, &outlet(n, name), (&person(), now()), 9).await.unwrap().unwrap();
    }
    let (a, b) = (alert(&w, 10, 1), alert(&w, 11, 2));
    let both = in_thread(outgoing(&a, 1, Cause::Opened), 77);
    let both = Outgoing { alerts: vec![(a.id.clone(), uuid(77)), (b.id.clone(), uuid(77))], ..both };
    let changes = Changes {
        opened: vec![a.clone(), b.clone()],
        changed: Vec::new(),
        messages: vec![both, outgoing(&b, 2, Cause::Opened)],
    };
    assert!(w.store.keep(&sys, 0, &changes, now()).await.unwrap());
    let known = async || w.store.watch(&sys, now()).await.unwrap().told;
    assert_eq!(known().await, [told(&a, 1, 77), told(&b, 1, 77), told(&b, 2, 11)]);
    // It is told again, and stays in the thread it began in.
    let again = in_thread(outgoing(&b, 2, Cause::Repeated), 78);
    assert!(w.store.keep(&sys, 1, &Changes { messages: vec![again], ..Changes::default() }, at(9)).await.unwrap());
    assert_eq!(known().await, [told(&a, 1, 77), told(&b, 1, 77), told(&b, 2, 11)]);
    // Only of open ones.
    assert!(
        w.store.keep(&sys, 2, &Changes { changed: vec![over(&a, 60)], ..Changes::default() }, at(60)).await.unwrap()
    );
    assert_eq!(known().await, [told(&b, 1, 77), told(&b, 2, 11)]);
    // A program of before had one for all outlets, with the alert.
    psql(&w.url, &format!("update delivery_alert set thread = null; update alert set thread = '{}'", uuid(55))).await;
    assert_eq!(known().await, [told(&b, 1, 55), told(&b, 2, 55)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_before_it_was_sent_is_given_up_with_its_end() {
    let w = world().await;
    let (see, sys) = (view(&w.store).await, system());
    let pager = OutletSettings::PagerDuty { endpoint: "https://events.example/".into() };
    for outlet in [outlet(1, "away"), outlet(2, "well"), Outlet { settings: pager, ..outlet(3, "pager") }] {
        w.store.add_outlet(&see, &outlet, (&person(), now()), 9).await.unwrap().unwrap();
    }
    let (a, b) = (alert(&w, 10, 1), alert(&w, 11, 2));
    let mut messages: Vec<_> = (1..=3).map(|to| outgoing(&a, to, Cause::Opened)).collect();
    // About both, of which one stands.
    let both = in_thread(outgoing(&b, 1, Cause::Opened), 77);
    messages.push(Outgoing { alerts: vec![(a.id.clone(), uuid(77)), (b.id.clone(), uuid(77))], ..both });
    let changes = Changes { opened: vec![a.clone(), b.clone()], changed: Vec::new(), messages };
    assert!(w.store.keep(&sys, 0, &changes, now()).await.unwrap());
    let due = w.store.due(&sys, now(), 9).await.unwrap();
    let of = |to: u32| due.iter().find(|d| d.outlet.id == OutletId(uuid(to))).unwrap().id.clone();
    w.store.attempted(&sys, &of(1), again("it said 500", 10), at(1)).await.unwrap();
    w.store.attempted(&sys, &of(2), ARRIVED, at(1)).await.unwrap();
    w.store.attempted(&sys, &of(3), again("it did not answer", 10), at(1)).await.unwrap();
    let worse = vec![outgoing(&a, 1, Cause::Worse), outgoing(&a, 2, Cause::Repeated)];
    assert!(w.store.keep(&sys, 1, &Changes { messages: worse, ..Changes::default() }, at(2)).await.unwrap());
    let ends = Changes {
        changed: vec![over(&a, 60)],
        messages: (1..=3).map(|to| outgoing(&a, to, Cause::Resolved)).collect(),
        ..Changes::default()
    };
    assert!(w.store.keep(&sys, 2, &ends, at(60)).await.unwrap());
    let states = async |outlet: &str| {
        let all = w.store.alert(&see, &a.id).await.unwrap().unwrap().deliveries;
        let of = all.into_iter().rev().filter(|d| d.outlet_name == outlet);
        of.map(|d| (d.cause, d.state, d.error)).collect::<Vec<_>>()
    };
    let late = Some("It was over before it could be sent.".to_owned());
    let tried = |said: &str| Some(format!("It was over before it could be sent. The last attempt: {said}"));
    assert_eq!(
        states("away").await,
        [
            (Cause::Opened, DeliveryState::GivenUp, tried("it said 500")),
            // One of the two that it is about stands.
            (Cause::Opened, DeliveryState::Waiting, None),
            (Cause::Worse, DeliveryState::GivenUp, late.clone()),
            (Cause::Resolved, DeliveryState::Waiting, None),
        ]
    );
    // It heard that it began, and not that it went on.
    assert_eq!(
        states("well").await,
        [
            (Cause::Opened, DeliveryState::Delivered, None),
            (Cause::Repeated, DeliveryState::GivenUp, late.clone()),
            (Cause::Resolved, DeliveryState::Waiting, None),
        ]
    );
    // An attempt that seemed to fail may have begun an incident: its end is sent in any case.
    assert_eq!(
        states("pager").await,
        [
            (Cause::Opened, DeliveryState::GivenUp, tried("it did not answer")),
            (Cause::Resolved, DeliveryState::Waiting, None)
        ]
    );
    // The other one ends too: nothing was ever heard of either.
    let ends = Changes {
        changed: vec![over(&b, 90)],
        messages: vec![in_thread(outgoing(&b, 1, Cause::Resolved), 77)],
        ..Changes::default()
    };
    assert!(w.store.keep(&sys, 3, &ends, at(90)).await.unwrap());
    let of_b = async || {
        let all = w.store.alert(&see, &b.id).await.unwrap().unwrap().deliveries;
        all.into_iter().rev().map(|d| (d.id, d.state, d.error)).collect::<Vec<_>>()
    };
    let ended = of_b().await;
    assert!(ended.len() == 2 && ended.iter().all(|(_, s, e)| *s == DeliveryState::GivenUp && *e == late), "{ended:?}");
    // It was just being sent, and arrived after all: then its end is told.
    w.store.attempted(&sys, &ended[0].0, ARRIVED, at(91)).await.unwrap();
    let ended = of_b().await;
    assert_eq!(
        (ended[0].1, ended[1].1, ended[1].2.as_deref()),
        (DeliveryState::Delivered, DeliveryState::Waiting, None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outlet_that_is_back_gets_what_waits_and_one_that_asks_is_left_alone() {
    let w = world().await;
    let (see, sys) = (view(&w.store).await, system());
    for (n, name) in [(1, "ops"), (2, "team")] {
        w.store.add_outlet(&see, &outlet(n, name), (&person(), now()), 9).await.unwrap().unwrap();
    }
    let all: Vec<Alert> = (0..3).map(|n| alert(&w, 10 + n, i64::from(n))).collect();
    let mut messages: Vec<_> = all.iter().map(|a| outgoing(a, 1, Cause::Opened)).collect();
    messages.push(outgoing(&all[0], 2, Cause::Opened));
    assert!(w.store.keep(&sys, 0, &Changes { opened: all, changed: Vec::new(), messages }, now()).await.unwrap());
    let due = async |secs| w.store.due(&sys, at(secs), 9).await.unwrap();
    for waits in due(0).await.iter().filter(|d| d.attempts == 0) {
        w.store.attempted(&sys, &waits.id, again("it said 500", 300), at(1)).await.unwrap();
    }
    assert!(due(299).await.is_empty());
    w.store.leave_alone(&sys, &OutletId(uuid(1)), at(500)).await.unwrap();
    assert_eq!(due(499).await.len(), 1, "of the other one");
    let one = due(500).await.into_iter().find(|d| d.outlet.name == "ops").unwrap();
    // One arrived, if not everywhere: the others are tried at once.
    w.store.leave_alone(&sys, &OutletId(uuid(1)), at(900)).await.unwrap();
    let but = Attempt::Arrived(Some("old@example.com was refused."));
    w.store.attempted(&sys, &one.id, but, at(501)).await.unwrap();
    assert_eq!(due(501).await.iter().filter(|d| d.outlet.name == "ops").count(), 2);
    let ops = w.store.outlets(&see, at(502)).await.unwrap().remove(0);
    assert_eq!((ops.arrived, ops.error.as_deref(), ops.waiting), (false, Some("it said 500"), 2));
    for waits in due(501).await {
        w.store.attempted(&sys, &waits.id, but, at(503)).await.unwrap();
    }
    let ops = w.store.outlets(&see, at(504)).await.unwrap().remove(0);
    assert_eq!((ops.arrived, ops.error.as_deref(), ops.waiting), (true, Some("old@example.com was refused."), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_are_listed_whole_the_worst_first_and_belong_where_their_source_does() {
    let w = world().await;
    let (see, sys) = (view(&w.store).await, system());
    let many = (0..520).map(|n| Alert {
        severity: if n % 2 == 0 { Severity::Page } else { Severity::Notify },
        opened_at: now().plus_secs(i64::from(n)),
        ..alert(&w, 1_000 + n, i64::from(n))
    });
    let changes = Changes { opened: many.collect(), ..Changes::default() };
    assert!(w.store.keep(&sys, 0, &changes, now()).await.unwrap());
    let all = w.store.alerts(&see, &AlertsAsked { over_since: None }).await.unwrap();
    assert_eq!(all.len(), 520, "rights are looked at before it is cut");
    let begins: Vec<Timestamp> = all[..260].iter().map(|a| a.opened_at).collect();
    assert!(all[..260].iter().all(|a| a.severity == Severity::Page) && begins.is_sorted());
    // The source is given to another environment, and gets another name.
    let move_it = "insert into environment (name, production) values ('elsewhere', false);
                   update source set name = 'till', environment_id = (select id from environment where name = 'elsewhere')";
    psql(&w.url, move_it).await;
    let there = psql(&w.url, "select id from environment where name = 'elsewhere'").await.parse().unwrap();
    let one = w.store.alert(&see, &AlertId(uuid(1_000))).await.unwrap().unwrap().alert;
    assert_eq!(one.environment, EnvironmentId(there));
    assert_eq!((one.source_name.as_str(), one.environment_name.as_str()), ("till", "elsewhere"));
    assert_eq!(w.store.watch(&sys, now()).await.unwrap().open[0].environment, EnvironmentId(there));
}
