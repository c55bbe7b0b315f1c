use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_domain::{
    CaseError, OutletId, Secret,
    monitors::{MailTls, OutletDraft, OutletField, OutletKind, OutletShown, Takes},
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

/// Somewhere that alerts are sent to, without what it is reached with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Outlet {
    #[schema(example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")]
    pub id: String,
    #[schema(example = "On call")]
    pub name: String,
    /// `slack`, `webhook`, `pager_duty` or `mail`; more will come.
    #[schema(example = "slack")]
    pub kind: String,
    pub on: bool,
    /// Of an address that is a secret its host alone.
    #[schema(example = "https://hooks.slack.com/…")]
    pub leads_to: String,
    /// `page`, `notify` or both.
    pub severities: Vec<String>,
    pub covers: Covers,
    /// Names of the secrets that are kept.
    pub secrets: Vec<String>,
    /// For a change: of what was read.
    pub version: u64,
    /// Messages that wait, those among them that failed, and those given up within a week.
    pub waiting: u32,
    pub failing: u32,
    pub given_up: u32,
    pub delivered: Option<Time>,
    /// Of the last attempt that failed, unless a later one went well.
    pub error: Option<String>,
}

/// The address that is called every minute while rules are judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeartbeatStanding {
    /// Its host alone.
    #[schema(example = "https://hc-ping.com/…")]
    pub leads_to: String,
    pub called: Option<Time>,
    /// What the last call came to; `null`: it went well.
    pub error: Option<String>,
}

/// Outlets, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Outlets {
    pub outlets: Vec<Outlet>,
    /// `null`: none is called.
    pub heartbeat: Option<HeartbeatStanding>,
}

/// An outlet as it is to be: all of it, but secrets that stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOutlet {
    #[schema(example = "On call", min_length = 1, max_length = 60)]
    pub name: String,
    /// `slack`, `webhook`, `pager_duty` or `mail`.
    #[schema(example = "slack")]
    pub kind: String,
    #[serde(default = "yes")]
    pub on: bool,
    /// `page`, `notify` or both. Left out: both.
    #[serde(default)]
    pub severities: Option<Vec<String>>,
    #[serde(default, deserialize_with = "crate::http::v1::given::object_or_null")]
    pub covers: Option<Covers>,
    /// Of `slack` and `webhook`: the address.
    #[serde(default)]
    #[schema(write_only, example = "https://hooks.slack.com/services/T0/B0/x")]
    pub url: Option<String>,
    /// Of `webhook`: what is signed with; `whsec_` with base64 behind it, or any text.
    #[serde(default)]
    #[schema(write_only)]
    pub secret: Option<String>,
    /// Of `pager_duty`: the key of an integration "Events API v2".
    #[serde(default)]
    #[schema(write_only)]
    pub routing_key: Option<String>,
    /// Of `pager_duty`: the endpoint, if it is not the usual one. Of `mail`: `host:port`.
    #[serde(default)]
    #[schema(example = "smtp.example.com:587")]
    pub server: Option<String>,
    /// Of `mail`: `starttls`, `implicit` or `none`.
    #[serde(default)]
    #[schema(example = "starttls")]
    pub tls: Option<String>,
    /// Of `mail`: left out, nobody signs in.
    #[serde(default)]
    pub user: Option<String>,
    #[serde(default)]
    #[schema(write_only)]
    pub password: Option<String>,
    #[serde(default)]
    #[schema(example = "weir@example.com")]
    pub from: Option<String>,
    /// At most 20.
    #[serde(default)]
    pub to: Option<Vec<String>>,
}

/// A change of an outlet.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OutletChange {
    /// Of what was read: an outlet that was changed since is not.
    pub version: u64,
    #[serde(deserialize_with = "crate::http::v1::given::object")]
    pub outlet: NewOutlet,
}

/// It is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OutletDone {
    #[schema(example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")]
    pub id: String,
}

/// What came of a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OutletTested {
    pub delivered: bool,
    /// Why not, in words; or what went wrong although it was (a recipient that was refused).
    pub error: Option<String>,
}

