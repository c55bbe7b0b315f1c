//! Migrations (decision 25): embedded, run under one advisory lock, and never against a schema from the future.

use crate::{Store, error::failed};
use sqlx::{
    ConnectOptions as _, Connection as _, PgConnection,
    migrate::{MigrateError, Migrator},
};
use std::borrow::Cow;
use weir_domain::StoreError;

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// "weir" in ASCII: the key of the advisory lock under which the schema changes.
const LOCK: i64 = 0x7765_6972;

impl Store {
    /// Brings the schema to what this program knows. Servers that start together wait for one another.
    ///
    /// # Errors
    /// `Unavailable` if the database is away or another migration has not ended after a minute: try again.
    /// `Internal` if the schema is newer than this program knows, or a migration was changed after it ran.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let mut connection = self.locked().await?;
        let done = match newer(&mut connection).await? {
            Some(found) => Err(StoreError::Internal(format!(
                "the database's schema ({found}) is newer than this program knows ({}): start the newer Weir, or restore the database from before its update",
                self.newest_migration()
            ))),
            None => migrator().run_direct(None, &mut connection, false).await.map_err(explain),
        };
        // Closing lets go of the lock.
        let closed = connection.close().await.map_err(failed);
        done.and(closed)
    }

    /// Takes back every migration newer than `target` (0: all), with all they hold. For tests and for going back after
    /// a failed update.
    ///
    /// # Errors
    /// As [`migrate`](Self::migrate).
    pub async fn migrate_down(&self, target: i64) -> Result<(), StoreError> {
        let mut connection = self.locked().await?;
        let done = migrator().undo(&mut connection, target).await.map_err(explain);
        self.caches().clear();
        let closed = connection.close().await.map_err(failed);
        done.and(closed)
    }

    /// What was applied to the database after `version`, oldest first: number and name. `None`: that one was never
    /// applied.
    ///
    /// # Errors
    /// `Unavailable` if the database is away; `Internal` if no Weir ever used it.
    pub async fn applied_after(&self, version: i64) -> Result<Option<Vec<(i64, String)>>, StoreError> {
        let applied: Vec<(i64, String)> =
            sqlx::query_as("select version, description from _sqlx_migrations order by version")
                .fetch_all(self.pages())
                .await
                .map_err(failed)?;
        let known = applied.iter().any(|(v, _)| *v == version);
        Ok(known.then(|| applied.into_iter().filter(|(v, _)| *v > version).collect()))
    }

    /// Connections to this database of processes whose name begins so.
    ///
    /// # Errors
    /// `Unavailable` if the database is away.
    pub async fn connections_of(&self, prefix: &str) -> Result<i64, StoreError> {
        sqlx::query_scalar(
            "select count(*) from pg_stat_activity where datname = current_database() and starts_with(application_name, $1)",
        )
        .bind(prefix)
        .fetch_one(self.pages())
        .await
        .map_err(failed)
    }

    /// The newest schema this program knows.
    #[must_use]
    pub fn newest_migration(&self) -> i64 {
        MIGRATIONS.iter().map(|m| m.version).max().unwrap_or(0)
    }

    async fn locked(&self) -> Result<PgConnection, StoreError> {
        let options = self.base().options([("lock_timeout", "60s"), ("timezone", "UTC")]);
        let mut connection = options.connect().await.map_err(failed)?;
        sqlx::query("select pg_advisory_lock($1)").bind(LOCK).execute(&mut connection).await.map_err(failed)?;
        // From here on a lock that a page or a tap holds is waited for only briefly: a queue behind a waiting
        // migration would stop them all.
        sqlx::query("set lock_timeout = '10s'").execute(&mut connection).await.map_err(failed)?;
        Ok(connection)
    }
}

/// sqlx's own lock would wait without limit.
fn migrator() -> Migrator {
    Migrator { migrations: Cow::Borrowed(&MIGRATIONS.migrations), locking: false, ..Migrator::DEFAULT }
}

/// The newest applied migration, if it is newer than all of ours.
async fn newer(connection: &mut PgConnection) -> Result<Option<i64>, StoreError> {
    let there: bool = sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null")
        .fetch_one(&mut *connection)
        .await
        .map_err(failed)?;
    if !there {
        return Ok(None);
    }
    let newest: Option<i64> =
        sqlx::query_scalar("select max(version) from _sqlx_migrations").fetch_one(connection).await.map_err(failed)?;
    let known = MIGRATIONS.iter().map(|m| m.version).max();
    Ok(newest.filter(|n| Some(*n) > known))
}

fn explain(e: MigrateError) -> StoreError {
    match e {
        MigrateError::Execute(e) => failed(e),
        MigrateError::ExecuteMigration(e, version) => match failed(e) {
            StoreError::Internal(text) => StoreError::Internal(format!("migration {version}: {text}")),
            other => other,
        },
        MigrateError::VersionMismatch(version) => StoreError::Internal(format!(
            "migration {version} was changed after it was applied to this database: use the program that applied it"
        )),
        other => StoreError::Internal(other.to_string()),
    }
}
