//! What becomes of messages whose outlet is away, asks to be left alone, or has many to take.

use std::time::Duration;

use weir_domain::{
    Clock as _,
    lag::Status,
    monitors::{AlertsAsked, Cause, Delivery, DeliveryState, Monitors as _, OutletField, OutletKind, OutletSettings},
};

use crate::{House, receivers::http, shown, standing, view};

impl House {
    /// What was sent of the one alert there is, oldest first.
    async fn deliveries(&self) -> Vec<Delivery> {
        let over_since = Some(weir_domain::Timestamp::EPOCH);
        let alerts = self.store.alerts(&view(), &AlertsAsked { over_since }).await.unwrap();
        let Some(alert) = alerts.first() else { return Vec::new() };
        let mut all = self.store.alert(&view(), &alert.id).await.unwrap().unwrap().deliveries;
        all.reverse();
        all
    }

    async fn until(&self, what: impl Fn(&[Delivery]) -> bool) -> Vec<Delivery> {
        let wait = async {
            loop {
                let all = self.deliveries().await;
                if what(&all) {
                    return all;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(crate::LIMIT, wait).await.unwrap()
    }

    /// Seen once that nothing holds any longer, and then for long enough.
    async fn all_is_well(&self, groups: i64) {
        let well = (1..=groups).map(|g| standing(g, self.stage.source, Status::Ok)).collect();
        *self.stage.standings.lock().unwrap() = well;
        loop {
            let open = self.store.alerts(&view(), &AlertsAsked { over_since: None }).await.unwrap();
            if open.iter().all(|a| a.clear_since.is_some()) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.later(301);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_before_its_outlet_is_back_is_not_sent() {
    let mut house = House::new().await;
    let hook = http(None).await;
    let url = format!("http://{}/", hook.address);
    house.add(1, shown(OutletKind::Slack), &[(OutletField::Url, &url)]).await;
    hook.answers.lock().unwrap().push_back("500 Away");
    house.start();
    house.until(|all| all.iter().any(|d| d.attempts == 1)).await;
    house.all_is_well(1).await;
    let all = house.until(|all| all.len() == 2 && all.iter().all(|d| d.state == DeliveryState::GivenUp)).await;
    assert_eq!((all[0].cause, all[1].cause), (Cause::Opened, Cause::Resolved));
    let why = |d: &Delivery| d.error.clone().unwrap_or_default();
    assert!(why(&all[0]).starts_with("It was over before it could be sent. The last attempt: 127.0.0.1 answered 500"));
    assert_eq!(why(&all[1]), "It was over before it could be sent.");
    // What keeps the outlet from taking anything still stands there.
    let outlet = house.store.outlets(&view(), house.clock.now()).await.unwrap().remove(0);
    assert!(outlet.error.is_some_and(|e| e.contains("answered 500")));
    assert_eq!(hook.requests.all().len(), 1);
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outlet_that_asks_for_it_is_left_alone() {
    let mut house = House::new().await;
    let hook = http(None).await;
    let url = format!("http://{}/", hook.address);
    house.add(1, shown(OutletKind::Slack), &[(OutletField::Url, &url)]).await;
    hook.answers.lock().unwrap().push_back("429 Too Many Requests\r\nretry-after: 120");
    house.start();
    let waits = house.until(|all| all.iter().any(|d| d.attempts == 1)).await.remove(0);
    let wait = waits.next_at.unwrap().micros_since(waits.queued_at) / 1_000_000;
    assert_eq!(wait, 120);
    house.later(120);
    house.until(|all| all.iter().any(|d| d.state == DeliveryState::Delivered)).await;
    assert_eq!(hook.requests.all().len(), 2);
    house.end().await;
}

/// Each thread is a delivery of its own: one that fails is tried again alone, and none waits behind all the others.
#[tokio::test(flavor = "multi_thread")]
async fn many_incidents_begin_and_end_one_by_one() {
    let mut house = House::new().await;
    let pager = http(None).await;
    let settings = OutletSettings::PagerDuty { endpoint: format!("http://{}/v2/enqueue", pager.address) };
    house.add(1, settings, &[(OutletField::RoutingKey, "r")]).await;
    house.start();
    pager.requests.wait(1).await;
    // Eight more, three times, each a minute later: too few at once to be told together.
    for n in 1..=3 {
        house.later(61);
        let more = (8 * n - 6..8 * n + 2).map(|g| standing(g, house.stage.source, Status::Stop));
        house.stage.standings.lock().unwrap().extend(more);
        pager.requests.wait(1 + usize::try_from(n).unwrap() * 8).await;
    }
    let keys = |all: &[crate::receivers::Request], action: &str| {
        let of = all.iter().map(|r| r.json()).filter(|e| e["event_action"] == action);
        let mut keys: Vec<String> = of.map(|e| e["dedup_key"].as_str().unwrap().to_owned()).collect();
        keys.sort();
        keys
    };
    let begun = keys(&pager.requests.all(), "trigger");
    assert_eq!(begun.len(), 25);
    // The first end is refused for now.
    pager.answers.lock().unwrap().push_back("503 Busy");
    house.all_is_well(25).await;
    pager.requests.wait(26).await;
    house.later(11);
    let all = pager.requests.wait(51).await;
    let mut ended = keys(&all, "resolve");
    assert_eq!(ended.len(), 26);
    ended.dedup();
    assert_eq!(ended, begun);
    assert_eq!(house.outlets_waiting().await, 0);
    house.end().await;
}
