//! How the database is, for `weir doctor`. Changes nothing, and works on one that Weir has never used.

use crate::{Store, error::failed, timestamp::Ts};
use weir_domain::{InstanceId, StoreError, Timestamp};

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// PostgreSQL's version, `15.8`.
    pub server: String,
    /// The database's own clock.
    pub now: Timestamp,
    /// The newest migration that was applied; `None`: Weir has never used this database.
    pub schema: Option<i64>,
    pub instance: Option<InstanceId>,
    /// Of the whole database.
    pub bytes: u64,
}

impl Store {
    /// Looks at the database.
    ///
    /// # Errors
    /// `Unavailable` if it can't be reached or refuses the role.
    pub async fn health(&self) -> Result<Health, StoreError> {
        let row = sqlx::query!(
            r#"select current_setting('server_version') as "server!", clock_timestamp() as "now!: Ts",
                      pg_database_size(current_database()) as "bytes!",
                      to_regclass('_sqlx_migrations') is not null as "migrated!",
                      to_regclass('instance') is not null as "used!""#
        )
        .fetch_one(self.pages())
        .await
        .map_err(failed)?;
        // Unchecked by the macro: these tables may not be there.
        let schema = match row.migrated {
            true => sqlx::query_scalar("select max(version) from _sqlx_migrations where success")
                .fetch_one(self.pages())
                .await
                .map_err(failed)?,
            false => None,
        };
        let instance: Option<uuid::Uuid> = match row.used {
            true => sqlx::query_scalar("select id from instance").fetch_optional(self.pages()).await.map_err(failed)?,
            false => None,
        };
        Ok(Health {
            // Debian adds its own: `15.8 (Debian 15.8-0+deb12u1)`.
            server: row.server.split(' ').next().unwrap_or_default().to_owned(),
            now: row.now.0,
            schema,
            instance: instance.map(|id| InstanceId(id.to_string())),
            bytes: u64::try_from(row.bytes).unwrap_or(0),
        })
    }
}
