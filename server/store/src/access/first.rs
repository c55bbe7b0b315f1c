//! The first administrator, by a link that works once.

use crate::{pool::begin, timestamp::Ts};
use sqlx::PgPool;
use uuid::Uuid;
use weir_domain::{PersonId, Timestamp, access::NewPerson};

pub(super) async fn nobody_yet(pool: &PgPool) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select not exists (select from person) as "nobody!""#).fetch_one(pool).await
}

pub(super) async fn put_token(pool: &PgPool, token_hash: &[u8; 32], expires: Timestamp) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into setup_token (token_hash, expires) values ($1, $2)
         on conflict (one_row) do update set token_hash = excluded.token_hash, expires = excluded.expires",
        token_hash.as_slice(),
        Ts(expires) as Ts
    )
    .execute(pool)
    .await?;
    Ok(())
}

pub(super) async fn create(
    pool: &PgPool,
    token_hash: &[u8; 32],
    person: NewPerson,
    now: Timestamp,
) -> sqlx::Result<Option<PersonId>> {
    let mut tx = begin(pool).await?;
    // The row is gone for whoever comes second: it waits here, and then finds none.
    let token = sqlx::query_scalar!(
        "delete from setup_token where token_hash = $1 and expires > $2 returning gen_random_uuid() as \"id!\"",
        token_hash.as_slice(),
        Ts(now) as Ts
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(random) = token else { return Ok(None) };
    // Against somebody made another way in between; readers are not held up.
    sqlx::query("lock table person in share row exclusive mode").execute(&mut *tx).await?;
    if !sqlx::query_scalar!(r#"select not exists (select from person) as "nobody!""#).fetch_one(&mut *tx).await? {
        return Ok(None);
    }
    let id = uuid_v7(now, random);
    super::people::insert(&mut tx, id, &person, now).await?;
    tx.commit().await?;
    Ok(Some(PersonId(id.to_string())))
}

/// A UUIDv7 (RFC 9562) from a time and the random bits of `random`.
pub(crate) fn uuid_v7(now: Timestamp, random: Uuid) -> Uuid {
    let mut tail = [0; 10];
    tail.copy_from_slice(&random.as_bytes()[6..]);
    uuid::Builder::from_unix_timestamp_millis(u64::try_from(now.millis()).unwrap_or(0), &tail).into_uuid()
}
