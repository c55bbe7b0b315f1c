//! One-time links by which a person chooses a password.

use super::act::{Act, Stop, end_sessions, lock};
use crate::{Store, access::people::rights, timestamp::Ts};
use sqlx::PgConnection;
use uuid::Uuid;
use weir_domain::{
    PersonId, Timestamp,
    access::people::{By, Invited, NewLink, PersonState, Refused},
};

/// In place of an earlier one.
pub(super) async fn put(
    connection: &mut PgConnection,
    id: Uuid,
    link: &NewLink,
    by: Option<Uuid>,
    at: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into person_link (person_id, token_hash, made_at, made_by, expires) values ($1, $2, $3, $4, $5)
         on conflict (person_id) do update set
             token_hash = excluded.token_hash, made_at = excluded.made_at, made_by = excluded.made_by,
             expires = excluded.expires",
        id,
        link.token_hash.as_slice(),
        Ts(at) as Ts,
        by,
        Ts(link.expires) as Ts
    )
    .execute(connection)
    .await
    .map(drop)
}

/// From now on only the link's holder comes in as this person.
async fn take_password(connection: &mut PgConnection, id: Uuid, at: Timestamp) -> sqlx::Result<()> {
    sqlx::query!("update person set password_hash = '' where id = $1", id).execute(&mut *connection).await?;
    end_sessions(connection, id, at).await
}

impl Store {
    pub(super) async fn renew_person_link(&self, id: &PersonId, link: &NewLink, by: By<'_>) -> Result<(), Stop> {
        let mut act = Act::begin(self.pages(), by).await?;
        let found = act.person(id).await?;
        if found.state == PersonState::Deactivated {
            return Err(Refused::State(found.state).into());
        }
        if found.id == act.by() {
            return Err(Refused::OwnLink.into());
        }
        let (at, by) = (act.at, act.by());
        take_password(act.connection(), found.id, at).await?;
        put(act.connection(), found.id, link, Some(by), at).await?;
        act.finish().await
    }

    pub(super) async fn put_link_by_operator(&self, login: &str, link: &NewLink, now: Timestamp) -> sqlx::Result<bool> {
        let mut tx = self.for_a_page().await?;
        lock(&mut tx).await?;
        let id = sqlx::query_scalar!("select id from person where lower(login) = lower($1) and active", login)
            .fetch_optional(&mut *tx)
            .await?;
        let Some(id) = id else { return Ok(false) };
        take_password(&mut tx, id, now).await?;
        put(&mut tx, id, link, None, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    pub(super) async fn link_is_for(&self, token_hash: &[u8; 32], now: Timestamp) -> sqlx::Result<Option<Invited>> {
        let mut connection = self.pages().acquire().await?;
        let row = sqlx::query!(
            r#"select p.id, p.login, p.name, p.joined_at is null as "new!", b.name as "by?", l.expires as "expires: Ts"
               from person_link l join person p on p.id = l.person_id left join person b on b.id = l.made_by
               where l.token_hash = $1 and l.expires > $2 and p.active"#,
            token_hash.as_slice(),
            Ts(now) as Ts
        )
        .fetch_optional(&mut *connection)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (roles, _) = rights(&mut connection, row.id).await?;
        Ok(Some(Invited {
            id: PersonId(row.id.to_string()),
            login: row.login,
            name: row.name,
            new: row.new,
            roles,
            by: row.by,
            expires: row.expires.0,
        }))
    }

    pub(super) async fn accept_link(
        &self,
        token_hash: &[u8; 32],
        name: Option<&str>,
        password_hash: &str,
        now: Timestamp,
    ) -> sqlx::Result<Option<PersonId>> {
        let mut tx = self.for_a_page().await?;
        // First of all, as acts on people take it: they go for the link's row under it.
        lock(&mut tx).await?;
        let id = sqlx::query_scalar!(
            "delete from person_link where token_hash = $1 and expires > $2 returning person_id",
            token_hash.as_slice(),
            Ts(now) as Ts
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(id) = id else { return Ok(None) };
        let accepted = sqlx::query_scalar!(
            "update person set password_hash = $2, joined_at = coalesce(joined_at, $3),
                 version = case when $4::text is null then version else version + 1 end,
                 changed_at = case when $4::text is null then changed_at else $3 end,
                 changed_by = case when $4::text is null then changed_by else id end,
                 name = coalesce($4, name)
             where id = $1 and active returning id",
            id,
            password_hash,
            Ts(now) as Ts,
            name.map(crate::name::storable)
        )
        .fetch_optional(&mut *tx)
        .await?;
        if accepted.is_none() {
            return Ok(None);
        }
        end_sessions(&mut tx, id, now).await?;
        tx.commit().await?;
        Ok(Some(PersonId(id.to_string())))
    }
}
