//! What the engine judges by, keeps, and sends.

use super::rows::{self, Wanted, uuid, write};
use crate::{
    Store,
    error::failed,
    name::{storable, storable_text},
    pool::begin,
    timestamp::Ts,
};
use async_trait::async_trait;
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;
use weir_domain::{
    AlertId, OutletId, StoreError, Timestamp,
    access::SystemView,
    monitors::{
        Alert, Alerting, Attempt, Changes, Due, GIVEN_UP_AFTER, Heartbeat, Outgoing, Outlet, OutletField, Told, Watch,
        with_defaults,
    },
    sources::Sealed,
};

/// Alerts and windows are kept for so many days after they are over; what was sent, for a month.
const ALERTS_KEPT: i64 = 90;
const DELIVERIES_KEPT: i64 = 30;
/// Rows removed of each table by one call.
const AT_MOST: i64 = 10_000;
/// Deliveries of one outlet that are handed out at once.
const OF_ONE: i64 = 10;
/// Windows that judging looks at: those that are not over, of which there are at most a hundred.
const WINDOWS: i64 = 200;

/// Why something was not sent that would have been news of the past.
pub(super) const TOO_LATE: &str = "It was over before it could be sent.";

#[async_trait]
impl Alerting for Store {
    async fn watch(&self, _: &SystemView, now: Timestamp) -> Result<Watch, StoreError> {
        self.watched_by_rules(now).await.map_err(failed)
    }
    async fn keep(&self, _: &SystemView, revision: i64, changes: &Changes, now: Timestamp) -> Result<bool, StoreError> {
        self.keep_judged(revision, changes, now).await.map_err(failed)
    }
    async fn due(&self, _: &SystemView, now: Timestamp, limit: u32) -> Result<Vec<Due>, StoreError> {
        self.due_deliveries(now, limit).await.map_err(failed)
    }
    async fn attempted(
        &self,
        _: &SystemView,
        id: &str,
        attempt: Attempt<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let id = uuid(id).map_err(failed)?;
        let done = match attempt {
            Attempt::Arrived(but) => {
                let but = but.map(storable_text);
                sqlx::query_file!("queries/monitors/arrived.sql", id, but, Ts(now) as Ts, TOO_LATE)
                    .execute(self.capture_pool())
                    .await
            }
            // What was given up meanwhile (its outlet was removed, it is over) stays so.
            Attempt::Failed { why, next } => {
                sqlx::query!(
                    "update delivery set attempts = attempts + 1, state = $2, error = $3, next_at = $4, ended_at = $5
                     where id = $1 and state = 'waiting'",
                    id,
                    if next.is_some() { "waiting" } else { "given_up" },
                    storable_text(why),
                    next.map(Ts) as Option<Ts>,
                    next.is_none().then_some(Ts(now)) as Option<Ts>
                )
                .execute(self.capture_pool())
                .await
            }
        };
        done.map_err(failed).map(drop)
    }
    async fn leave_alone(&self, _: &SystemView, outlet: &OutletId, until: Timestamp) -> Result<(), StoreError> {
        let left = sqlx::query!(
            "update delivery set next_at = $2 where outlet_id = $1 and state = 'waiting' and next_at < $2",
            uuid(&outlet.0).map_err(failed)?,
            Ts(until) as Ts
        );
        left.execute(self.capture_pool()).await.map_err(failed).map(drop)
    }
    async fn heartbeat_for_engine(&self, _: &SystemView) -> Result<Option<Heartbeat>, StoreError> {
        let mut connection = self.capture_pool().acquire().await.map_err(failed)?;
        heartbeat(&mut connection).await.map_err(failed)
    }
    async fn called(&self, _: &SystemView, at: Timestamp, error: Option<&str>) -> Result<(), StoreError> {
        sqlx::query!(
            "update monitor_state set heartbeat_at = $1, heartbeat_error = $2",
            Ts(at) as Ts,
            error.map(storable_text)
        )
        .execute(self.capture_pool())
        .await
        .map_err(failed)?;
        Ok(())
    }
    async fn reseal_outlet(
        &self,
        _: &SystemView,
        outlet: Option<(&OutletId, OutletField)>,
        old: &Sealed,
        new: &Sealed,
    ) -> Result<bool, StoreError> {
        let done = match outlet {
            Some((id, field)) => sqlx::query!(
                "update outlet_secret set key_id = $4, sealed = $5 where outlet_id = $1 and field = $2 and sealed = $3",
                uuid(&id.0).map_err(failed)?,
                field.as_str(),
                old.bytes,
                new.key_id,
                new.bytes
            )
            .execute(self.capture_pool())
            .await,
            None => {
                sqlx::query!(
                    "update monitor_state set heartbeat_key_id = $2, heartbeat_sealed = $3 where heartbeat_sealed = $1",
                    old.bytes,
                    new.key_id,
                    new.bytes
                )
                .execute(self.capture_pool())
                .await
            }
        };
        Ok(done.map_err(failed)?.rows_affected() == 1)
    }
    async fn forget_alerts(&self, _: &SystemView, now: Timestamp) -> Result<u64, StoreError> {
        self.forget_old_alerts(now).await.map_err(failed)
    }
}

