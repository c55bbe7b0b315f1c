use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_domain::{
    AlertId,
    monitors::{Act, Alert as Raised, Delivery as Sent, Part, SnoozeFor},
};

use super::invalid;
use crate::http::{
    site::Site,
    v1::{
        asked::Asked,
        bearer::Program,
        given::Given,
        problem::Problem,
        shared::{InEnvironment, Time},
    },
};

/// What is the matter on one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AlertPart {
    /// `null`: it is about the source as a whole.
    #[schema(example = "orders.placed")]
    pub channel: Option<String>,
    #[schema(example = "STOP for 12 min: no commit while 1,204 events arrived")]
    pub reason: String,
    /// Where lag goes, in words.
    pub forecast: Option<String>,
    /// When retention takes what is unread, in words.
    pub loss: Option<String>,
    /// Unread events; `null`: unknown.
    pub lag: Option<u64>,
}

/// Who did something, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AlertAct {
    #[schema(example = "Mara Lindqvist")]
    pub name: String,
    pub at: Time,
}

/// Something that somebody has to know. One for a group and kind of rule, whatever number of partitions it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Alert {
    #[schema(example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")]
    pub id: String,
    /// In a line.
    #[schema(example = "billing reads no more (STOP)")]
    pub title: String,
    /// `loses_unread`, `stands_still`, `time_lag` or `source`; more will come.
    #[schema(example = "stands_still")]
    pub kind: String,
    /// `page` or `notify`.
    #[schema(example = "page")]
    pub severity: String,
    /// `late`, `stall`, `stop`, `will_lose`, `loses`, `tap_behind`, `unobserved`, `silent` or `unreachable`; more will come.
    #[schema(example = "stop")]
    pub state: String,
    /// The rule's id.
    #[schema(example = "stands_still")]
    pub rule: String,
    /// The id of the source.
    #[schema(example = "3")]
    pub source: String,
    #[schema(example = "shop")]
    pub source_name: String,
    #[schema(example = "production")]
    pub environment_name: String,
    /// The group's name; `null`: it is about the source.
    #[schema(example = "billing")]
    pub group: Option<String>,
    /// Those that this token may see.
    pub parts: Vec<AlertPart>,
    pub owner: Option<String>,
    /// How the group's broker stood, in words.
    #[schema(example = "Its broker is healthy: reached since 2026-11-22 09:14 UTC.")]
    pub broker: String,
    pub opened: Time,
    /// When it was last seen to hold.
    pub seen: Time,
    /// `null`: it is open.
    pub resolved: Option<Time>,
    /// When a message was last queued; `null`: nobody was told yet.
    pub told: Option<Time>,
    /// Who has it in hand.
    pub acknowledged: Option<AlertAct>,
    /// Until when nobody is told of it.
    pub snoozed_until: Option<Time>,
}

/// Alerts that this token may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Alerts {
    /// The worst first, at most 500.
    pub open: Vec<Alert>,
    /// Over within a week, the last first, at most 500.
    pub recent: Vec<Alert>,
    /// Open ones beyond those.
    pub open_left_out: u32,
    /// Those over within a week beyond those.
    pub recent_left_out: u32,
    /// Open ones about channels that this token may not see.
    pub hidden: u32,
    /// Outlets that are on: with none, nobody is told.
    pub outlets: u32,
}

/// A message to an outlet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Delivery {
    #[schema(example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")]
    pub id: String,
    /// The outlet's name, as it was.
    #[schema(example = "On call")]
    pub outlet: String,
    /// `opened`, `worse`, `repeated` or `resolved`.
    #[schema(example = "opened")]
    pub cause: String,
    /// `waiting`, `delivered` or `given_up`.
    #[schema(example = "delivered")]
    pub state: String,
    pub attempts: u32,
    pub queued: Time,
    pub ended: Option<Time>,
    pub next_attempt: Option<Time>,
    /// What the last attempt came to, in words. Of one that was delivered: what went wrong all the same (a recipient that
    /// was refused).
    pub error: Option<String>,
}

/// An alert with what was sent of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AlertDetail {
    pub alert: Alert,
    /// Newest first, at most 100.
    pub deliveries: Vec<Delivery>,
}

/// Whether somebody has it in hand.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InHand {
    /// `false` gives it back.
    #[serde(default = "yes")]
    pub in_hand: bool,
}

fn yes() -> bool {
    true
}

/// For how long nobody is told of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Snooze {
    /// At most a week ahead; `null`: no longer.
    pub until: Option<Time>,
}

/// It is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AlertDone {
    /// Of the alert.
    #[schema(example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")]
    pub id: String,
}

impl From<Part> for AlertPart {
    fn from(p: Part) -> Self {
        Self { channel: p.channel, reason: p.reason, forecast: p.forecast, loss: p.loss, lag: p.lag }
    }
}

impl From<Act> for AlertAct {
    fn from(act: Act) -> Self {
        Self { name: act.name, at: act.at.into() }
    }
}

