//! Sources made in the browser. What they are reached with arrives sealed: this crate never sees a secret.

use crate::{
    Store,
    error::{corrupt, failed},
    name::{storable, storable_text},
    news::SOURCES,
    timestamp::Ts,
};
use async_trait::async_trait;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use weir_domain::{
    EnvironmentId, PersonId, SourceId, StoreError, Timestamp,
    access::{SystemView, View},
    sources::{
        EnvironmentChoice, KeptSource, MadeSource, MadeSources, MadeVersion, NameTaken, Sealed, SecretField,
        SourceSettings,
    },
};

#[async_trait]
impl MadeSources for Store {
    async fn made(&self, view: &View, id: SourceId) -> Result<Option<MadeSource>, StoreError> {
        let made = read(self.pages(), id).await.map_err(failed)?;
        Ok(made.filter(|m| view.environment().is_none_or(|e| e == m.environment)))
    }

    async fn name_taken(&self, _: &View, name: &str) -> Result<Option<NameTaken>, StoreError> {
        let row = sqlx::query!(
            "select s.id, s.environment_id, e.name as environment_name, s.orphan
             from source s join environment e on e.id = s.environment_id where s.name = $1",
            storable(name)
        )
        .fetch_optional(self.pages())
        .await
        .map_err(failed)?;
        Ok(row.map(|r| NameTaken {
            id: SourceId(r.id),
            environment: EnvironmentId(r.environment_id),
            environment_name: r.environment_name,
            gone: r.orphan,
        }))
    }

    async fn reserve(&self, _: &View) -> Result<SourceId, StoreError> {
        let id = sqlx::query_scalar!(r#"select nextval(pg_get_serial_sequence('source', 'id')) as "id!""#);
        Ok(SourceId(id.fetch_one(self.pages()).await.map_err(failed)?))
    }

    async fn add(&self, _: &View, new: &KeptSource) -> Result<(), StoreError> {
        let mut tx = crate::pool::begin(self.pages()).await.map_err(failed)?;
        let environment = environment(&mut tx, &new.environment).await?;
        let (settings, policy) = (json(&new.settings)?, &new.settings.policy);
        // One that takes up a name whose reading was given up goes on under its id, with what was captured.
        let put = sqlx::query!(
            "insert into source as s (id, environment_id, name, kind, description, capture, act, read_only, origin)
             overriding system value values ($1, $2, $3, $4, $5, $6, $7, $8, 'browser')
             on conflict (id) do update set
                 environment_id = excluded.environment_id, kind = excluded.kind, description = excluded.description,
                 capture = excluded.capture, act = excluded.act, read_only = excluded.read_only, origin = 'browser',
                 orphan = false, removed_by = null, paused = false, wish_at = $9
             where s.orphan and s.name = excluded.name",
            new.id.0,
            environment.0,
            storable(&new.name),
            storable(&new.settings.kind),
            storable_text(&new.settings.description()),
            policy.capture,
            policy.act,
            policy.read_only,
            Ts(new.at) as Ts
        )
        .execute(&mut *tx)
        .await
        .map_err(taken)?;
        if put.rows_affected() != 1 {
            return Err(StoreError::Conflict("the name was taken up by somebody else meanwhile".into()));
        }
        sqlx::query!(
            "insert into source_made (source_id, settings, made_at, made_by, changed_at, changed_by)
             values ($1, $2, $3, (select id from person where id = $4), $3, (select id from person where id = $4))",
            new.id.0,
            settings,
            Ts(new.at) as Ts,
            person(&new.by)
        )
        .execute(&mut *tx)
        .await
        .map_err(taken)?;
        secrets(&mut tx, new).await.map_err(failed)?;
        tell(&mut tx).await.map_err(failed)?;
        tx.commit().await.map_err(failed)
    }

    async fn change(&self, _: &View, version: i64, kept: &KeptSource) -> Result<bool, StoreError> {
        let mut tx = crate::pool::begin(self.pages()).await.map_err(failed)?;
        let changed = sqlx::query!(
            "update source_made set version = version + 1, settings = $3, changed_at = $4,
                                    changed_by = (select id from person where id = $5)
             where source_id = $1 and version = $2",
            kept.id.0,
            version,
            json(&kept.settings)?,
            Ts(kept.at) as Ts,
            person(&kept.by)
        )
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        if changed.rows_affected() != 1 {
            return Ok(false);
        }
        let environment = environment(&mut tx, &kept.environment).await?;
        let policy = &kept.settings.policy;
        sqlx::query!(
            "update source set environment_id = $2, kind = $3, description = $4, capture = $5, act = $6, read_only = $7
             where id = $1",
            kept.id.0,
            environment.0,
            storable(&kept.settings.kind),
            storable_text(&kept.settings.description()),
            policy.capture,
            policy.act,
            policy.read_only
        )
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        secrets(&mut tx, kept).await.map_err(failed)?;
        tell(&mut tx).await.map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        Ok(true)
    }

    async fn remove(&self, _: &View, id: SourceId, by: &PersonId, at: Timestamp) -> Result<bool, StoreError> {
        let mut tx = crate::pool::begin(self.pages()).await.map_err(failed)?;
        let gone = sqlx::query!("delete from source_made where source_id = $1", id.0)
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        if gone.rows_affected() != 1 {
            return Ok(false);
        }
        sqlx::query!(
            "update source set orphan = true, wish_at = $2, removed_by = (select id from person where id = $3)
             where id = $1",
            id.0,
            Ts(at) as Ts,
            person(by)
        )
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        tell(&mut tx).await.map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        Ok(true)
    }

    async fn versions(&self, _: &SystemView) -> Result<Vec<MadeVersion>, StoreError> {
        let rows = sqlx::query!(
            "select s.id, s.name, m.version from source_made m join source s on s.id = m.source_id order by s.id"
        );
        let rows = rows.fetch_all(self.capture_pool()).await.map_err(failed)?;
        Ok(rows.into_iter().map(|r| MadeVersion { source: SourceId(r.id), name: r.name, version: r.version }).collect())
    }

    async fn for_tap(&self, _: &SystemView, id: SourceId) -> Result<Option<MadeSource>, StoreError> {
        read(self.capture_pool(), id).await.map_err(failed)
    }

    async fn reseal(&self, id: SourceId, field: SecretField, old: &Sealed, new: &Sealed) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "update source_secret set key_id = $4, sealed = $5
             where source_id = $1 and field = $2 and sealed = $3",
            id.0,
            field.as_str(),
            old.bytes,
            new.key_id,
            new.bytes
        )
        .execute(self.capture_pool())
        .await
        .map_err(failed)?;
        Ok(done.rows_affected() == 1)
    }

    async fn hint(&self) {
        self.hub().sources_changed().await;
    }
}

