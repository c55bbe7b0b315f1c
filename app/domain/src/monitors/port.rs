use super::{Act, Alert, Attempt, Delivery, Message, Outgoing, Outlet, OutletField, Rule, Window};
use crate::{
    AlertId, OutletId, PersonId, RuleId, Secret, StoreError, Timestamp, WindowId,
    access::{SystemView, View},
    sources::{Sealed, VaultError},
};
use async_trait::async_trait;

/// Seals what outlets are reached with, each bound to its outlet and field.
pub trait OutletVault: Send + Sync {
    fn seal_for(&self, outlet: &OutletId, field: OutletField, secret: &Secret) -> Result<Sealed, VaultError>;
    fn open_for(&self, outlet: &OutletId, field: OutletField, sealed: &Sealed) -> Result<Secret, VaultError>;
    /// The same under the present key, where it lies under an older one that is still at hand.
    fn resealed(&self, outlet: &OutletId, field: OutletField, sealed: &Sealed) -> Option<Sealed>;
}

/// Why something was not sent, in words without secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NotSent {
    pub why: String,
    /// The receiver asked to be left alone for so many seconds.
    pub asked_s: Option<u32>,
}

impl NotSent {
    pub fn because(why: impl Into<String>) -> Self {
        Self { why: why.into(), asked_s: None }
    }
}

/// Sends to outlets; bounded in time.
#[async_trait]
pub trait Sender: Send + Sync {
    /// `id`: the same for each attempt of one delivery. `Ok(Some(…))`: it arrived, and what went wrong all the same.
    async fn send(&self, outlet: &Outlet, id: &str, message: &Message) -> Result<Option<String>, NotSent>;
    /// Calls the heartbeat's address.
    async fn call(&self, address: &Sealed) -> Result<(), NotSent>;
}

/// What judging needs besides what it looks at.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    /// Of the state that the rest is of: only on top of it changes are kept.
    pub revision: i64,
    pub rules: Vec<Rule>,
    pub open: Vec<Alert>,
    pub windows: Vec<Window>,
    pub outlets: Vec<Outlet>,
    /// Which outlets were told of open alerts.
    pub told: Vec<Told>,
}

/// An outlet was told of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub alert: AlertId,
    pub outlet: OutletId,
    /// What its messages hang together by there: the alert's id, or one of its own for those that this outlet was told of
    /// at once.
    pub thread: String,
}

/// What came of judging once.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    pub opened: Vec<Alert>,
    /// Open ones of which something changed, and those that are over now.
    pub changed: Vec<Alert>,
    pub messages: Vec<Outgoing>,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        self.opened.is_empty() && self.changed.is_empty() && self.messages.is_empty()
    }
}

/// A delivery whose time has come.
#[derive(Debug, Clone)]
pub struct Due {
    pub id: String,
    pub outlet: Outlet,
    pub message: Message,
    /// Those that failed so far.
    pub attempts: u32,
    pub queued_at: Timestamp,
}

/// An address that is called every minute while rules are judged, so that silence is noticed elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heartbeat {
    /// The host of its address.
    pub shown: String,
    pub address: Sealed,
    pub called_at: Option<Timestamp>,
    /// What the last call came to; `None`: it went well.
    pub error: Option<String>,
}

/// For the engine.
#[async_trait]
pub trait Alerting: Send + Sync {
    async fn watch(&self, view: &SystemView, now: Timestamp) -> Result<Watch, StoreError>;
    /// Keeps changes and queues their messages, in one transaction. `Ok(false)`: somebody else judged meanwhile, and
    /// nothing is kept.
    async fn keep(
        &self,
        view: &SystemView,
        revision: i64,
        changes: &Changes,
        now: Timestamp,
    ) -> Result<bool, StoreError>;
    /// Deliveries whose time has come, at most `limit`. Of one outlet and thread only the oldest: nothing is told as over
    /// before it was told.
    async fn due(&self, view: &SystemView, now: Timestamp, limit: u32) -> Result<Vec<Due>, StoreError>;
    /// How an attempt went. If it arrived, whatever else waits for its outlet is tried at once.
    async fn attempted(
        &self,
        view: &SystemView,
        id: &str,
        attempt: Attempt<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError>;
    /// Nothing that waits for an outlet is tried before then: it asked for that.
    async fn leave_alone(&self, view: &SystemView, outlet: &OutletId, until: Timestamp) -> Result<(), StoreError>;
    async fn heartbeat_for_engine(&self, view: &SystemView) -> Result<Option<Heartbeat>, StoreError>;
    async fn called(&self, view: &SystemView, at: Timestamp, error: Option<&str>) -> Result<(), StoreError>;
    /// Replaces what was sealed with an older key, if it still is. `outlet: None`: the heartbeat's address.
    async fn reseal_outlet(
        &self,
        view: &SystemView,
        outlet: Option<(&OutletId, OutletField)>,
        old: &Sealed,
        new: &Sealed,
    ) -> Result<bool, StoreError>;
    /// Forgets alerts, deliveries and windows that are long over; how many.
    async fn forget_alerts(&self, view: &SystemView, now: Timestamp) -> Result<u64, StoreError>;
}

/// Which alerts somebody asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertsAsked {
    /// Those too that were over since then.
    pub over_since: Option<Timestamp>,
}