impl From<Raised> for Alert {
    fn from(a: Raised) -> Self {
        Self {
            title: a.title(),
            id: a.id.0,
            kind: a.kind.as_str().to_owned(),
            severity: a.severity.as_str().to_owned(),
            state: a.state.as_str().to_owned(),
            rule: a.rule.0,
            source: a.source.to_string(),
            source_name: a.source_name,
            environment_name: a.environment_name,
            group: a.group.map(|(_, name)| name),
            parts: a.parts.into_iter().map(Into::into).collect(),
            owner: a.owner,
            broker: a.broker,
            opened: a.opened_at.into(),
            seen: a.seen_at.into(),
            resolved: a.resolved_at.map(Into::into),
            told: a.told_at.map(Into::into),
            acknowledged: a.acknowledged.map(Into::into),
            snoozed_until: a.snoozed_until.map(Into::into),
        }
    }
}

impl From<Sent> for Delivery {
    fn from(d: Sent) -> Self {
        Self {
            id: d.id,
            outlet: d.outlet_name,
            cause: d.cause.as_str().to_owned(),
            state: d.state.as_str().to_owned(),
            attempts: d.attempts,
            queued: d.queued_at.into(),
            ended: d.ended_at.map(Into::into),
            next_attempt: d.next_at.map(Into::into),
            error: d.error,
        }
    }
}

/// List alerts
///
/// The open ones, and those that were over within a week.
#[utoipa::path(
    get,
    path = "/api/v1/alerts",
    operation_id = "monitors_alerts",
    tag = "monitors",
    params(InEnvironment),
    responses((status = 200, description = "The alerts.", body = Alerts)),
)]
pub async fn list(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
) -> Result<Json<Alerts>, Problem> {
    in_environment(&uri)?;
    let all = program.told(site.cases.monitors.alerts(&program.caller).await)?;
    Ok(Json(Alerts {
        open: all.open.into_iter().map(Into::into).collect(),
        recent: all.recent.into_iter().map(Into::into).collect(),
        open_left_out: all.open_left_out,
        recent_left_out: all.recent_left_out,
        hidden: all.hidden,
        outlets: all.outlets,
    }))
}

/// Read an alert
#[utoipa::path(
    get,
    path = "/api/v1/alerts/{id}",
    operation_id = "monitors_alert",
    tag = "monitors",
    params(
        ("id" = String, Path, description = "The alert's id.", example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f"),
        InEnvironment,
    ),
    responses((status = 200, description = "The alert.", body = AlertDetail)),
)]
pub async fn detail(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<AlertDetail>, Problem> {
    in_environment(&uri)?;
    let page = program.told(site.cases.monitors.alert(&program.caller, &AlertId(id)).await)?;
    let shown = page.ok_or_else(|| Problem::not_found("alert"))?.shown;
    let deliveries = shown.deliveries.into_iter().map(Into::into).collect();
    Ok(Json(AlertDetail { alert: shown.alert.into(), deliveries }))
}

/// Take an alert in hand
///
/// Nobody is told of it again until it is over.
#[utoipa::path(
    post,
    path = "/api/v1/alerts/{id}/acknowledge",
    operation_id = "monitors_acknowledge",
    tag = "monitors",
    params(("id" = String, Path, description = "The alert's id.", example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")),
    request_body = InHand,
    responses((status = 200, description = "It is in hand, or given back.", body = AlertDone)),
)]
pub async fn acknowledge(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(hand): Given<InHand>,
) -> Result<Json<AlertDone>, Problem> {
    Asked::nothing(&uri)?;
    let id = AlertId(id);
    match program.told(site.cases.monitors.acknowledge(&program.caller, &id, hand.in_hand).await)? {
        true => Ok(Json(AlertDone { id: id.0 })),
        false => Err(Problem::not_found("alert")),
    }
}

/// Snooze an alert
///
/// Nobody is told of it until then. If it lasts, it is told again.
#[utoipa::path(
    post,
    path = "/api/v1/alerts/{id}/snooze",
    operation_id = "monitors_snooze",
    tag = "monitors",
    params(("id" = String, Path, description = "The alert's id.", example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")),
    request_body = Snooze,
    responses((status = 200, description = "It is snoozed, or no longer.", body = AlertDone)),
)]
pub async fn snooze(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(snooze): Given<Snooze>,
) -> Result<Json<AlertDone>, Problem> {
    Asked::nothing(&uri)?;
    let id = AlertId(id);
    let wanted = snooze.until.map_or(SnoozeFor::End, |t| SnoozeFor::Until(t.0));
    let done = program.told(site.cases.monitors.snooze(&program.caller, &id, wanted).await)?;
    done.ok_or_else(|| Problem::not_found("alert"))?;
    Ok(Json(AlertDone { id: id.0 }))
}

/// Nothing but the environment, which the gate has read.
fn in_environment(uri: &Uri) -> Result<(), Problem> {
    let mut asked = Asked::of(uri)?;
    asked.text("env")?;
    asked.end()
}

/// What a word stands for, or what words there are.
pub(super) fn word<T>(found: Option<T>, what: &str, all: &[&str]) -> Result<T, weir_domain::CaseError> {
    found.ok_or_else(|| invalid(&format!("There is no such {what}."), &format!("Use one of {}.", all.join(", "))))
}
