//! What follows a walk: the other places that name the subject, the subject itself, the database's dead rows, the end.

use super::searches::{links_naming, naming};
use crate::{Store, maintenance::bucket::Bucket, pool::begin, timestamp::Ts};
use sqlx::AssertSqlSafe;
use uuid::Uuid;
use weir_domain::{
    Timestamp,
    erasures::{Erasure, Subject, Walked},
    events::KeyHash,
};

/// Between two clean-ups for tombstones, which may come without end: a whole table is written anew in each. None waits longer.
const APART_SECS: f64 = 600.0;

impl Store {
    /// All is counted: it waits for a second person.
    pub(super) async fn counted(&self, id: Uuid, subject: &Subject) -> sqlx::Result<Walked> {
        let mut tx = begin(self.capture_pool()).await?;
        let searches = naming(&mut tx, subject).await?.len() + links_naming(&mut tx, subject).await?.len();
        let searches = i32::try_from(searches).unwrap_or(i32::MAX);
        let done = sqlx::query!(
            "update erasure set state = 'waiting', searches = $2 where id = $1 and state = 'counting'",
            id,
            searches
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(if done.rows_affected() == 1 { Walked::Through } else { Walked::Lost })
    }

    /// Every unit is erased: saved searches and the audit log's hashes follow, and the subject is forgotten.
    pub(super) async fn walked(&self, id: Uuid, subject: &Subject, hash: Option<KeyHash>) -> sqlx::Result<Walked> {
        let mut tx = begin(self.capture_pool()).await?;
        let mine = sqlx::query!("select left_held from erasure where id = $1 and state = 'running' for update", id);
        let Some(mine) = mine.fetch_optional(&mut *tx).await? else { return Ok(Walked::Lost) };
        let searches = naming(&mut tx, subject).await?;
        sqlx::query!("delete from saved_search where id = any($1)", &searches).execute(&mut *tx).await?;
        let links = links_naming(&mut tx, subject).await?;
        sqlx::query!("delete from search_link where id = any($1)", &links).execute(&mut *tx).await?;
        // The subject as a key, unless a hold still keeps events with it: then it is not gone.
        if let Some(hash) = hash.filter(|_| mine.left_held == 0) {
            sqlx::query!("insert into erasure_key values ($1, $2) on conflict do nothing", id, hash.0)
                .execute(&mut *tx)
                .await?;
        }
        let hashes = sqlx::query_scalar!("select key_hash from erasure_key where erasure_id = $1", id);
        let hashes = hashes.fetch_all(&mut *tx).await?;
        // Permitted by what stands in erasure_key: see the trigger audit_keeps_key. The months are read once.
        sqlx::query!("delete from audit_key where key_hash = any($1)", &hashes).execute(&mut *tx).await?;
        sqlx::query!("delete from erasure_key where erasure_id = $1", id).execute(&mut *tx).await?;
        sqlx::query!(
            "update erasure set state = 'cleaning', subject = null, subject_key = null, searches = $2, walked_at = clock_timestamp()
             where id = $1",
            id,
            i32::try_from(searches.len() + links.len()).unwrap_or(i32::MAX)
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(Walked::Through)
    }

    /// Vacuums what was written to, once no transaction is left that may see what was there before. Those that tombstones
    /// began, of any channel, are done together and not again and again: in between they wait, for a bounded time.
    pub(super) async fn clean(&self, id: Uuid) -> sqlx::Result<Walked> {
        let mine = sqlx::query!(
            r#"select cleaned, by_tombstones is not null as "by_tombstones!",
                      walked_at > clock_timestamp() - $2::float8 * interval '1 second' as "is_new!"
               from erasure where id = $1 and state = 'cleaning'"#,
            id,
            APART_SECS
        );
        let Some(mine) = mine.fetch_optional(self.capture_pool()).await? else { return Ok(Walked::Lost) };
        if mine.cleaned {
            return Ok(Walked::Through);
        }
        if mine.by_tombstones && mine.is_new && self.cleaned_lately().await? {
            return Ok(Walked::Waits);
        }
        let together = self.cleanable(id, mine.by_tombstones).await?;
        if !together.contains(&id) {
            return Ok(Walked::Waits);
        }
        if !self.seen_by_nobody(&together).await? {
            return Ok(Walked::Waits);
        }
        let buckets = sqlx::query!(
            "select distinct part, bucket from erasure_bucket where erasure_id = any($1) order by part, bucket",
            &together
        )
        .fetch_all(self.capture_pool())
        .await?;
        let of_events = buckets.iter().filter_map(|b| Bucket::known(&b.part, b.bucket));
        let mut tables: Vec<String> = of_events.flat_map(|b| b.tables().map(|(_, name)| name)).collect();
        tables.extend(self.audit_key_tables().await?);
        let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
        self.vacuum(&tables).await?;
        self.rewrite(&["saved_search", "search_link", "erasure", "erasure_key"]).await?;
        // Of all of them: what is cut off behind this is only finished.
        sqlx::query!(
            "update erasure set cleaned = true, cleaned_at = statement_timestamp() where id = any($1) and state = 'cleaning'",
            &together
        )
        .execute(self.capture_pool())
        .await?;
        Ok(Walked::Through)
    }

    /// Whether no transaction is left that keeps what a walk took out. Two things do so that no view of sessions lists: one
    /// that writes in another database of the server, behind which every new snapshot stands back (that of a `vacuum (full)`
    /// too), and a session that is still logging in. So PostgreSQL itself is asked. A walk changes its row of `erasure` last:
    /// its transaction must lie behind every new snapshot, and a vacuum must leave no dead row of that table.
    async fn seen_by_nobody(&self, walked: &[Uuid]) -> sqlx::Result<bool> {
        // Numbers of transactions in rows go round after 32 bits.
        let behind = sqlx::query_scalar!(
            r#"select coalesce(bool_and(
                   (pg_snapshot_xmin(pg_current_snapshot())::text::bigint - xmin::text::bigint) & 4294967295
                   between 1 and 2147483647), true) as "behind!"
               from erasure where id = any($1)"#,
            walked
        );
        if !behind.fetch_one(self.capture_pool()).await? {
            return Ok(false);
        }
        self.vacuum(&["erasure"]).await?;
        sqlx::query_scalar!(r#"select pg_stat_get_dead_tuples('erasure'::regclass) = 0 as "none!""#)
            .fetch_one(self.capture_pool())
            .await
    }

    async fn cleaned_lately(&self) -> sqlx::Result<bool> {
        sqlx::query_scalar!(
            r#"select exists (
                   select from erasure where by_tombstones is not null
                     and cleaned_at > clock_timestamp() - $1::float8 * interval '1 second') as "any!""#,
            APART_SECS
        )
        .fetch_one(self.capture_pool())
        .await
    }

