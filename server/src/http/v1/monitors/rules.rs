use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_domain::{
    RuleId, WindowId,
    monitors::{Rule as Kept, RuleDraft, RuleKind, Severity, Window as Quiet, WindowDraft},
};

use super::{Covers, alerts::word};
use crate::http::{
    site::Site,
    v1::{
        asked::Asked,
        bearer::Program,
        given::{Given, Nothing},
        problem::Problem,
        shared::Time,
    },
};

/// What is watched, how strictly, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AlertRule {
    /// The kind's word for what comes with Weir.
    #[schema(example = "stands_still")]
    pub id: String,
    /// `loses_unread`, `stands_still`, `time_lag` or `source`; more will come.
    #[schema(example = "stands_still")]
    pub kind: String,
    pub covers: Covers,
    /// `page` or `notify`.
    #[schema(example = "page")]
    pub severity: String,
    pub on: bool,
    #[schema(example = 10)]
    pub minutes: u32,
    /// Somebody added it, or changed it from what comes with Weir.
    pub changed: bool,
}

/// A time in which nobody is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MaintenanceWindow {
    #[schema(example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")]
    pub id: String,
    pub covers: Covers,
    pub from: Time,
    pub to: Time,
    #[schema(example = "broker upgrade")]
    pub reason: String,
    #[schema(example = "Mara Lindqvist")]
    pub set_by: String,
}

/// Rules and maintenance windows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AlertRules {
    /// By kind. Of one kind the rule holds that names a group most closely.
    pub rules: Vec<AlertRule>,
    /// Those that are not over, then those over last.
    pub windows: Vec<MaintenanceWindow>,
}

/// A rule as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAlertRule {
    /// The one that is changed; left out: another one is added.
    #[serde(default)]
    #[schema(example = "stands_still")]
    pub id: Option<String>,
    /// `loses_unread`, `stands_still`, `time_lag` or `source`.
    #[schema(example = "stands_still")]
    pub kind: String,
    /// Left out: everything, which is all that a rule that comes with Weir can cover.
    #[serde(default, deserialize_with = "crate::http::v1::given::object_or_null")]
    pub covers: Option<Covers>,
    /// `page` or `notify`.
    #[schema(example = "page")]
    pub severity: String,
    pub on: bool,
    #[schema(example = 10, minimum = 1, maximum = 10_080)]
    pub minutes: u32,
}

/// A window as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMaintenanceWindow {
    #[serde(default, deserialize_with = "crate::http::v1::given::object_or_null")]
    pub covers: Option<Covers>,
    pub from: Time,
    /// At most 14 days later.
    pub to: Time,
    #[schema(example = "broker upgrade", min_length = 1, max_length = 300)]
    pub reason: String,
}

/// It is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RuleDone {
    /// Of the rule or window.
    #[schema(example = "stands_still")]
    pub id: String,
}

impl From<Kept> for AlertRule {
    fn from(r: Kept) -> Self {
        Self {
            id: r.id.0,
            kind: r.kind.as_str().to_owned(),
            covers: r.scope.into(),
            severity: r.severity.as_str().to_owned(),
            on: r.on,
            minutes: r.limit_min,
            changed: r.changed,
        }
    }
}

impl From<Quiet> for MaintenanceWindow {
    fn from(w: Quiet) -> Self {
        Self {
            id: w.id.0,
            covers: w.scope.into(),
            from: w.from.into(),
            to: w.to.into(),
            reason: w.reason,
            set_by: w.made_name,
        }
    }
}

/// List rules and maintenance windows
#[utoipa::path(
    get,
    path = "/api/v1/alert-rules",
    operation_id = "monitors_list",
    tag = "monitors",
    responses((status = 200, description = "The rules.", body = AlertRules)),
)]
pub async fn list(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
) -> Result<Json<AlertRules>, Problem> {
    Asked::nothing(&uri)?;
    let all = program.told(site.cases.monitors.list(&program.caller).await)?;
    Ok(Json(AlertRules {
        rules: all.rules.into_iter().map(Into::into).collect(),
        windows: all.windows.into_iter().map(Into::into).collect(),
    }))
}