pub(super) async fn heartbeat(connection: &mut PgConnection) -> sqlx::Result<Option<Heartbeat>> {
    let row = sqlx::query!(
        r#"select heartbeat_shown, heartbeat_key_id, heartbeat_sealed, heartbeat_at as "heartbeat_at: Ts", heartbeat_error
           from monitor_state"#
    );
    let Some(r) = row.fetch_optional(connection).await? else { return Ok(None) };
    let (Some(shown), Some(key_id), Some(bytes)) = (r.heartbeat_shown, r.heartbeat_key_id, r.heartbeat_sealed) else {
        return Ok(None);
    };
    let address = Sealed { key_id, bytes };
    Ok(Some(Heartbeat { shown, address, called_at: r.heartbeat_at.map(|t| t.0), error: r.heartbeat_error }))
}

impl Store {
    /// All of it as of one moment.
    async fn watched_by_rules(&self, now: Timestamp) -> sqlx::Result<Watch> {
        let mut tx = begin(self.capture_pool()).await?;
        sqlx::query("set transaction isolation level repeatable read read only").execute(&mut *tx).await?;
        let revision = sqlx::query_scalar!("select revision from monitor_state").fetch_one(&mut *tx).await?;
        let told = sqlx::query_file!("queries/monitors/told.sql").fetch_all(&mut *tx).await?.into_iter();
        let told = told.map(|r| Told {
            alert: AlertId(r.alert_id.to_string()),
            outlet: OutletId(r.outlet_id.to_string()),
            thread: r.thread.to_string(),
        });
        let watch = Watch {
            revision,
            rules: with_defaults(rows::rules(&mut tx).await?),
            open: rows::alerts(&mut tx, &Wanted::default()).await?,
            windows: rows::windows(&mut tx, now, WINDOWS).await?,
            outlets: rows::outlets(&mut tx, None).await?,
            told: told.collect(),
        };
        tx.commit().await?;
        Ok(watch)
    }

    async fn keep_judged(&self, revision: i64, changes: &Changes, now: Timestamp) -> sqlx::Result<bool> {
        let mut tx = begin(self.capture_pool()).await?;
        let ours = sqlx::query!("update monitor_state set revision = revision + 1 where revision = $1", revision);
        if ours.execute(&mut *tx).await?.rows_affected() != 1 {
            return Ok(false);
        }
        for alert in &changes.opened {
            if !open(&mut tx, alert).await? {
                return Ok(false);
            }
        }
        for alert in &changes.changed {
            go_on(&mut tx, alert).await?;
        }
        let over = changes.changed.iter().filter(|a| !a.is_open()).map(|a| uuid(&a.id.0));
        let over = over.collect::<sqlx::Result<Vec<_>>>()?;
        if !over.is_empty() {
            let late = sqlx::query_file!("queries/monitors/late.sql", &over, Ts(now) as Ts, TOO_LATE);
            late.execute(&mut *tx).await?;
        }
        for sent in &changes.messages {
            queue(&mut tx, sent, now).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    async fn due_deliveries(&self, now: Timestamp, limit: u32) -> sqlx::Result<Vec<Due>> {
        let mut tx = begin(self.capture_pool()).await?;
        let rows = sqlx::query_file!("queries/monitors/due.sql", Ts(now) as Ts, i64::from(limit), OF_ONE);
        let rows = rows.fetch_all(&mut *tx).await?;
        let outlets: HashMap<Uuid, Outlet> = match rows.is_empty() {
            true => HashMap::new(),
            false => {
                let all = rows::outlets(&mut tx, None).await?;
                all.into_iter().filter_map(|o| Some((uuid(&o.id.0).ok()?, o))).collect()
            }
        };
        tx.commit().await?;
        let due = |r: (Uuid, Uuid, String, i32, Ts)| -> Option<sqlx::Result<Due>> {
            let (id, outlet, message, attempts, queued_at) = r;
            // Removed between the two statements: its deliveries are given up with it.
            let outlet = outlets.get(&outlet)?.clone();
            Some(rows::read("a message", &message).map(|message| Due {
                id: id.to_string(),
                outlet,
                message,
                attempts: u32::try_from(attempts).unwrap_or(0),
                queued_at: queued_at.0,
            }))
        };
        rows.into_iter().filter_map(|r| due((r.id, r.outlet_id, r.message, r.attempts, r.queued_at))).collect()
    }

    async fn forget_old_alerts(&self, now: Timestamp) -> sqlx::Result<u64> {
        let before = |days: i64| Ts(now.plus_secs(-days * 86_400));
        let pool = self.capture_pool();
        // What waits for an outlet that is off is tried by nobody who could give it up.
        let given_up = sqlx::query!(
            "update delivery set state = 'given_up', ended_at = $2, next_at = null,
                                 error = coalesce(error, 'The outlet was off for a day.')
             where state = 'waiting' and queued_at < $1",
            Ts(now.plus_secs(-GIVEN_UP_AFTER - 3_600)) as Ts,
            Ts(now) as Ts
        );
        let mut gone = given_up.execute(pool).await?.rows_affected();
        // Those of open alerts say whom to tell that it is over.
        let deliveries = sqlx::query!(
            "delete from delivery where ctid = any(array(
                 select d.ctid from delivery d
                 where d.queued_at < $1 and d.state <> 'waiting'
                   and not exists (
                       select from delivery_alert x join alert a on a.id = x.alert_id
                       where x.delivery_id = d.id and a.resolved_at is null
                   )
                 limit $2))",
            before(DELIVERIES_KEPT) as Ts,
            AT_MOST
        );
        gone += deliveries.execute(pool).await?.rows_affected();
        let alerts = sqlx::query!(
            "delete from alert where ctid = any(array(select ctid from alert where resolved_at < $1 limit $2))",
            before(ALERTS_KEPT) as Ts,
            AT_MOST
        );
        gone += alerts.execute(pool).await?.rows_affected();
        let windows = sqlx::query!("delete from maintenance_window where to_time < $1", before(ALERTS_KEPT) as Ts);
        Ok(gone + windows.execute(pool).await?.rows_affected())
    }
}

