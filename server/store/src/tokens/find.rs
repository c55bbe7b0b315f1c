use crate::timestamp::Ts;
use sqlx::PgPool;
use weir_domain::{PersonId, Timestamp, TokenId, tokens::TokenPerson};

const MINUTE: i64 = 60_000_000;

pub(super) async fn find(pool: &PgPool, token_hash: &[u8; 32], now: Timestamp) -> sqlx::Result<Option<TokenPerson>> {
    let row = sqlx::query!(
        r#"select t.id, t.name as token_name, t.roles, t.expires as "expires: Ts", t.last_used as "last_used: Ts",
                  p.id as person_id, p.login, p.name
           from api_token t join person p on p.id = t.person_id
           where t.token_hash = $1 and t.revoked_at is null and t.expires > $2 and p.active"#,
        token_hash.as_slice(),
        Ts(now) as Ts
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    if row.last_used.is_none_or(|last| now.micros_since(last.0) >= MINUTE) {
        // Of many calls at once the first one writes, and the others find it done.
        sqlx::query!(
            "update api_token set last_used = $2
             where id = $1 and (last_used is null or last_used <= $2::timestamptz - interval '1 minute')",
            row.id,
            Ts(now) as Ts
        )
        .execute(pool)
        .await?;
    }
    let (roles, grants) = crate::access::rights(&mut *pool.acquire().await?, row.person_id).await?;
    Ok(Some(TokenPerson {
        token: TokenId(row.id.to_string()),
        token_name: row.token_name,
        token_roles: super::roles(&row.roles),
        expires: row.expires.0,
        person: PersonId(row.person_id.to_string()),
        login: row.login,
        name: row.name,
        roles,
        grants,
    }))
}
