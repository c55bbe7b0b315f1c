use crate::{name::storable, pool::begin, timestamp::Ts};
use sqlx::PgPool;
use weir_domain::tokens::{Kept, NewToken};

/// Ended tokens are kept this long, for whoever asks which program did something.
const KEEP_SECS: i64 = 400 * 86_400;

pub(super) async fn keep(pool: &PgPool, new: &NewToken, most: u32) -> sqlx::Result<Kept> {
    let (person, id) = (super::uuid(&new.person.0)?, super::uuid(&new.id.0)?);
    let mut tx = begin(pool).await?;
    // One at a time for one person: what is counted must hold when the row is written.
    sqlx::query!("select id from person where id = $1 for no key update", person).fetch_one(&mut *tx).await?;
    sqlx::query!(
        "delete from api_token where person_id = $1 and least(revoked_at, expires) < $2",
        person,
        Ts(new.made.plus_secs(-KEEP_SECS)) as Ts
    )
    .execute(&mut *tx)
    .await?;
    let name = storable(&new.name);
    sqlx::query!(
        "update api_token set revoked_at = $3
         where person_id = $1 and name = $2 and revoked_at is null and expires <= $3",
        person,
        name,
        Ts(new.made) as Ts
    )
    .execute(&mut *tx)
    .await?;
    let living = sqlx::query!(
        r#"select count(*) as "n!", coalesce(bool_or(name = $2), false) as "taken!"
           from api_token where person_id = $1 and revoked_at is null and expires > $3"#,
        person,
        name,
        Ts(new.made) as Ts
    )
    .fetch_one(&mut *tx)
    .await?;
    if living.taken {
        return Ok(Kept::NameTaken);
    }
    if living.n >= i64::from(most) {
        return Ok(Kept::TooMany);
    }
    let roles: Vec<String> = new.roles.iter().map(|r| r.as_str().to_owned()).collect();
    sqlx::query!(
        "insert into api_token (id, person_id, name, token_hash, roles, made_at, expires)
         values ($1, $2, $3, $4, $5, $6, $7)",
        id,
        person,
        name,
        new.token_hash.as_slice(),
        &roles,
        Ts(new.made) as Ts,
        Ts(new.expires) as Ts
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(Kept::Made)
}