/// Change or add a rule
///
/// It holds within ten seconds. Takes a grant on everything.
#[utoipa::path(
    post,
    path = "/api/v1/alert-rules",
    operation_id = "monitors_set_rule",
    tag = "monitors",
    request_body = NewAlertRule,
    responses((status = 200, description = "It holds.", body = RuleDone)),
)]
pub async fn set(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
    Given(new): Given<NewAlertRule>,
) -> Result<Json<RuleDone>, Problem> {
    Asked::nothing(&uri)?;
    let read = || {
        Ok(RuleDraft {
            kind: word(RuleKind::parse(&new.kind), "kind", &RuleKind::ALL.map(RuleKind::as_str))?,
            scope: new.covers.as_ref().unwrap_or(&Covers::default()).read()?,
            severity: word(Severity::parse(&new.severity), "severity", &Severity::ALL.map(Severity::as_str))?,
            on: new.on,
            limit_min: new.minutes,
        })
    };
    let id = new.id.as_ref().map(|id| RuleId(id.clone()));
    let draft = program.told(read())?;
    let id = program.told(site.cases.monitors.set_rule(&program.caller, id.as_ref(), draft).await)?;
    Ok(Json(RuleDone { id: id.0 }))
}

/// Remove a rule
///
/// One that comes with Weir is as it came again. Takes a grant on everything.
#[utoipa::path(
    post,
    path = "/api/v1/alert-rules/{id}/remove",
    operation_id = "monitors_remove_rule",
    tag = "monitors",
    params(("id" = String, Path, description = "The rule's id.", example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")),
    request_body = Nothing,
    responses((status = 200, description = "It is gone.", body = RuleDone)),
)]
pub async fn remove(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(Nothing {}): Given<Nothing>,
) -> Result<Json<RuleDone>, Problem> {
    Asked::nothing(&uri)?;
    let id = RuleId(id);
    match program.told(site.cases.monitors.remove_rule(&program.caller, &id).await)? {
        true => Ok(Json(RuleDone { id: id.0 })),
        false => Err(Problem::not_found("rule")),
    }
}

/// Set a maintenance window
///
/// Nobody is told of what it covers while it holds. Takes a grant on everything.
#[utoipa::path(
    post,
    path = "/api/v1/maintenance-windows",
    operation_id = "monitors_maintenance",
    tag = "monitors",
    request_body = NewMaintenanceWindow,
    responses((status = 200, description = "It is set.", body = RuleDone)),
)]
pub async fn maintenance(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
    Given(new): Given<NewMaintenanceWindow>,
) -> Result<Json<RuleDone>, Problem> {
    Asked::nothing(&uri)?;
    let scope = program.told(new.covers.as_ref().unwrap_or(&Covers::default()).read())?;
    let draft = WindowDraft { scope, from: new.from.0, to: new.to.0, reason: new.reason };
    let id = program.told(site.cases.monitors.maintenance(&program.caller, draft).await)?;
    Ok(Json(RuleDone { id: id.0 }))
}

/// End a maintenance window
///
/// What lasts is told then. Takes a grant on everything.
#[utoipa::path(
    post,
    path = "/api/v1/maintenance-windows/{id}/end",
    operation_id = "monitors_end_maintenance",
    tag = "monitors",
    params(("id" = String, Path, description = "The window's id.", example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")),
    request_body = Nothing,
    responses((status = 200, description = "It has ended.", body = RuleDone)),
)]
pub async fn end_maintenance(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(Nothing {}): Given<Nothing>,
) -> Result<Json<RuleDone>, Problem> {
    Asked::nothing(&uri)?;
    let id = WindowId(id);
    match program.told(site.cases.monitors.end_maintenance(&program.caller, &id).await)? {
        true => Ok(Json(RuleDone { id: id.0 })),
        false => Err(Problem::not_found("window")),
    }
}
