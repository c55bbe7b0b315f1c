//! Rows as the domain has them.

use crate::{error::corrupt, timestamp::Ts};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;
use weir_domain::{
    AlertId, EnvironmentId, GroupId, OutletId, RuleId, SourceId, Timestamp, WindowId,
    monitors::{Act, Alert, AlertState, Outlet, OutletField, Rule, RuleKind, Scope, Severity, Window},
    sources::Sealed,
};

/// More open alerts than this are not looked at; there is one for a group and kind of rule.
const MOST_OPEN: i64 = 50_000;

pub(super) fn uuid(text: &str) -> sqlx::Result<Uuid> {
    Uuid::parse_str(text).map_err(|e| sqlx::Error::Decode(e.into()))
}

/// Nobody, for a caller that is no person of the database.
pub(super) fn person(id: &weir_domain::PersonId) -> Option<Uuid> {
    id.0.parse().ok()
}

/// JSON, in which NUL (for which a database's text has no place) is an escape.
pub(super) fn write<T: Serialize>(what: &T) -> sqlx::Result<String> {
    serde_json::to_string(what).map_err(|e| sqlx::Error::Encode(e.into()))
}

pub(super) fn read<T: DeserializeOwned>(what: &str, text: &str) -> sqlx::Result<T> {
    serde_json::from_str(text).map_err(|e| corrupt(format!("{what} can't be read: {e}")))
}

/// Which alerts are wanted.
#[derive(Default)]
pub(super) struct Wanted {
    pub environment: Option<EnvironmentId>,
    pub one: Option<Uuid>,
    pub over_since: Option<Timestamp>,
    pub most: Option<u32>,
}

struct AlertRow {
    id: Uuid,
    kind: String,
    rule_id: String,
    severity: String,
    state: String,
    source_id: i64,
    environment_id: i64,
    source_name: String,
    environment_name: String,
    group_id: Option<i64>,
    group_name: Option<String>,
    parts: String,
    owner: Option<String>,
    broker: String,
    opened_at: Ts,
    seen_at: Ts,
    clear_since: Option<Ts>,
    resolved_at: Option<Ts>,
    told_at: Option<Ts>,
    told_state: Option<String>,
    acknowledged_at: Option<Ts>,
    acknowledged_name: Option<String>,
    snoozed_at: Option<Ts>,
    snoozed_name: Option<String>,
    snoozed_until: Option<Ts>,
}

pub(super) async fn alerts(connection: &mut PgConnection, wanted: &Wanted) -> sqlx::Result<Vec<Alert>> {
    let rows = sqlx::query_file_as!(
        AlertRow,
        "queries/monitors/alerts.sql",
        wanted.environment.map(|e| e.0),
        wanted.one,
        wanted.over_since.map(Ts) as Option<Ts>,
        wanted.most.map_or(MOST_OPEN, i64::from)
    );
    rows.fetch_all(connection).await?.into_iter().map(alert).collect()
}

fn alert(r: AlertRow) -> sqlx::Result<Alert> {
    // A word of a newer program.
    let unknown = |what: &str, word: &str| corrupt(format!("the {what} {word:?} of an alert is not known"));
    let act = |at: Option<Ts>, name: Option<String>| Some(Act { at: at?.0, name: name? });
    Ok(Alert {
        id: AlertId(r.id.to_string()),
        kind: RuleKind::parse(&r.kind).ok_or_else(|| unknown("kind", &r.kind))?,
        rule: RuleId(r.rule_id),
        severity: Severity::parse(&r.severity).ok_or_else(|| unknown("severity", &r.severity))?,
        state: AlertState::parse(&r.state).ok_or_else(|| unknown("state", &r.state))?,
        source: SourceId(r.source_id),
        source_name: r.source_name,
        environment: EnvironmentId(r.environment_id),
        environment_name: r.environment_name,
        group: r.group_id.zip(r.group_name).map(|(id, name)| (GroupId(id), name)),
        parts: read("the parts of an alert", &r.parts)?,
        owner: r.owner,
        broker: r.broker,
        opened_at: r.opened_at.0,
        seen_at: r.seen_at.0,
        clear_since: r.clear_since.map(|t| t.0),
        resolved_at: r.resolved_at.map(|t| t.0),
        told_at: r.told_at.map(|t| t.0),
        told_state: r.told_state.as_deref().and_then(AlertState::parse),
        acknowledged: act(r.acknowledged_at, r.acknowledged_name),
        snoozed: act(r.snoozed_at, r.snoozed_name),
        snoozed_until: r.snoozed_until.map(|t| t.0),
    })
}

/// In the order they were added or last changed. One of a kind that this program does not know says nothing here.
pub(super) async fn rules(connection: &mut PgConnection) -> sqlx::Result<Vec<Rule>> {
    let rows = sqlx::query!(
        "select id, kind, source, environment, group_name, severity, is_on, limit_min from monitor_rule
         order by changed_at, id"
    );
    let rows = rows.fetch_all(connection).await?.into_iter();
    Ok(rows
        .filter_map(|r| {
            let (kind, severity) = (RuleKind::parse(&r.kind)?, Severity::parse(&r.severity)?);
            let scope = Scope { source: r.source, environment: r.environment, group: r.group_name };
            let limit_min = u32::try_from(r.limit_min).ok()?;
            Some(Rule { id: RuleId(r.id), kind, scope, severity, on: r.is_on, limit_min, changed: true })
        })
        .collect())
}

/// Those that are not over by `now`, then the last of those that are.
pub(super) async fn windows(connection: &mut PgConnection, now: Timestamp, most: i64) -> sqlx::Result<Vec<Window>> {
    let rows = sqlx::query!(
        r#"select id, source, environment, group_name, from_time as "from: Ts", to_time as "to: Ts", reason, made_name
           from maintenance_window
           order by to_time <= $1, case when to_time > $1 then from_time end, to_time desc, id
           limit $2"#,
        Ts(now) as Ts,
        most
    );
    let rows = rows.fetch_all(connection).await?.into_iter();
    Ok(rows
        .map(|r| Window {
            id: WindowId(r.id.to_string()),
            scope: Scope { source: r.source, environment: r.environment, group: r.group_name },
            from: r.from.0,
            to: r.to.0,
            reason: r.reason,
            made_name: r.made_name,
        })
        .collect())
}

/// By name. In one statement: what somebody changes meanwhile must not bring the settings of one version and the secrets
/// of another.
pub(super) async fn outlets(connection: &mut PgConnection, one: Option<Uuid>) -> sqlx::Result<Vec<Outlet>> {
    let rows = sqlx::query_file!("queries/monitors/outlets.sql", one).fetch_all(connection).await?;
    let mut all: Vec<Outlet> = Vec::new();
    let mut places: HashMap<Uuid, usize> = HashMap::new();
    for r in rows {
        let at = match places.get(&r.id) {
            Some(at) => *at,
            None => {
                all.push(Outlet {
                    id: OutletId(r.id.to_string()),
                    name: r.name,
                    on: r.is_on,
                    takes: read("what an outlet takes", &r.takes)?,
                    settings: read("the settings of an outlet", &r.settings)?,
                    secrets: Vec::new(),
                    version: r.version,
                });
                places.insert(r.id, all.len() - 1);
                all.len() - 1
            }
        };
        if let (Some(outlet), Some(field), Some(key_id), Some(bytes)) = (all.get_mut(at), r.field, r.key_id, r.sealed)
            && let Some(field) = OutletField::parse(&field)
        {
            outlet.secrets.push((field, Sealed { key_id, bytes }));
        }
    }
    Ok(all)
}