/// Where Weir's own life is told.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHeartbeat {
    /// `null`: none is called any longer.
    #[schema(write_only, example = "https://hc-ping.com/0193e7a2")]
    pub address: Option<String>,
}

/// What is called now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeartbeatSet {
    pub on: bool,
}

fn yes() -> bool {
    true
}

impl From<OutletShown> for Outlet {
    fn from(shown: OutletShown) -> Self {
        let o = shown.outlet;
        let severities = [(o.takes.page, "page"), (o.takes.notify, "notify")];
        Self {
            id: o.id.0,
            name: o.name,
            kind: o.settings.kind().as_str().to_owned(),
            on: o.on,
            leads_to: o.settings.leads_to(),
            severities: severities.iter().filter(|(takes, _)| *takes).map(|(_, word)| (*word).to_owned()).collect(),
            covers: o.takes.scope.into(),
            secrets: o.secrets.iter().map(|(field, _)| field.as_str().to_owned()).collect(),
            version: u64::try_from(o.version).unwrap_or(0),
            waiting: shown.waiting,
            failing: shown.failing,
            given_up: shown.given_up,
            delivered: shown.delivered_at.map(Into::into),
            error: shown.error,
        }
    }
}

fn read(new: NewOutlet) -> Result<OutletDraft, CaseError> {
    let wanted = new.severities.unwrap_or_else(|| vec!["page".into(), "notify".into()]);
    let takes = |severity: &str| wanted.iter().any(|w| w == severity);
    if let Some(unknown) = wanted.iter().find(|w| !["page", "notify"].contains(&w.as_str())) {
        word::<()>(None, &format!("severity {unknown:?}"), &["page", "notify"])?;
    }
    let tls = match new.tls.as_deref() {
        None => MailTls::StartTls,
        Some(text) => word(MailTls::parse(text), "tls", &MailTls::ALL.map(MailTls::as_str))?,
    };
    let secrets = [
        (OutletField::Url, new.url),
        (OutletField::Secret, new.secret),
        (OutletField::RoutingKey, new.routing_key),
        (OutletField::Password, new.password),
    ];
    Ok(OutletDraft {
        name: new.name,
        on: new.on,
        kind: word(OutletKind::parse(&new.kind), "kind", &OutletKind::ALL.map(OutletKind::as_str))?,
        takes: Takes { page: takes("page"), notify: takes("notify"), scope: new.covers.unwrap_or_default().read()? },
        server: new.server.unwrap_or_default(),
        tls,
        user: new.user.unwrap_or_default(),
        from: new.from.unwrap_or_default(),
        to: new.to.unwrap_or_default().join("\n"),
        secrets: secrets.into_iter().filter_map(|(field, secret)| Some((field, Secret::new(secret?)))).collect(),
    })
}

/// List outlets
#[utoipa::path(
    get,
    path = "/api/v1/outlets",
    operation_id = "monitors_outlets",
    tag = "monitors",
    responses((status = 200, description = "The outlets.", body = Outlets)),
)]
pub async fn list(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
) -> Result<Json<Outlets>, Problem> {
    Asked::nothing(&uri)?;
    let all = program.told(site.cases.monitors.outlets(&program.caller).await)?;
    let heartbeat = all.heartbeat.map(|h| HeartbeatStanding {
        leads_to: h.shown,
        called: h.called_at.map(Into::into),
        error: h.error,
    });
    Ok(Json(Outlets { outlets: all.outlets.into_iter().map(Into::into).collect(), heartbeat }))
}

/// Add an outlet
///
/// Alerts that it takes are sent there from now on. Takes a grant on everything.
#[utoipa::path(
    post,
    path = "/api/v1/outlets",
    operation_id = "monitors_add_outlet",
    tag = "monitors",
    request_body = NewOutlet,
    responses((status = 200, description = "It is there.", body = OutletDone)),
)]
pub async fn add(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
    Given(new): Given<NewOutlet>,
) -> Result<Json<OutletDone>, Problem> {
    Asked::nothing(&uri)?;
    let draft = program.told(read(new))?;
    let id = program.told(site.cases.monitors.add_outlet(&program.caller, &draft).await)?;
    Ok(Json(OutletDone { id: id.0 }))
}

