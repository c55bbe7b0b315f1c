//! Outlets: kept, changed, removed, and how sending by them goes.

use super::{
    LOCK,
    engine::TOO_LATE,
    rows::{self, person, uuid, write},
};
use crate::{Store, name::storable, timestamp::Ts};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;
use weir_domain::{
    PersonId, Timestamp,
    monitors::{Outlet, OutletShown, Refused},
};

/// What was given up is told for a week.
const TOLD: i64 = 7 * 86_400;

impl Store {
    pub(super) async fn outlets_shown(&self, now: Timestamp) -> sqlx::Result<Vec<OutletShown>> {
        let mut tx = self.for_a_page().await?;
        let outlets = rows::outlets(&mut tx, None).await?;
        let since = Ts(now.plus_secs(-TOLD));
        let sending = sqlx::query_file!("queries/monitors/sending.sql", since as Ts, TOO_LATE);
        let sending = sending.fetch_all(&mut *tx).await?;
        tx.commit().await?;
        let mut sending: HashMap<String, _> = sending.into_iter().map(|r| (r.id.to_string(), r)).collect();
        let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
        let shown = outlets.into_iter().map(|outlet| match sending.remove(&outlet.id.0) {
            Some(r) => OutletShown {
                outlet,
                waiting: count(r.waiting),
                failing: count(r.failing),
                given_up: count(r.given_up),
                delivered_at: r.delivered_at.map(|t| t.0),
                error: r.error,
                arrived: r.arrived.unwrap_or(false),
            },
            None => OutletShown {
                outlet,
                waiting: 0,
                failing: 0,
                given_up: 0,
                delivered_at: None,
                error: None,
                arrived: false,
            },
        });
        Ok(shown.collect())
    }

    pub(super) async fn add_one_outlet(
        &self,
        outlet: &Outlet,
        (by, at): (&PersonId, Timestamp),
        most: u32,
    ) -> sqlx::Result<Result<(), Refused>> {
        let mut tx = self.for_a_page().await?;
        sqlx::query("select pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await?;
        let there = sqlx::query_scalar!(r#"select count(*) as "n!" from outlet"#);
        if there.fetch_one(&mut *tx).await? >= i64::from(most) {
            return Ok(Err(Refused::TooMany));
        }
        let id = uuid(&outlet.id.0)?;
        let added = sqlx::query!(
            "insert into outlet (id, name, kind, is_on, settings, takes, made_at, made_by, changed_at, changed_by)
             values ($1, $2, $3, $4, $5, $6, $7, (select id from person where id = $8), $7, (select id from person where id = $8))
             on conflict (name) do nothing",
            id,
            storable(&outlet.name),
            outlet.settings.kind().as_str(),
            outlet.on,
            write(&outlet.settings)?,
            write(&outlet.takes)?,
            Ts(at) as Ts,
            person(by)
        );
        if added.execute(&mut *tx).await?.rows_affected() != 1 {
            return Ok(Err(Refused::NameTaken));
        }
        secrets(&mut tx, id, outlet).await?;
        tx.commit().await?;
        Ok(Ok(()))
    }

    pub(super) async fn change_one_outlet(
        &self,
        outlet: &Outlet,
        (by, at): (&PersonId, Timestamp),
    ) -> sqlx::Result<Result<(), Refused>> {
        let Ok(id) = Uuid::parse_str(&outlet.id.0) else { return Ok(Err(Refused::Absent)) };
        let mut tx = self.for_a_page().await?;
        sqlx::query("select pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await?;
        let taken = sqlx::query_scalar!(
            r#"select exists (select from outlet where name = $1 and id <> $2) as "taken!""#,
            storable(&outlet.name),
            id
        );
        if taken.fetch_one(&mut *tx).await? {
            return Ok(Err(Refused::NameTaken));
        }
        let version = sqlx::query_scalar!("select version from outlet where id = $1 for update", id);
        match version.fetch_optional(&mut *tx).await? {
            None => return Ok(Err(Refused::Absent)),
            Some(version) if version != outlet.version => return Ok(Err(Refused::Changed)),
            Some(_) => {}
        }
        sqlx::query!(
            "update outlet set name = $2, is_on = $3, settings = $4, takes = $5, version = version + 1, changed_at = $6,
                               changed_by = (select id from person where id = $7)
             where id = $1",
            id,
            storable(&outlet.name),
            outlet.on,
            write(&outlet.settings)?,
            write(&outlet.takes)?,
            Ts(at) as Ts,
            person(by)
        )
        .execute(&mut *tx)
        .await?;
        secrets(&mut tx, id, outlet).await?;
        // Perhaps that is what it waited for.
        sqlx::query!(
            "update delivery set next_at = $2 where outlet_id = $1 and state = 'waiting' and next_at > $2",
            id,
            Ts(at) as Ts
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(Ok(()))
    }

    pub(super) async fn remove_one_outlet(&self, id: Uuid, now: Timestamp) -> sqlx::Result<bool> {
        let mut tx = self.for_a_page().await?;
        sqlx::query!(
            "update delivery set state = 'given_up', ended_at = $2, next_at = null, error = 'The outlet was removed.'
             where outlet_id = $1 and state = 'waiting'",
            id,
            Ts(now) as Ts
        )
        .execute(&mut *tx)
        .await?;
        let gone = sqlx::query!("delete from outlet where id = $1", id).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(gone.rows_affected() == 1)
    }
}

/// Replaces them all.
async fn secrets(connection: &mut PgConnection, id: Uuid, outlet: &Outlet) -> sqlx::Result<()> {
    sqlx::query!("delete from outlet_secret where outlet_id = $1", id).execute(&mut *connection).await?;
    for (field, sealed) in &outlet.secrets {
        sqlx::query!(
            "insert into outlet_secret (outlet_id, field, key_id, sealed) values ($1, $2, $3, $4)",
            id,
            field.as_str(),
            sealed.key_id,
            sealed.bytes
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
