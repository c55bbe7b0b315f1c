//! An alert for each channel, one for each source; what the store refuses by itself is tested there.

use crate::world::{CHANNELS, NOW};
use async_trait::async_trait;
use std::sync::{
    Mutex,
    atomic::{AtomicBool, AtomicU32, Ordering},
};
use weir_domain::{
    AlertId, GroupId, OutletId, PersonId, RuleId, Secret, StoreError, Timestamp, WindowId,
    access::View,
    monitors::{
        Act, Alert, AlertShown, AlertState, AlertsAsked, Heartbeat, Message, Monitors, NotSent, Outlet, OutletField,
        OutletSettings, OutletShown, OutletVault, Part, Refused, Rule, RuleKind, Scope, Sender, Severity, Takes,
        Window,
    },
    sources::{Sealed, VaultError},
};

#[derive(Default)]
pub struct FakeMonitors {
    pub rules: Mutex<Vec<Rule>>,
    pub windows: Mutex<Vec<Window>>,
    pub outlets: Mutex<Vec<Outlet>>,
    pub heartbeat: Mutex<Option<Heartbeat>>,
    /// What was sent, and to which outlet.
    pub sent: Mutex<Vec<(OutletId, Message)>>,
    pub acts: Mutex<Vec<(AlertId, &'static str)>>,
    pub keyless: AtomicBool,
    pub deaf: AtomicBool,
    /// What went wrong with what arrived.
    pub but: Mutex<Option<String>>,
    /// Alerts besides those of the channels.
    pub more: Mutex<Vec<Alert>>,
    acted: AtomicU32,
}

pub fn alert_id(channel: i64) -> AlertId {
    AlertId(format!("0193-alert-{channel}"))
}

pub fn outlet(id: &str, name: &str) -> Outlet {
    Outlet {
        id: OutletId(id.into()),
        name: name.into(),
        on: true,
        takes: Takes { page: true, notify: true, scope: Scope::everything() },
        settings: OutletSettings::Slack { shown: "https://hooks.example/…".into() },
        secrets: vec![(OutletField::Url, Sealed { key_id: "k".into(), bytes: b"sealed".to_vec() })],
        version: 1,
    }
}

pub fn alert(at: usize) -> Alert {
    let (id, channel, source, source_name, environment, environment_name) = CHANNELS[at];
    Alert {
        id: alert_id(id),
        kind: RuleKind::StandsStill,
        rule: RuleId("stands_still".into()),
        severity: Severity::Page,
        state: AlertState::Stop,
        source,
        source_name: source_name.into(),
        environment,
        environment_name: environment_name.into(),
        group: Some((GroupId(id), format!("group of {id}"))),
        // It reads another one too.
        parts: [channel, CHANNELS[(at + 1) % 4].1]
            .iter()
            .take(if id == 100 { 2 } else { 1 })
            .map(|c| Part {
                channel: Some((*c).to_owned()),
                reason: format!("stands still on {c}"),
                forecast: None,
                loss: None,
                lag: Some(7),
            })
            .collect(),
        owner: None,
        broker: "Its broker is healthy.".into(),
        opened_at: NOW,
        seen_at: NOW,
        clear_since: None,
        resolved_at: None,
        told_at: None,
        told_state: None,
        acknowledged: None,
        snoozed: None,
        snoozed_until: None,
    }
}

impl FakeMonitors {
    /// How often something was changed or sent since the last call of this.
    pub fn take_acted(&self) -> u32 {
        self.acted.swap(0, Ordering::SeqCst)
    }
    fn act(&self) {
        self.acted.fetch_add(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Monitors for FakeMonitors {
    async fn alerts(&self, _: &View, _: &AlertsAsked) -> Result<Vec<Alert>, StoreError> {
        Ok((0..CHANNELS.len()).map(alert).chain(self.more.lock().unwrap().clone()).collect())
    }
    async fn alert(&self, _: &View, id: &AlertId) -> Result<Option<AlertShown>, StoreError> {
        let found = (0..CHANNELS.len()).map(alert).find(|a| a.id == *id);
        Ok(found.map(|alert| AlertShown { alert, deliveries: Vec::new() }))
    }
    async fn acknowledge(&self, _: &View, id: &AlertId, by: Option<&Act>) -> Result<Result<(), Refused>, StoreError> {
        self.act();
        let what = if by.is_some() { "in hand" } else { "given back" };
        self.acts.lock().unwrap().push((id.clone(), what));
        Ok(Ok(()))
    }
    async fn snooze(
        &self,
        _: &View,
        id: &AlertId,
        _: &Act,
        until: Option<Timestamp>,
    ) -> Result<Result<(), Refused>, StoreError> {
        self.act();
        self.acts.lock().unwrap().push((id.clone(), if until.is_some() { "snoozed" } else { "awake" }));
        Ok(Ok(()))
    }
    async fn rules(&self, _: &View) -> Result<Vec<Rule>, StoreError> {
        Ok(self.rules.lock().unwrap().clone())
    }
    async fn put_rule(
        &self,
        _: &View,
        rule: &Rule,
        _: (&PersonId, Timestamp),
        _: u32,
    ) -> Result<Result<(), Refused>, StoreError> {
        self.act();
        let mut rules = self.rules.lock().unwrap();
        rules.retain(|r| r.id != rule.id);
        rules.push(rule.clone());
        Ok(Ok(()))
    }
    async fn remove_rule(&self, _: &View, id: &RuleId) -> Result<bool, StoreError> {
        self.act();
        let mut rules = self.rules.lock().unwrap();
        let before = rules.len();
        rules.retain(|r| r.id != *id);
        Ok(rules.len() < before)
    }
    async fn windows(&self, _: &View, _: Timestamp) -> Result<Vec<Window>, StoreError> {
        Ok(self.windows.lock().unwrap().clone())
    }
    async fn add_window(
        &self,
        _: &View,
        window: &Window,
        _: Timestamp,
        _: u32,
    ) -> Result<Result<(), Refused>, StoreError> {
        self.act();
        self.windows.lock().unwrap().push(window.clone());
        Ok(Ok(()))
    }
    async fn end_window(&self, _: &View, id: &WindowId, _: Timestamp) -> Result<bool, StoreError> {
        self.act();
        let mut windows = self.windows.lock().unwrap();
        let before = windows.len();
        windows.retain(|w| w.id != *id);
        Ok(windows.len() < before)
    }
    async fn outlets(&self, _: &View, _: Timestamp) -> Result<Vec<OutletShown>, StoreError> {
        let all = self.outlets.lock().unwrap().clone();
        let shown = |outlet| OutletShown {
            outlet,
            waiting: 0,
            failing: 0,
            given_up: 0,
            delivered_at: None,
            error: None,
            arrived: false,
        };
        Ok(all.into_iter().map(shown).collect())
    }
    async fn add_outlet(
        &self,
        _: &View,
        outlet: &Outlet,
        _: (&PersonId, Timestamp),
        _: u32,
    ) -> Result<Result<(), Refused>, StoreError> {
        self.act();
        self.outlets.lock().unwrap().push(outlet.clone());
        Ok(Ok(()))
    }
    async fn change_outlet(
        &self,
        _: &View,
        outlet: &Outlet,
        _: (&PersonId, Timestamp),
    ) -> Result<Result<(), Refused>, StoreError> {
        self.act();
        let mut outlets = self.outlets.lock().unwrap();
        let Some(kept) = outlets.iter_mut().find(|o| o.id == outlet.id) else { return Ok(Err(Refused::Absent)) };
        *kept = outlet.clone();
        Ok(Ok(()))
    }
    async fn remove_outlet(&self, _: &View, id: &OutletId, _: Timestamp) -> Result<bool, StoreError> {
        self.act();
        let mut outlets = self.outlets.lock().unwrap();
        let before = outlets.len();
        outlets.retain(|o| o.id != *id);
        Ok(outlets.len() < before)
    }
    async fn heartbeat(&self, _: &View) -> Result<Option<Heartbeat>, StoreError> {
        Ok(self.heartbeat.lock().unwrap().clone())
    }
    async fn set_heartbeat(&self, _: &View, to: Option<(&str, &Sealed)>) -> Result<(), StoreError> {
        self.act();
        *self.heartbeat.lock().unwrap() = to.map(|(shown, address)| Heartbeat {
            shown: shown.into(),
            address: address.clone(),
            called_at: None,
            error: None,
        });
        Ok(())
    }
}

impl OutletVault for FakeMonitors {
    fn seal_for(&self, outlet: &OutletId, field: OutletField, secret: &Secret) -> Result<Sealed, VaultError> {
        match self.keyless.load(Ordering::SeqCst) {
            true => Err(VaultError::NoKey),
            false => {
                let bytes = format!("{}/{}/{}", outlet.0, field.as_str(), secret.expose()).into_bytes();
                Ok(Sealed { key_id: "k".into(), bytes })
            }
        }
    }
    fn open_for(&self, _: &OutletId, _: OutletField, _: &Sealed) -> Result<Secret, VaultError> {
        Err(VaultError::Broken)
    }
    fn resealed(&self, _: &OutletId, _: OutletField, _: &Sealed) -> Option<Sealed> {
        None
    }
}

#[async_trait]
impl Sender for FakeMonitors {
    async fn send(&self, outlet: &Outlet, _: &str, message: &Message) -> Result<Option<String>, NotSent> {
        self.act();
        self.sent.lock().unwrap().push((outlet.id.clone(), message.clone()));
        match self.deaf.load(Ordering::SeqCst) {
            true => Err(NotSent::because("hooks.example answered 500.")),
            false => Ok(self.but.lock().unwrap().clone()),
        }
    }
    async fn call(&self, _: &Sealed) -> Result<(), NotSent> {
        Ok(())
    }
}
