//! An act on people: one transaction under one lock, so that no two of them pass each other.

use crate::{error::failed, pool::begin, timestamp::Ts};
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use uuid::Uuid;
use weir_domain::{
    PersonId, Timestamp,
    access::{
        Grant, Permission, Role,
        people::{Acted, By, PersonState, Refused, Rights},
    },
};

/// Why an act ends before it is done.
pub(super) enum Stop {
    Refused(Refused),
    Failed(sqlx::Error),
}

impl From<Refused> for Stop {
    fn from(why: Refused) -> Self {
        Self::Refused(why)
    }
}

impl From<sqlx::Error> for Stop {
    fn from(e: sqlx::Error) -> Self {
        Self::Failed(e)
    }
}

pub(super) fn acted<T>(done: Result<T, Stop>) -> Acted<T> {
    match done {
        Ok(value) => Ok(Ok(value)),
        Err(Stop::Refused(why)) => Ok(Err(why)),
        Err(Stop::Failed(e)) => Err(failed(e)),
    }
}

/// What an id that is no UUID belongs to: nobody.
pub(super) fn uuid(id: &str) -> Option<Uuid> {
    Uuid::parse_str(id).ok()
}

/// Roles that may edit people, as they are stored.
fn editors() -> Vec<String> {
    Role::with(Permission::PeopleEdit).into_iter().map(str::to_owned).collect()
}

/// The person an act is about, as the lock found them.
pub(super) struct Found {
    pub id: Uuid,
    pub state: PersonState,
    pub version: i64,
    /// Of the last change, or of their making.
    pub changed_at: Timestamp,
    pub changed_by: Option<String>,
}

pub(super) struct Act {
    tx: Transaction<'static, Postgres>,
    by: Uuid,
    pub at: Timestamp,
}

/// Taken first by everything that writes people's rights, states or passwords; readers are not held up.
pub(super) async fn lock(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("lock table person in share row exclusive mode").execute(connection).await.map(drop)
}

pub(super) fn state(active: bool, has_password: bool, joined: bool) -> PersonState {
    match (active, has_password, joined) {
        (false, ..) => PersonState::Deactivated,
        (_, true, _) => PersonState::Active,
        (_, _, true) => PersonState::Resetting,
        (_, _, false) => PersonState::Invited,
    }
}

impl Act {
    /// Under the lock, with who acts found to be still permitted.
    pub async fn begin(pool: &PgPool, by: By<'_>) -> Result<Self, Stop> {
        let actor = uuid(&by.person.0).ok_or(Refused::NoLonger)?;
        let mut tx = begin(pool).await?;
        lock(&mut tx).await?;
        let may = sqlx::query_scalar!(
            r#"select exists (
                   select from person p join person_role r on r.person_id = p.id
                   where p.id = $1 and p.active and p.password_hash <> '' and r.role = any($2)) as "may!""#,
            actor,
            &editors()
        )
        .fetch_one(&mut *tx)
        .await?;
        if !may {
            return Err(Refused::NoLonger.into());
        }
        Ok(Self { tx, by: actor, at: by.at })
    }

    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    pub fn by(&self) -> Uuid {
        self.by
    }

    pub async fn person(&mut self, id: &PersonId) -> Result<Found, Stop> {
        let id = uuid(&id.0).ok_or(Refused::Absent)?;
        let row = sqlx::query!(
            r#"select p.active, p.password_hash <> '' as "has_password!", p.joined_at is not null as "joined!", p.version,
                      coalesce(p.changed_at, p.made_at) as "changed_at!: Ts", c.name as "changed_by?"
               from person p left join person c on c.id = p.changed_by where p.id = $1"#,
            id
        )
        .fetch_optional(&mut *self.tx)
        .await?
        .ok_or(Refused::Absent)?;
        Ok(Found {
            id,
            state: state(row.active, row.has_password, row.joined),
            version: row.version,
            changed_at: row.changed_at.0,
            changed_by: row.changed_by,
        })
    }

    pub async fn rights_of(&mut self, id: Uuid) -> sqlx::Result<(Vec<Role>, Vec<Grant>)> {
        crate::access::people::rights(&mut self.tx, id).await
    }

    /// Are there the environments and sources that the grants name, and do they belong together?
    pub async fn check_places(&mut self, rights: &Rights) -> Result<(), Stop> {
        let environments: Vec<_> = rights.grants().iter().map(|g| g.environment.map(|e| e.0)).collect();
        let sources: Vec<_> = rights.grants().iter().map(|g| g.source.map(|s| s.0)).collect();
        let row = sqlx::query_file_scalar!(
            "queries/people/no_such_place.sql",
            &environments as &[Option<i64>],
            &sources as &[Option<i64>]
        )
        .fetch_optional(&mut *self.tx)
        .await?;
        match row {
            Some(row) => Err(Refused::NoSuchPlace { row: usize::try_from(row).unwrap_or(usize::MAX) }.into()),
            None => Ok(()),
        }
    }

    /// Notes on the person's row that they were changed, and by whom.
    pub async fn changed(&mut self, id: Uuid) -> sqlx::Result<()> {
        sqlx::query!(
            "update person set version = version + 1, changed_at = $2, changed_by = $3 where id = $1",
            id,
            Ts(self.at) as Ts,
            self.by
        )
        .execute(&mut *self.tx)
        .await
        .map(drop)
    }

    /// Makes it so, if somebody is left who may edit people: active, and with a password to sign in by.
    pub async fn finish(mut self) -> Result<(), Stop> {
        let left = sqlx::query_scalar!(
            r#"select exists (
                   select from person p join person_role r on r.person_id = p.id
                   where p.active and p.password_hash <> '' and r.role = any($1)) as "left!""#,
            &editors()
        )
        .fetch_one(&mut *self.tx)
        .await?;
        if !left {
            return Err(Refused::LastOne.into());
        }
        self.tx.commit().await?;
        Ok(())
    }
}

/// Ends every session that the person has.
pub(super) async fn end_sessions(connection: &mut PgConnection, id: Uuid, at: Timestamp) -> sqlx::Result<()> {
    sqlx::query!("update session set ended_at = $2 where person_id = $1 and ended_at is null", id, Ts(at) as Ts)
        .execute(connection)
        .await
        .map(drop)
}
