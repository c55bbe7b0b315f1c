use crate::timestamp::Ts;
use sqlx::PgPool;
use weir_domain::{PersonId, TokenId, tokens::TokenShown};

pub(super) async fn of(pool: &PgPool, person: &PersonId) -> sqlx::Result<Vec<TokenShown>> {
    let rows = sqlx::query!(
        r#"select id, name, roles, made_at as "made: Ts", expires as "expires: Ts", last_used as "last_used: Ts"
           from api_token where person_id = $1 and revoked_at is null order by made_at desc, id desc limit 200"#,
        super::uuid(&person.0)?
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| TokenShown {
            id: TokenId(r.id.to_string()),
            name: r.name,
            roles: super::roles(&r.roles),
            made: r.made.0,
            expires: r.expires.0,
            last_used: r.last_used.map(|t| t.0),
        })
        .collect())
}
