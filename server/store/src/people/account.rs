//! One's own account.

use super::act::uuid;
use crate::{Store, error::failed, timestamp::Ts};
use async_trait::async_trait;
use weir_domain::{
    PersonId, SessionId, StoreError, Timestamp,
    access::{
        View,
        people::{EndSessions, OwnAccount, SessionShown},
    },
};

const MOST_SESSIONS: i64 = 100;

#[async_trait]
impl OwnAccount for Store {
    async fn password_hash(&self, _: &View, person: &PersonId) -> Result<Option<String>, StoreError> {
        let Some(id) = uuid(&person.0) else { return Ok(None) };
        sqlx::query_scalar!("select password_hash from person where id = $1 and active and password_hash <> ''", id)
            .fetch_optional(self.pages())
            .await
            .map_err(failed)
    }

    async fn set_password(
        &self,
        _: &View,
        person: &PersonId,
        from: &str,
        to: &str,
        keep: SessionId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Some(id) = uuid(&person.0) else { return Ok(false) };
        self.put_password(id, from, to, keep, now).await.map_err(failed)
    }

    async fn rename(&self, _: &View, person: &PersonId, name: &str, now: Timestamp) -> Result<(), StoreError> {
        let Some(id) = uuid(&person.0) else { return Ok(()) };
        sqlx::query!(
            "update person set name = $2, version = version + 1, changed_at = $3, changed_by = id
             where id = $1 and active and name <> $2",
            id,
            crate::name::storable(name),
            Ts(now) as Ts
        )
        .execute(self.pages())
        .await
        .map(drop)
        .map_err(failed)
    }

    async fn sessions(
        &self,
        _: &View,
        person: &PersonId,
        present: Option<SessionId>,
        now: Timestamp,
    ) -> Result<Vec<SessionShown>, StoreError> {
        let Some(id) = uuid(&person.0) else { return Ok(Vec::new()) };
        let rows = sqlx::query!(
            r#"select id, made_at as "made_at: Ts", last_seen as "last_seen: Ts", expires as "expires: Ts" from session
               where person_id = $1 and ended_at is null and expires > $2 order by made_at desc, id desc limit $3"#,
            id,
            Ts(now) as Ts,
            MOST_SESSIONS
        )
        .fetch_all(self.pages())
        .await
        .map_err(failed)?;
        let shown = rows.into_iter().map(|r| SessionShown {
            id: SessionId(r.id),
            made_at: r.made_at.0,
            last_seen: r.last_seen.0,
            expires: r.expires.0,
            present: present == Some(SessionId(r.id)),
        });
        Ok(shown.collect())
    }

    async fn end_sessions(
        &self,
        _: &View,
        person: &PersonId,
        which: EndSessions,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let Some(person) = uuid(&person.0) else { return Ok(0) };
        let (one, but) = match which {
            EndSessions::One(SessionId(id)) => (Some(id), None),
            EndSessions::AllBut(SessionId(id)) => (None, Some(id)),
        };
        sqlx::query!(
            "update session set ended_at = $4
             where person_id = $1 and ended_at is null and expires > $4
               and ($2::bigint is null or id = $2) and ($3::bigint is null or id <> $3)",
            person,
            one,
            but,
            Ts(now) as Ts
        )
        .execute(self.pages())
        .await
        .map(|done| done.rows_affected())
        .map_err(failed)
    }
}

impl Store {
    async fn put_password(
        &self,
        id: uuid::Uuid,
        from: &str,
        to: &str,
        keep: SessionId,
        now: Timestamp,
    ) -> sqlx::Result<bool> {
        let mut tx = self.for_a_page().await?;
        let changed = sqlx::query!(
            "update person set password_hash = $3 where id = $1 and active and password_hash = $2 and $2 <> ''",
            id,
            from,
            to
        )
        .execute(&mut *tx)
        .await?;
        if changed.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query!(
            "update session set ended_at = $3 where person_id = $1 and id <> $2 and ended_at is null",
            id,
            keep.0,
            Ts(now) as Ts
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(true)
    }
}