/// Change an outlet
///
/// Secrets that are left out stay, as long as it leads the same way. Takes a grant on everything.
#[utoipa::path(
    post,
    path = "/api/v1/outlets/{id}/edit",
    operation_id = "monitors_edit_outlet",
    tag = "monitors",
    params(("id" = String, Path, description = "The outlet's id.", example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")),
    request_body = OutletChange,
    responses((status = 200, description = "It is changed.", body = OutletDone)),
)]
pub async fn edit(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(change): Given<OutletChange>,
) -> Result<Json<OutletDone>, Problem> {
    Asked::nothing(&uri)?;
    let (id, draft) = (OutletId(id), program.told(read(change.outlet))?);
    let version = i64::try_from(change.version).unwrap_or(i64::MAX);
    match program.told(site.cases.monitors.edit_outlet(&program.caller, &id, version, &draft).await)? {
        true => Ok(Json(OutletDone { id: id.0 })),
        false => Err(Problem::not_found("outlet")),
    }
}

/// Remove an outlet
///
/// With what waits to be sent by it. Takes a grant on everything.
#[utoipa::path(
    post,
    path = "/api/v1/outlets/{id}/remove",
    operation_id = "monitors_remove_outlet",
    tag = "monitors",
    params(("id" = String, Path, description = "The outlet's id.", example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")),
    request_body = Nothing,
    responses((status = 200, description = "It is gone.", body = OutletDone)),
)]
pub async fn remove(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(Nothing {}): Given<Nothing>,
) -> Result<Json<OutletDone>, Problem> {
    Asked::nothing(&uri)?;
    let id = OutletId(id);
    match program.told(site.cases.monitors.remove_outlet(&program.caller, &id).await)? {
        true => Ok(Json(OutletDone { id: id.0 })),
        false => Err(Problem::not_found("outlet")),
    }
}

/// Send a test to an outlet
///
/// Once and now, whether it is on or not. Takes a grant on everything.
#[utoipa::path(
    post,
    path = "/api/v1/outlets/{id}/test",
    operation_id = "monitors_test_outlet",
    tag = "monitors",
    params(("id" = String, Path, description = "The outlet's id.", example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")),
    request_body = Nothing,
    responses((status = 200, description = "What came of it.", body = OutletTested)),
)]
pub async fn test(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(Nothing {}): Given<Nothing>,
) -> Result<Json<OutletTested>, Problem> {
    Asked::nothing(&uri)?;
    let done = program.told(site.cases.monitors.test_outlet(&program.caller, &OutletId(id)).await)?;
    let (delivered, error) = match done.ok_or_else(|| Problem::not_found("outlet"))? {
        Ok(but) => (true, but),
        Err(not) => (false, Some(not.why)),
    };
    Ok(Json(OutletTested { delivered, error }))
}

/// Set the heartbeat
///
/// The address is called every minute while rules are judged, so that Weir's own silence is noticed elsewhere. Takes a
/// grant on everything.
#[utoipa::path(
    post,
    path = "/api/v1/heartbeat",
    operation_id = "monitors_set_heartbeat",
    tag = "monitors",
    request_body = NewHeartbeat,
    responses((status = 200, description = "It is set.", body = HeartbeatSet)),
)]
pub async fn heartbeat(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
    Given(new): Given<NewHeartbeat>,
) -> Result<Json<HeartbeatSet>, Problem> {
    Asked::nothing(&uri)?;
    let address = Secret::new(new.address.unwrap_or_default());
    program.told(site.cases.monitors.set_heartbeat(&program.caller, &address).await)?;
    Ok(Json(HeartbeatSet { on: !address.expose().trim().is_empty() }))
}