/// An alert with what was sent of it, newest first, at most 100.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertShown {
    pub alert: Alert,
    pub deliveries: Vec<Delivery>,
}

/// An outlet with how sending goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutletShown {
    pub outlet: Outlet,
    /// Deliveries that wait, those among them that failed at least once, and those given up within a week.
    pub waiting: u32,
    pub failing: u32,
    pub given_up: u32,
    pub delivered_at: Option<Timestamp>,
    /// Of the last attempt that failed, unless a later one went well; or what went wrong with the last that arrived.
    pub error: Option<String>,
    /// What the error is of arrived all the same.
    pub arrived: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    TooMany,
    Absent,
    /// The alert is over.
    Over,
    /// An outlet of this name is there already.
    NameTaken,
    /// It was changed by somebody else meanwhile.
    Changed,
}

/// For pages and programs. Alerts are of the view's environment; which of them may be seen is the use case's to say.
#[async_trait]
pub trait Monitors: Send + Sync {
    /// The open ones, the worst first, then those over last; as many as there are within reason, for rights are looked at
    /// before the list is cut.
    async fn alerts(&self, view: &View, asked: &AlertsAsked) -> Result<Vec<Alert>, StoreError>;
    async fn alert(&self, view: &View, id: &AlertId) -> Result<Option<AlertShown>, StoreError>;
    /// `None`: nobody has it in hand any longer.
    async fn acknowledge(&self, view: &View, id: &AlertId, by: Option<&Act>)
    -> Result<Result<(), Refused>, StoreError>;
    /// `until: None`: no longer.
    async fn snooze(
        &self,
        view: &View,
        id: &AlertId,
        by: &Act,
        until: Option<Timestamp>,
    ) -> Result<Result<(), Refused>, StoreError>;

    /// Those that are kept: added, or changed from what comes with Weir.
    async fn rules(&self, view: &View) -> Result<Vec<Rule>, StoreError>;
    async fn put_rule(
        &self,
        view: &View,
        rule: &Rule,
        by: (&PersonId, Timestamp),
        most: u32,
    ) -> Result<Result<(), Refused>, StoreError>;
    /// `Ok(false)`: nothing of it is kept.
    async fn remove_rule(&self, view: &View, id: &RuleId) -> Result<bool, StoreError>;

    /// Those that are not over, then those over last; at most 200.
    async fn windows(&self, view: &View, now: Timestamp) -> Result<Vec<Window>, StoreError>;
    async fn add_window(
        &self,
        view: &View,
        window: &Window,
        now: Timestamp,
        most: u32,
    ) -> Result<Result<(), Refused>, StoreError>;
    /// Ends one that is not over, now. `Ok(false)`: there is none.
    async fn end_window(&self, view: &View, id: &WindowId, now: Timestamp) -> Result<bool, StoreError>;

    /// By name.
    async fn outlets(&self, view: &View, now: Timestamp) -> Result<Vec<OutletShown>, StoreError>;
    async fn add_outlet(
        &self,
        view: &View,
        outlet: &Outlet,
        by: (&PersonId, Timestamp),
        most: u32,
    ) -> Result<Result<(), Refused>, StoreError>;
    /// On top of the outlet's `version`. What waits to be sent by it is tried at once.
    async fn change_outlet(
        &self,
        view: &View,
        outlet: &Outlet,
        by: (&PersonId, Timestamp),
    ) -> Result<Result<(), Refused>, StoreError>;
    /// With what waits to be sent by it. `Ok(false)`: there is none.
    async fn remove_outlet(&self, view: &View, id: &OutletId, now: Timestamp) -> Result<bool, StoreError>;

    async fn heartbeat(&self, view: &View) -> Result<Option<Heartbeat>, StoreError>;
    /// `None`: none is called any longer.
    async fn set_heartbeat(&self, view: &View, to: Option<(&str, &Sealed)>) -> Result<(), StoreError>;
}
