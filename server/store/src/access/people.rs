use crate::timestamp::Ts;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use weir_domain::{
    EnvironmentId, PersonId, SourceId, Timestamp,
    access::{Grant, NewPerson, PersonCredentials, Role},
};

/// Log-in names are compared without regard to case.
pub(super) async fn credentials(pool: &PgPool, login: &str) -> sqlx::Result<Option<PersonCredentials>> {
    if login.contains('\0') {
        return Ok(None);
    }
    // Without a password there is nothing to sign in with: like nobody.
    let row = sqlx::query!(
        "select id, password_hash, active from person where lower(login) = lower($1) and password_hash <> ''",
        login
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|r| PersonCredentials {
        person: PersonId(r.id.to_string()),
        password_hash: r.password_hash,
        active: r.active,
    }))
}

/// Inserts a person with roles and grants. UUIDv7 from the caller's clock and random bytes of the database, which is
/// how this crate stays without a clock and without randomness.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    id: Uuid,
    person: &NewPerson,
    now: Timestamp,
) -> sqlx::Result<()> {
    // No password yet: joins later, by a link.
    let joined = Some(now).filter(|_| !person.password_hash.is_empty());
    sqlx::query!(
        "insert into person (id, login, name, password_hash, joined_at) values ($1, $2, $3, $4, $5)",
        id,
        crate::name::storable(&person.login),
        crate::name::storable(&person.name),
        person.password_hash,
        joined.map(Ts) as Option<Ts>
    )
    .execute(&mut *connection)
    .await?;
    insert_rights(connection, id, &person.roles, &person.grants).await
}

pub(crate) async fn insert_rights(
    connection: &mut PgConnection,
    id: Uuid,
    roles: &[Role],
    grants: &[Grant],
) -> sqlx::Result<()> {
    let roles: Vec<String> = roles.iter().map(|r| r.as_str().to_owned()).collect();
    sqlx::query!(
        "insert into person_role (person_id, role) select distinct $1::uuid, r from unnest($2::text[]) r",
        id,
        &roles
    )
    .execute(&mut *connection)
    .await?;
    for grant in grants {
        sqlx::query!(
            "insert into person_grant (person_id, environment_id, source_id, channel_pattern) values ($1, $2, $3, $4)",
            id,
            grant.environment.map(|e| e.0),
            grant.source.map(|s| s.0),
            crate::name::storable(&grant.channel_pattern)
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Roles and grants. A role this program does not know gives nothing.
pub(crate) async fn rights(connection: &mut PgConnection, id: Uuid) -> sqlx::Result<(Vec<Role>, Vec<Grant>)> {
    let roles = sqlx::query_scalar!("select role from person_role where person_id = $1 order by role", id);
    let grants = sqlx::query!(
        "select environment_id, source_id, channel_pattern from person_grant where person_id = $1 order by id",
        id
    );
    let roles = roles.fetch_all(&mut *connection).await?.iter().filter_map(|r| Role::parse(r)).collect();
    let grants = grants.fetch_all(connection).await?.into_iter().map(|g| Grant {
        environment: g.environment_id.map(EnvironmentId),
        source: g.source_id.map(SourceId),
        channel_pattern: g.channel_pattern,
    });
    Ok((roles, grants.collect()))
}
