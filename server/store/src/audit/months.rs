//! The months of the audit log: made ahead, dropped whole.

use crate::{
    Store,
    error::failed,
    maintenance::{make::LOCK, retire},
};
use chrono::{Datelike as _, NaiveDate};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::collections::BTreeSet;
use weir_domain::{StoreError, Timestamp, audit::NewEntry, capture::Maintained};

/// How long an entry stays, and up to a month longer.
const DAYS_KEPT: i64 = 400;
const DAY_US: i64 = 86_400_000_000;
/// What is partitioned by month.
const TABLES: [&str; 2] = ["audit_entry", "audit_key"];

/// A month in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Month {
    year: i32,
    month: u32,
}

impl Month {
    /// Times that no calendar holds count as 1970.
    fn of(at: Timestamp) -> Self {
        let date = at.civil().map(|t| t.date_naive()).filter(|d| (1970..10_000).contains(&d.year()));
        date.map_or(Self { year: 1970, month: 1 }, |d| Self { year: d.year(), month: d.month() })
    }
    fn next(self) -> Self {
        match self.month {
            12 => Self { year: self.year + 1, month: 1 },
            month => Self { month: month + 1, ..self },
        }
    }
    fn before(self) -> Self {
        match self.month {
            1 => Self { year: self.year - 1, month: 12 },
            month => Self { month: month - 1, ..self },
        }
    }
    fn begins(self) -> Timestamp {
        let day = NaiveDate::from_ymd_opt(self.year, self.month, 1).unwrap_or_default();
        Timestamp(i64::from(day.to_epoch_days()) * DAY_US)
    }
    /// All of it is past its retention from here on.
    fn ends(self) -> Timestamp {
        self.next().begins().plus_secs(DAYS_KEPT * 86_400)
    }
    /// A name of ours and a number, so it can stand in DDL.
    fn table(self, parent: &str) -> String {
        format!("{parent}_m{:04}{:02}", self.year, self.month)
    }
    fn of_table(parent: &str, table: &str) -> Option<Self> {
        let digits = table.strip_prefix(parent)?.strip_prefix("_m").filter(|d| d.len() == 6)?;
        let (year, month) = (digits.get(..4)?.parse().ok()?, digits.get(4..)?.parse().ok()?);
        (1..=12).contains(&month).then_some(Self { year, month })
    }
    fn first_day(self) -> String {
        format!("{:04}-{:02}-01 00:00:00+00", self.year, self.month)
    }
}

/// Tables of this month and the one before whose keys may lack their summary.
pub(crate) fn key_tables(now: Timestamp) -> [String; 2] {
    let month = Month::of(now);
    [month.before(), month].map(|m| m.table("audit_key"))
}

/// Was an entry refused because its month is not there?
pub(super) fn is_missing(e: &sqlx::Error) -> bool {
    // 23514, check violation, without a constraint's name: no partition takes the row. (Its words are in the language of
    // the server.)
    e.as_database_error().is_some_and(|e| e.code().as_deref() == Some("23514") && e.constraint().is_none())
}

/// Makes the months of some entries. In a task of its own, which runs to its end whoever hangs up: see [`crate::pool`].
pub(super) async fn make_for(store: &Store, entries: &[NewEntry]) -> sqlx::Result<()> {
    let (pool, months) = (store.pages().clone(), entries.iter().map(|e| Month::of(e.at)).collect::<BTreeSet<_>>());
    let made = tokio::spawn(async move {
        let mut connection = pool.acquire().await?;
        for month in months {
            make(&mut connection, month).await?;
        }
        Ok(())
    });
    made.await.unwrap_or_else(|e| Err(sqlx::Error::Io(std::io::Error::other(e))))
}

