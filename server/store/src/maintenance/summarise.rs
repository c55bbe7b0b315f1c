//! Ranges of the audit log's keys that were filled since the last run get their summary, so that a search need not scan them. (PostgreSQL's
//! autovacuum does it too, where it is on and not behind.)

use crate::{Store, error::failed};
use weir_domain::{StoreError, Timestamp};

impl Store {
    /// The audit log's months of `now` and of the month before; true if a lock was in the way.
    pub(super) async fn summarise(&self, now: Timestamp) -> Result<bool, StoreError> {
        let mut deferred = false;
        for table in crate::audit::months::key_tables(now) {
            deferred |= self.summarise_table(&table).await?;
        }
        Ok(deferred)
    }

    async fn summarise_table(&self, table: &str) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "select brin_summarize_new_values(i.indexrelid) from pg_index i
             join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam
             where i.indrelid = to_regclass($1) and a.amname = 'brin'",
        )
        .bind(table)
        .execute(self.capture_pool())
        .await;
        match done.map_err(failed) {
            Err(StoreError::Unavailable(_)) => Ok(true),
            done => done.map(|_| false),
        }
    }
}
