//! Requests for access.

use super::act::{Act, Stop, acted, uuid};
use crate::{Store, access::first::uuid_v7, error::failed, name::storable_text, timestamp::Ts};
use async_trait::async_trait;
use uuid::Uuid;
use weir_domain::{
    PersonId, RequestId, StoreError, Timestamp,
    access::{
        Permission, Role, View,
        people::{Acted, Answer, AnswerShown, By, NewRequest, PersonState, Refused, RequestShown, Requests},
    },
};

const MOST_OPEN: i64 = 200;
const MOST_OWN: i64 = 20;
/// Answered requests are of use to who asked for as long.
const KEPT_SECS: i64 = 90 * 86_400;

#[async_trait]
impl Requests for Store {
    async fn ask(&self, _: &View, new: &NewRequest, now: Timestamp) -> Acted<RequestId> {
        acted(self.put_request(new, now).await)
    }
    async fn open(&self, _: &View) -> Result<Vec<RequestShown>, StoreError> {
        self.requests_shown(None, MOST_OPEN).await.map_err(failed)
    }
    async fn count_open(&self, _: &View) -> Result<u32, StoreError> {
        let n = sqlx::query_scalar!(
            r#"select count(*) as "n!" from access_request r join person p on p.id = r.person_id
               where r.answered_at is null and p.active"#
        )
        .fetch_one(self.pages())
        .await
        .map_err(failed)?;
        Ok(u32::try_from(n).unwrap_or(u32::MAX))
    }
    async fn of(&self, _: &View, person: &PersonId) -> Result<Vec<RequestShown>, StoreError> {
        let Some(id) = uuid(&person.0) else { return Ok(Vec::new()) };
        self.requests_shown(Some(id), MOST_OWN).await.map_err(failed)
    }
    async fn answer(&self, _: &View, id: &RequestId, answer: &Answer, by: By<'_>) -> Acted {
        acted(self.answer_request(id, answer, by).await)
    }
}

impl Store {
    async fn put_request(&self, new: &NewRequest, now: Timestamp) -> Result<RequestId, Stop> {
        let person = uuid(&new.person.0).ok_or(Refused::Absent)?;
        let mut tx = self.for_a_page().await?;
        sqlx::query!(
            "delete from access_request where person_id = $1 and answered_at < $2",
            person,
            Ts(now.plus_secs(-KEPT_SECS)) as Ts
        )
        .execute(&mut *tx)
        .await?;
        let random = sqlx::query_scalar!(r#"select gen_random_uuid() as "id!""#).fetch_one(&mut *tx).await?;
        let id = sqlx::query_scalar!(
            "insert into access_request (id, person_id, role, permission, path, reason, made_at)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (person_id, role) where answered_at is null do nothing returning id",
            uuid_v7(now, random),
            person,
            new.role.as_str(),
            new.permission.map_or("", Permission::as_str),
            storable_text(&new.path),
            storable_text(&new.reason),
            Ts(now) as Ts
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(id) = id else {
            let at = sqlx::query_scalar!(
                r#"select made_at as "at: Ts" from access_request
                   where person_id = $1 and role = $2 and answered_at is null"#,
                person,
                new.role.as_str()
            )
            .fetch_optional(&mut *tx)
            .await?;
            return Err(Refused::AskedAlready { at: at.map_or(now, |Ts(at)| at) }.into());
        };
        tx.commit().await?;
        Ok(RequestId(id.to_string()))
    }

    async fn requests_shown(&self, of: Option<Uuid>, most: i64) -> sqlx::Result<Vec<RequestShown>> {
        let rows = sqlx::query_file!("queries/people/requests.sql", of, most).fetch_all(self.pages()).await?;
        let shown = rows.into_iter().filter_map(|r| {
            Some(RequestShown {
                id: RequestId(r.id.to_string()),
                person: PersonId(r.person_id.to_string()),
                name: r.name,
                login: r.login,
                // One that only a newer Weir knows can't be given here.
                role: Role::parse(&r.role)?,
                permission: Permission::parse(&r.permission),
                path: r.path,
                reason: r.reason,
                made_at: r.made_at.0,
                answer: r.answered_at.zip(r.granted).map(|(Ts(at), granted)| AnswerShown {
                    granted,
                    word: r.word,
                    at,
                    by: r.answered_by,
                }),
            })
        });
        Ok(shown.collect())
    }

    async fn answer_request(&self, id: &RequestId, answer: &Answer, by: By<'_>) -> Result<(), Stop> {
        let id = uuid(&id.0).ok_or(Refused::Absent)?;
        let mut act = Act::begin(self.pages(), by).await?;
        let row = sqlx::query!(
            r#"select r.person_id, r.role, r.answered_at as "answered_at: Ts", b.name as "answered_by?"
               from access_request r left join person b on b.id = r.answered_by where r.id = $1"#,
            id
        )
        .fetch_optional(act.connection())
        .await?
        .ok_or(Refused::Absent)?;
        if let Some(Ts(at)) = row.answered_at {
            return Err(Refused::Answered { by: row.answered_by, at }.into());
        }
        let role = Role::parse(&row.role).ok_or(Refused::Absent)?;
        let found = act.person(&PersonId(row.person_id.to_string())).await?;
        if answer.grant {
            if found.id == act.by() {
                return Err(Refused::OwnRights.into());
            }
            if found.state == PersonState::Deactivated {
                return Err(Refused::State(found.state).into());
            }
            sqlx::query!(
                "insert into person_role (person_id, role) values ($1, $2) on conflict do nothing",
                found.id,
                role.as_str()
            )
            .execute(act.connection())
            .await?;
            act.changed(found.id).await?;
        }
        let (at, by) = (act.at, act.by());
        sqlx::query!(
            "update access_request set answered_at = $2, answered_by = $3, granted = $4, word = $5 where id = $1",
            id,
            Ts(at) as Ts,
            by,
            answer.grant,
            storable_text(&answer.word)
        )
        .execute(act.connection())
        .await?;
        act.finish().await
    }
}