/// Makes the month unless it is there; true if it was made. Safe under concurrency, and while others read and write.
async fn make(connection: &mut PgConnection, month: Month) -> sqlx::Result<bool> {
    let mut tx = connection.begin().await?;
    sqlx::query("select pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await?;
    let mut made = false;
    for parent in TABLES {
        let table = month.table(parent);
        let there: bool =
            sqlx::query_scalar("select to_regclass($1) is not null").bind(&table).fetch_one(&mut *tx).await?;
        if there {
            continue;
        }
        let (from, to) = (month.first_day(), month.next().first_day());
        for ddl in [
            format!("create table {table} (like {parent} including all)"),
            // Of the parent's triggers only those for each row come along.
            format!(
                "create trigger audit_keeps before truncate on {table} for each statement execute function audit_keeps()"
            ),
            format!("alter table {parent} attach partition {table} for values from ('{from}') to ('{to}')"),
        ] {
            sqlx::query(AssertSqlSafe(ddl)).execute(&mut *tx).await?;
        }
        made = true;
    }
    tx.commit().await?;
    Ok(made)
}

impl Store {
    /// The month of `now` and the next; how many were made.
    pub(crate) async fn make_audit_months(&self, now: Timestamp) -> sqlx::Result<u32> {
        let month = Month::of(now);
        let known = tables(self).await?;
        let mut made = 0;
        for month in [month, month.next()] {
            if TABLES.iter().any(|parent| !known.iter().any(|(p, m)| p == parent && *m == month)) {
                let mut connection = self.capture_pool().acquire().await?;
                made += u32::from(make(&mut connection, month).await?);
            }
        }
        Ok(made)
    }

    /// Removes the months whose retention has passed; one that is held by somebody's lock is left for the next run.
    pub(crate) async fn retire_audit_months(&self, now: Timestamp) -> Result<Maintained, StoreError> {
        let due: Vec<_> = tables(self).await.map_err(failed)?.into_iter().filter(|(_, m)| m.ends() <= now).collect();
        let mut done = Maintained::default();
        if due.is_empty() {
            return Ok(done);
        }
        let mut connection = self.capture_pool().acquire().await.map_err(failed)?;
        // As for buckets: DETACH CONCURRENTLY takes no transaction, so the lock is the session's.
        connection.close_on_drop();
        let mine = sqlx::query_scalar("select pg_try_advisory_lock($1)").bind(retire::LOCK);
        if !mine.fetch_one(&mut *connection).await.map_err(failed)? {
            done.deferred = due.len() as u32;
            return Ok(done);
        }
        for (parent, month) in due {
            match remove(&mut connection, parent, month).await {
                Ok(()) => done.dropped += 1,
                Err(e) => match failed(e) {
                    StoreError::Internal(text) => {
                        return Err(StoreError::Internal(format!("removing {}: {text}", month.table(parent))));
                    }
                    _ => done.deferred += 1,
                },
            }
        }
        // Waited for, so that the next run finds the lock free.
        let _ = connection.close().await;
        Ok(done)
    }
}

async fn remove(connection: &mut PgConnection, parent: &str, month: Month) -> sqlx::Result<()> {
    // Short: whoever waits for a lock makes others wait behind him.
    sqlx::query("set lock_timeout = '2s'").execute(&mut *connection).await?;
    let table = month.table(parent);
    retire::detach(connection, parent, &table).await?;
    sqlx::query(AssertSqlSafe(format!("drop table if exists {table}"))).execute(connection).await.map(drop)
}

/// The months that are there, attached or not.
async fn tables(store: &Store) -> sqlx::Result<Vec<(&'static str, Month)>> {
    let names: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class
         where relkind = 'r' and relnamespace = current_schema()::regnamespace and relname ~ '^audit_(entry|key)_m[0-9]{6}$'",
    )
    .fetch_all(store.capture_pool())
    .await?;
    let known = |name: &String| TABLES.into_iter().find_map(|parent| Some((parent, Month::of_table(parent, name)?)));
    Ok(names.iter().filter_map(known).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_follow_one_another_and_are_kept_long_enough() {
        let mut month = Month::of(Timestamp::from_millis(1_795_353_600_000));
        assert_eq!(month.table("audit_entry"), "audit_entry_m202611");
        for _ in 0..30 {
            assert_eq!(Month::of(month.begins()), month);
            assert_eq!(Month::of(Timestamp(month.begins().0 - 1)), month.before());
            assert_eq!(Month::of_table("audit_key", &month.table("audit_key")), Some(month));
            let last = Timestamp(month.next().begins().0 - 1);
            assert_eq!(month.ends().micros_since(last), DAYS_KEPT * DAY_US + 1);
            month = month.next();
        }
        for at in [i64::MIN, i64::MAX, -1] {
            assert_eq!(Month::of(Timestamp(at)).table("t"), "t_m197001");
        }
        assert_eq!(Month::of_table("audit_entry", "audit_entry_m202613"), None);
    }
}
