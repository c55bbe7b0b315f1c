use crate::timestamp::Ts;
use sqlx::PgPool;
use uuid::Uuid;
use weir_domain::{PersonId, SessionId, Timestamp, access::SessionPerson};

/// `false` if the person is not active any more, or has another password than the one they were let in by. The lock on
/// their row makes it so for a change that is under way.
pub(super) async fn open(
    pool: &PgPool,
    person: &PersonId,
    password_hash: &str,
    token_hash: &[u8; 32],
    now: Timestamp,
    expires: Timestamp,
) -> sqlx::Result<bool> {
    let id = Uuid::parse_str(&person.0).map_err(|e| sqlx::Error::Decode(e.into()))?;
    let opened = sqlx::query!(
        "with p as (select id from person where id = $2 and active and password_hash = $5 for share)
         insert into session (token_hash, person_id, made_at, expires, last_seen) select $1, id, $3, $4, $3 from p",
        token_hash.as_slice(),
        id,
        Ts(now) as Ts,
        Ts(expires) as Ts,
        password_hash
    )
    .execute(pool)
    .await?;
    Ok(opened.rows_affected() == 1)
}

pub(super) async fn find(pool: &PgPool, token_hash: &[u8; 32], now: Timestamp) -> sqlx::Result<Option<SessionPerson>> {
    let row = sqlx::query!(
        r#"select s.id as session, p.id, p.login, p.name, s.expires as "expires: Ts", s.last_seen as "last_seen: Ts"
           from session s join person p on p.id = s.person_id
           where s.token_hash = $1 and s.ended_at is null and s.expires > $2 and p.active"#,
        token_hash.as_slice(),
        Ts(now) as Ts
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    if now.micros_since(row.last_seen.0) >= 60_000_000 {
        sqlx::query!(
            "update session set last_seen = $2 where token_hash = $1 and last_seen < $2",
            token_hash.as_slice(),
            Ts(now) as Ts
        )
        .execute(pool)
        .await?;
        // By itself, not in one transaction with the above: acts on people lock the other way round.
        sqlx::query!(
            "update person set last_seen = $2 where id = $1 and (last_seen is null or last_seen < $2)",
            row.id,
            Ts(now) as Ts
        )
        .execute(pool)
        .await?;
    }
    let (roles, grants) = super::people::rights(&mut *pool.acquire().await?, row.id).await?;
    Ok(Some(SessionPerson {
        session: SessionId(row.session),
        person: PersonId(row.id.to_string()),
        login: row.login,
        name: row.name,
        roles,
        grants,
        expires: row.expires.0,
    }))
}

pub(super) async fn end(pool: &PgPool, token_hash: &[u8; 32]) -> sqlx::Result<()> {
    sqlx::query!(
        "update session set ended_at = now() where token_hash = $1 and ended_at is null",
        token_hash.as_slice()
    )
    .execute(pool)
    .await?;
    Ok(())
}
