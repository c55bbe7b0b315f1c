//! What configuration files say of the store's budget. Each process notes what its own says, again and again; the least that
//! those which run say rules, and where they differ people are told.

use super::budget::{of_budget, told_set};
use crate::{Store, changes, error::failed, timestamp::Ts};
use sqlx::{PgConnection, PgPool};
use weir_domain::{
    StoreError, Timestamp,
    audit::{About, AuditLog, Facts, Field, NewEntry, Outcome, Who},
    changes::NewChange,
};

/// A process that has noted nothing for so long runs no more; it notes each minute.
const LIVES_SECS: f64 = 180.0;
const FILE: &str = "the configuration file";

impl Store {
    /// What the configuration file of `process` says of the budget: it rules as long as it stands there, the least of several.
    /// Taken out of all files, the budget stays as it was and can be changed in the browser. Either is in `log` before it is
    /// done, and in the change feed. Call it each minute, and [`Self::budget_file_gone`] at the end. True: files differ.
    ///
    /// # Errors
    /// `Unavailable` if the database is away.
    pub async fn budget_of_file(
        &self,
        process: &str,
        bytes: Option<u64>,
        log: &dyn AuditLog,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = crate::pool::begin(self.capture_pool()).await.map_err(failed)?;
        let (entry, differ) = put(&mut tx, process, bytes, at).await.map_err(failed)?;
        if let Some(entry) = entry {
            log.append(&[entry]).await?;
        }
        tx.commit().await.map_err(failed)?;
        Ok(differ)
    }

    /// This process ends: what its file says holds no longer for it.
    ///
    /// # Errors
    /// `Unavailable` if the database is away: it holds for some minutes then.
    pub async fn budget_file_gone(&self, process: &str) -> Result<(), StoreError> {
        let done = sqlx::query!("delete from capture_budget_file where process = $1", process);
        done.execute(self.capture_pool()).await.map(drop).map_err(failed)
    }
}

/// What the files of the processes that run say, each once.
pub(super) async fn told(pool: &PgPool) -> sqlx::Result<Vec<Option<u64>>> {
    let said = sqlx::query_scalar!(
        "select distinct bytes from capture_budget_file
         where noted_at > clock_timestamp() - $1::float8 * interval '1 second' order by bytes nulls last",
        LIVES_SECS
    );
    Ok(said.fetch_all(pool).await?.into_iter().map(|n| n.map(i64::unsigned_abs)).collect())
}

/// No entry: nothing changes.
async fn put(
    db: &mut PgConnection,
    process: &str,
    bytes: Option<u64>,
    at: Timestamp,
) -> sqlx::Result<(Option<NewEntry>, bool)> {
    // One after the other, so that each sees what the others noted.
    let set = sqlx::query!("select bytes, from_file, used from capture_budget for update").fetch_one(&mut *db).await?;
    sqlx::query!(
        "delete from capture_budget_file where noted_at <= clock_timestamp() - $1::float8 * interval '1 second'",
        LIVES_SECS
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "insert into capture_budget_file (process, bytes, noted_at) values ($1, $2, clock_timestamp())
         on conflict (process) do update set bytes = excluded.bytes, noted_at = excluded.noted_at",
        process,
        bytes.map(|n| i64::try_from(n).unwrap_or(i64::MAX))
    )
    .execute(&mut *db)
    .await?;
    let said = sqlx::query_scalar!("select distinct bytes from capture_budget_file").fetch_all(&mut *db).await?;
    let differ = said.len() > 1;
    let Some(least) = said.into_iter().flatten().min() else {
        if !set.from_file {
            return Ok((None, differ));
        }
        tracing::warn!("no file says the budget of the store any more: it can be changed in the browser");
        sqlx::query!("update capture_budget set from_file = false").execute(&mut *db).await?;
        let change = NewChange {
            title: "The store's budget stands in no configuration file any more".into(),
            detail: "It stays as it is, and can be changed in the browser.".into(),
            ..of_budget(at, Some(FILE.into()))
        };
        changes::append(db, &change).await?;
        return Ok((Some(entry("not_in_file", (set.bytes, set.bytes), at)), differ));
    };
    if set.from_file && set.bytes == Some(least) {
        return Ok((None, differ));
    }
    sqlx::query!(
        "update capture_budget set bytes = $1, from_file = true, changed_at = $2, changed_by = null",
        least,
        Ts(at) as Ts
    )
    .execute(&mut *db)
    .await?;
    if set.bytes != Some(least) {
        told_set(db, (set.bytes, Some(least), set.used), Some(FILE.into()), at).await?;
    }
    Ok((Some(entry("in_file", (set.bytes, Some(least)), at)), differ))
}

fn entry(reason: &'static str, (before, after): (Option<i64>, Option<i64>), at: Timestamp) -> NewEntry {
    let told = |n: Option<i64>| Facts::new().with_some(Field::Budget, n);
    let about = About::nothing().change(told(before), told(after));
    let (who, use_case) = (Who::weir(), "capture/set_budget");
    NewEntry { at, who, use_case, outcome: Outcome::Allowed, reason: Some(reason), about }
}