    /// Those that can be done now: a request alone, or all that tombstones began. Whatever is at work in this database keeps
    /// them waiting: an analysis by autovacuum keeps dead rows as a reader does. What began right behind a walk's end may
    /// have done so before that was committed.
    async fn cleanable(&self, id: Uuid, all_by_tombstones: bool) -> sqlx::Result<Vec<Uuid>> {
        sqlx::query_scalar!(
            "with others as (
                 select min(xact_start) as oldest from pg_stat_activity
                 where datname = current_database() and pid <> pg_backend_pid() and state is distinct from 'idle'
             )
             select e.id from erasure e, others o
             where e.state = 'cleaning' and not e.cleaned
               and (e.id = $1 or ($2 and e.by_tombstones is not null))
               and (o.oldest is null or o.oldest > e.walked_at + interval '10 s')",
            id,
            all_by_tombstones
        )
        .fetch_all(self.capture_pool())
        .await
    }

    /// Takes dead rows out of some tables of ours; those that are gone meanwhile are passed over. What they held may stand in
    /// the free space of a page until something is written over it.
    async fn vacuum(&self, tables: &[&str]) -> sqlx::Result<()> {
        self.by_vacuum("vacuum (index_cleanup on)", tables).await
    }

    /// Writes small tables anew, so that not even their free space holds what they did before.
    pub(super) async fn rewrite(&self, tables: &[&str]) -> sqlx::Result<()> {
        self.by_vacuum("vacuum (full)", tables).await
    }

    async fn by_vacuum(&self, how: &str, tables: &[&str]) -> sqlx::Result<()> {
        let mut connection = self.capture_pool().acquire().await?;
        // Another limit than the pool's; and whoever drops this call ends it there.
        connection.close_on_drop();
        sqlx::query("set statement_timeout = '15min'").execute(&mut *connection).await?;
        for table in tables {
            match sqlx::query(AssertSqlSafe(format!("{how} {table}"))).execute(&mut *connection).await {
                Err(e) if crate::error::no_such_table(&e) => {}
                done => {
                    done?;
                }
            }
        }
        let _ = connection.close().await;
        Ok(())
    }

    /// The months of the audit log's keys.
    async fn audit_key_tables(&self) -> sqlx::Result<Vec<String>> {
        sqlx::query_scalar(
            "select c.relname::text from pg_inherits i join pg_class c on c.oid = i.inhrelid
             where i.inhparent = 'audit_key'::regclass order by 1",
        )
        .fetch_all(self.capture_pool())
        .await
    }

    pub(super) async fn ended(&self, id: Uuid) -> sqlx::Result<Option<(Erasure, Option<String>)>> {
        let login = sqlx::query_scalar!(
            "select p.login from erasure e join person p on p.id = e.decided_by where e.id = $1 and e.state = 'cleaning'",
            id
        )
        .fetch_optional(self.capture_pool())
        .await?;
        Ok(self.request(id).await?.map(|request| (request, login)))
    }

    pub(super) async fn finish(&self, id: Uuid, now: Timestamp) -> sqlx::Result<bool> {
        let mut tx = begin(self.capture_pool()).await?;
        let done = sqlx::query!(
            "update erasure set state = 'done', ended_at = $2, cleaned = true where id = $1 and state = 'cleaning'",
            id,
            Ts(now) as Ts
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!("delete from erasure_bucket where erasure_id = $1", id).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }
}
