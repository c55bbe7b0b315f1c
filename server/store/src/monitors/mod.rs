//! Rules, alerts and outlets. What outlets are reached with arrives sealed: this crate never sees a secret.

mod engine;
mod outlets;
mod rows;
mod watched;

use self::rows::{Wanted, person, uuid};
use crate::{Store, error::failed, name::storable, timestamp::Ts};
use async_trait::async_trait;
use uuid::Uuid;
use weir_domain::{
    AlertId, OutletId, PersonId, RuleId, StoreError, Timestamp, WindowId,
    access::View,
    monitors::{
        Act, Alert, AlertShown, AlertsAsked, Cause, Delivery, DeliveryState, Heartbeat, Monitors, Outlet, OutletKind,
        OutletShown, Refused, Rule, Window,
    },
    sources::Sealed,
};

/// Serialises what is counted before it is written ("moni").
const LOCK: i64 = 0x6d6f_6e69;
/// Windows that a list shows.
const WINDOWS: i64 = 200;

#[async_trait]
impl Monitors for Store {
    async fn alerts(&self, view: &View, asked: &AlertsAsked) -> Result<Vec<Alert>, StoreError> {
        let wanted = Wanted { environment: view.environment(), over_since: asked.over_since, ..Wanted::default() };
        let mut connection = self.pages().acquire().await.map_err(failed)?;
        rows::alerts(&mut connection, &wanted).await.map_err(failed)
    }

    async fn alert(&self, view: &View, id: &AlertId) -> Result<Option<AlertShown>, StoreError> {
        let Ok(id) = Uuid::parse_str(&id.0) else { return Ok(None) };
        self.one_alert(view, id).await.map_err(failed)
    }

    async fn acknowledge(&self, _: &View, id: &AlertId, by: Option<&Act>) -> Result<Result<(), Refused>, StoreError> {
        let Ok(id) = Uuid::parse_str(&id.0) else { return Ok(Err(Refused::Absent)) };
        let done = sqlx::query!(
            "update alert set acknowledged_at = $2, acknowledged_name = $3 where id = $1 and resolved_at is null",
            id,
            by.map(|b| Ts(b.at)) as Option<Ts>,
            by.map(|b| storable(&b.name))
        )
        .execute(self.pages())
        .await
        .map_err(failed)?;
        self.done_or_why(done.rows_affected(), id).await.map_err(failed)
    }

    async fn snooze(
        &self,
        _: &View,
        id: &AlertId,
        by: &Act,
        until: Option<Timestamp>,
    ) -> Result<Result<(), Refused>, StoreError> {
        let Ok(id) = Uuid::parse_str(&id.0) else { return Ok(Err(Refused::Absent)) };
        // One that is ended is as if it never was, but for who ended it: at its end it would be told anew.
        let done = sqlx::query!(
            "update alert set snoozed_until = $2, snoozed_at = $3, snoozed_name = $4 where id = $1 and resolved_at is null",
            id,
            until.map(Ts) as Option<Ts>,
            Ts(by.at) as Ts,
            storable(&by.name)
        )
        .execute(self.pages())
        .await
        .map_err(failed)?;
        self.done_or_why(done.rows_affected(), id).await.map_err(failed)
    }

    async fn rules(&self, _: &View) -> Result<Vec<Rule>, StoreError> {
        let mut connection = self.pages().acquire().await.map_err(failed)?;
        rows::rules(&mut connection).await.map_err(failed)
    }

    async fn put_rule(
        &self,
        _: &View,
        rule: &Rule,
        by: (&PersonId, Timestamp),
        most: u32,
    ) -> Result<Result<(), Refused>, StoreError> {
        self.put_one_rule(rule, by, most).await.map_err(failed)
    }

    async fn remove_rule(&self, _: &View, id: &RuleId) -> Result<bool, StoreError> {
        let done = sqlx::query!("delete from monitor_rule where id = $1", id.0).execute(self.pages()).await;
        Ok(done.map_err(failed)?.rows_affected() == 1)
    }

    async fn windows(&self, _: &View, now: Timestamp) -> Result<Vec<Window>, StoreError> {
        let mut connection = self.pages().acquire().await.map_err(failed)?;
        rows::windows(&mut connection, now, WINDOWS).await.map_err(failed)
    }

    async fn add_window(
        &self,
        _: &View,
        window: &Window,
        now: Timestamp,
        most: u32,
    ) -> Result<Result<(), Refused>, StoreError> {
        self.add_one_window(window, now, most).await.map_err(failed)
    }

    async fn end_window(&self, _: &View, id: &WindowId, now: Timestamp) -> Result<bool, StoreError> {
        let Ok(id) = Uuid::parse_str(&id.0) else { return Ok(false) };
        let done = sqlx::query!(
            "update maintenance_window set to_time = $2, from_time = least(from_time, $2) where id = $1 and to_time > $2",
            id,
            Ts(now) as Ts
        );
        Ok(done.execute(self.pages()).await.map_err(failed)?.rows_affected() == 1)
    }

    async fn outlets(&self, _: &View, now: Timestamp) -> Result<Vec<OutletShown>, StoreError> {
        self.outlets_shown(now).await.map_err(failed)
    }

    async fn add_outlet(
        &self,
        _: &View,
        outlet: &Outlet,
        by: (&PersonId, Timestamp),
        most: u32,
    ) -> Result<Result<(), Refused>, StoreError> {
        self.add_one_outlet(outlet, by, most).await.map_err(failed)
    }