/// False: one about the same is open already, which whoever judged did not know of.
async fn open(connection: &mut PgConnection, alert: &Alert) -> sqlx::Result<bool> {
    let done = sqlx::query_file!(
        "queries/monitors/open.sql",
        uuid(&alert.id.0)?,
        alert.kind.as_str(),
        alert.rule.0,
        alert.severity.as_str(),
        alert.state.as_str(),
        alert.source.0,
        alert.environment.0,
        storable(&alert.source_name),
        storable(&alert.environment_name),
        alert.group.as_ref().map(|(id, _)| id.0),
        alert.group.as_ref().map(|(_, name)| storable(name)),
        write(&alert.parts)?,
        alert.owner.as_deref().map(storable),
        storable_text(&alert.broker),
        Ts(alert.opened_at) as Ts,
        Ts(alert.seen_at) as Ts,
        alert.told_at.map(Ts) as Option<Ts>,
        alert.told_state.map(|s| s.as_str())
    );
    Ok(done.execute(connection).await?.rows_affected() == 1)
}

async fn go_on(connection: &mut PgConnection, alert: &Alert) -> sqlx::Result<()> {
    sqlx::query_file!(
        "queries/monitors/go_on.sql",
        uuid(&alert.id.0)?,
        alert.rule.0,
        alert.severity.as_str(),
        alert.state.as_str(),
        write(&alert.parts)?,
        alert.owner.as_deref().map(storable),
        storable_text(&alert.broker),
        Ts(alert.seen_at) as Ts,
        alert.clear_since.map(Ts) as Option<Ts>,
        alert.resolved_at.map(Ts) as Option<Ts>,
        alert.told_at.map(Ts) as Option<Ts>,
        alert.told_state.map(|s| s.as_str())
    )
    .execute(connection)
    .await
    .map(drop)
}

async fn queue(connection: &mut PgConnection, sent: &Outgoing, now: Timestamp) -> sqlx::Result<()> {
    let threads = sent.message.threads.iter().map(|t| uuid(t)).collect::<sqlx::Result<Vec<_>>>()?;
    let alerts = sent.alerts.iter().map(|(a, _)| uuid(&a.0)).collect::<sqlx::Result<Vec<_>>>()?;
    let each = sent.alerts.iter().map(|(_, thread)| uuid(thread)).collect::<sqlx::Result<Vec<_>>>()?;
    sqlx::query_file!(
        "queries/monitors/queue.sql",
        Uuid::now_v7(),
        uuid(&sent.to.0)?,
        sent.message.cause.as_str(),
        storable_text(&sent.message.title),
        &threads,
        write(&sent.message)?,
        Ts(now) as Ts,
        &alerts,
        &each,
        TOO_LATE
    )
    .execute(connection)
    .await
    .map(drop)
}