/// In one statement: what somebody changes meanwhile must not bring the settings of one version and the secrets of another.
async fn read(pool: &PgPool, id: SourceId) -> sqlx::Result<Option<MadeSource>> {
    let rows = sqlx::query!(
        r#"select s.name, s.environment_id, e.name as environment_name, m.version, m.settings,
                  x.field as "field?", x.key_id as "key_id?", x.sealed as "sealed?"
           from source_made m join source s on s.id = m.source_id join environment e on e.id = s.environment_id
           left join source_secret x on x.source_id = m.source_id
           where m.source_id = $1 order by x.field"#,
        id.0
    )
    .fetch_all(pool)
    .await?;
    let mut made = None;
    let mut secrets = Vec::new();
    for row in rows {
        if let (Some(field), Some(key_id), Some(bytes)) = (row.field, row.key_id, row.sealed) {
            secrets.extend(SecretField::parse(&field).map(|field| (field, Sealed { key_id, bytes })));
        }
        made.get_or_insert((row.name, row.environment_id, row.environment_name, row.version, row.settings));
    }
    let Some((name, environment, environment_name, version, settings)) = made else { return Ok(None) };
    let settings: SourceSettings = serde_json::from_str(&settings)
        .map_err(|e| corrupt(format!("the settings of source {id} can't be read: {e}")))?;
    if settings.format != SourceSettings::FORMAT {
        return Err(corrupt(format!("the settings of source {id} have the format {}", settings.format)));
    }
    let environment = EnvironmentId(environment);
    Ok(Some(MadeSource { id, name, environment, environment_name, version, settings, secrets }))
}

/// Replaces them all.
async fn secrets(connection: &mut PgConnection, kept: &KeptSource) -> sqlx::Result<()> {
    sqlx::query!("delete from source_secret where source_id = $1", kept.id.0).execute(&mut *connection).await?;
    for (field, sealed) in &kept.secrets {
        sqlx::query!(
            "insert into source_secret (source_id, field, key_id, sealed) values ($1, $2, $3, $4)",
            kept.id.0,
            field.as_str(),
            sealed.key_id,
            sealed.bytes
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

async fn environment(connection: &mut PgConnection, choice: &EnvironmentChoice) -> Result<EnvironmentId, StoreError> {
    match choice {
        EnvironmentChoice::Existing(id) => Ok(*id),
        EnvironmentChoice::New { name, production, colour } => {
            let made = sqlx::query_scalar!(
                "insert into environment (name, production, colour) values ($1, $2, $3) on conflict do nothing returning id",
                storable(name),
                *production,
                colour.as_deref()
            )
            .fetch_optional(connection)
            .await
            .map_err(failed)?;
            let taken = || StoreError::Conflict(format!("there is an environment called {name} by now"));
            made.map(EnvironmentId).ok_or_else(taken)
        }
    }
}

/// Taps look anew at once; without it they do within seconds.
async fn tell(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("select pg_notify($1, '')").bind(SOURCES).execute(connection).await.map(drop)
}

fn json(settings: &SourceSettings) -> Result<String, StoreError> {
    serde_json::to_string(settings).map_err(|e| StoreError::Internal(e.to_string()))
}

/// Nobody, for a caller that is no person of the database.
fn person(id: &PersonId) -> Option<Uuid> {
    id.0.parse().ok()
}

/// A name or an id that somebody else was quicker to take.
fn taken(error: sqlx::Error) -> StoreError {
    match error.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref() {
        Some("23505") => StoreError::Conflict("the name was taken by another source meanwhile".into()),
        Some("23503") => StoreError::Conflict("the environment is not there any more".into()),
        _ => failed(error),
    }
}