    async fn change_outlet(
        &self,
        _: &View,
        outlet: &Outlet,
        by: (&PersonId, Timestamp),
    ) -> Result<Result<(), Refused>, StoreError> {
        self.change_one_outlet(outlet, by).await.map_err(failed)
    }

    async fn remove_outlet(&self, _: &View, id: &OutletId, now: Timestamp) -> Result<bool, StoreError> {
        let Ok(id) = Uuid::parse_str(&id.0) else { return Ok(false) };
        self.remove_one_outlet(id, now).await.map_err(failed)
    }

    async fn heartbeat(&self, _: &View) -> Result<Option<Heartbeat>, StoreError> {
        let mut connection = self.pages().acquire().await.map_err(failed)?;
        engine::heartbeat(&mut connection).await.map_err(failed)
    }

    async fn set_heartbeat(&self, _: &View, to: Option<(&str, &Sealed)>) -> Result<(), StoreError> {
        sqlx::query!(
            "update monitor_state set heartbeat_shown = $1, heartbeat_key_id = $2, heartbeat_sealed = $3, heartbeat_at = null,
                                      heartbeat_error = null",
            to.map(|(shown, _)| shown),
            to.map(|(_, sealed)| sealed.key_id.as_str()),
            to.map(|(_, sealed)| sealed.bytes.as_slice())
        )
        .execute(self.pages())
        .await
        .map_err(failed)?;
        Ok(())
    }
}

impl Store {
    async fn one_alert(&self, view: &View, id: Uuid) -> sqlx::Result<Option<AlertShown>> {
        let mut tx = self.for_a_page().await?;
        let wanted = Wanted { environment: view.environment(), one: Some(id), most: Some(1), ..Wanted::default() };
        let Some(alert) = rows::alerts(&mut tx, &wanted).await?.pop() else { return Ok(None) };
        let rows = sqlx::query_file!("queries/monitors/deliveries.sql", id).fetch_all(&mut *tx).await?;
        tx.commit().await?;
        let shown = rows.into_iter().filter_map(|r| {
            Some(Delivery {
                id: r.id.to_string(),
                outlet: r.outlet_id.map(|id| OutletId(id.to_string())),
                outlet_name: r.outlet_name,
                // Of a newer program: left out.
                outlet_kind: OutletKind::parse(&r.outlet_kind)?,
                cause: Cause::parse(&r.cause)?,
                title: r.title,
                state: DeliveryState::parse(&r.state)?,
                attempts: u32::try_from(r.attempts).unwrap_or(0),
                queued_at: r.queued_at.0,
                ended_at: r.ended_at.map(|t| t.0),
                next_at: r.next_at.map(|t| t.0),
                error: r.error,
            })
        });
        Ok(Some(AlertShown { alert, deliveries: shown.collect() }))
    }

    async fn done_or_why(&self, done: u64, id: Uuid) -> sqlx::Result<Result<(), Refused>> {
        if done == 1 {
            return Ok(Ok(()));
        }
        let there = sqlx::query_scalar!(r#"select exists (select from alert where id = $1) as "there!""#, id);
        let there = there.fetch_one(self.pages()).await?;
        Ok(Err(if there { Refused::Over } else { Refused::Absent }))
    }

    async fn put_one_rule(
        &self,
        rule: &Rule,
        (by, at): (&PersonId, Timestamp),
        most: u32,
    ) -> sqlx::Result<Result<(), Refused>> {
        let mut tx = self.for_a_page().await?;
        sqlx::query("select pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await?;
        let there = sqlx::query_scalar!(r#"select count(*) as "n!" from monitor_rule where id <> $1"#, rule.id.0);
        if there.fetch_one(&mut *tx).await? >= i64::from(most) {
            return Ok(Err(Refused::TooMany));
        }
        sqlx::query!(
            "insert into monitor_rule (id, kind, source, environment, group_name, severity, is_on, limit_min, changed_at, changed_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, (select id from person where id = $10))
             on conflict (id) do update set
                 source = excluded.source, environment = excluded.environment, group_name = excluded.group_name,
                 severity = excluded.severity, is_on = excluded.is_on, limit_min = excluded.limit_min,
                 changed_at = excluded.changed_at, changed_by = excluded.changed_by",
            rule.id.0,
            rule.kind.as_str(),
            storable(&rule.scope.source),
            storable(&rule.scope.environment),
            storable(&rule.scope.group),
            rule.severity.as_str(),
            rule.on,
            i32::try_from(rule.limit_min).unwrap_or(i32::MAX),
            Ts(at) as Ts,
            person(by)
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(Ok(()))
    }

    async fn add_one_window(&self, window: &Window, now: Timestamp, most: u32) -> sqlx::Result<Result<(), Refused>> {
        let mut tx = self.for_a_page().await?;
        sqlx::query("select pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await?;
        let there =
            sqlx::query_scalar!(r#"select count(*) as "n!" from maintenance_window where to_time > $1"#, Ts(now) as Ts);
        if there.fetch_one(&mut *tx).await? >= i64::from(most) {
            return Ok(Err(Refused::TooMany));
        }
        sqlx::query!(
            "insert into maintenance_window (id, source, environment, group_name, from_time, to_time, reason, made_name, made_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            uuid(&window.id.0)?,
            storable(&window.scope.source),
            storable(&window.scope.environment),
            storable(&window.scope.group),
            Ts(window.from) as Ts,
            Ts(window.to) as Ts,
            window.reason,
            storable(&window.made_name),
            Ts(now) as Ts
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(Ok(()))
    }
}
