use super::act::{state, uuid};
use crate::{Store, timestamp::Ts};
use std::collections::HashMap;
use uuid::Uuid;
use weir_domain::{
    EnvironmentId, PersonId, SourceId, Timestamp,
    access::{
        Grant, Role,
        people::{ChangedBy, GrantShown, LinkShown, MOST_GRANTS, PeopleList, PersonShown},
    },
};

/// Grants of each person in a list.
const IN_LIST: i64 = 4;

impl Store {
    pub(super) async fn people_shown(&self, text: &str, limit: u32, now: Timestamp) -> sqlx::Result<PeopleList> {
        let text = crate::name::storable(text);
        let (people, total) = self.people_rows(None, &text, i64::from(limit), IN_LIST, now).await?;
        let everybody = sqlx::query_scalar!(r#"select count(*) as "n!" from person"#).fetch_one(self.pages()).await?;
        Ok(PeopleList { people, total: count(total), everybody: count(everybody), at: now })
    }

    pub(super) async fn person_shown(&self, id: &PersonId, now: Timestamp) -> sqlx::Result<Option<PersonShown>> {
        let Some(id) = uuid(&id.0) else { return Ok(None) };
        let (mut people, _) = self.people_rows(Some(id), "", 1, MOST_GRANTS as i64, now).await?;
        Ok(people.pop())
    }

    async fn people_rows(
        &self,
        one: Option<Uuid>,
        text: &str,
        limit: i64,
        grants: i64,
        now: Timestamp,
    ) -> sqlx::Result<(Vec<PersonShown>, i64)> {
        let rows = sqlx::query_file!("queries/people/list.sql", one, text, limit, Ts(now) as Ts)
            .fetch_all(self.pages())
            .await?;
        let ids: Vec<Uuid> = rows.iter().map(|r| r.id).collect();
        let mut roles = self.roles_of(&ids).await?;
        let mut grants = self.grants_of(&ids, grants).await?;
        let total = rows.first().map_or(0, |r| r.total);
        let people = rows.into_iter().map(|r| {
            let (grants, grants_total) = grants.remove(&r.id).unwrap_or_default();
            PersonShown {
                id: PersonId(r.id.to_string()),
                login: r.login,
                name: r.name,
                state: state(r.active, r.has_password, r.joined),
                roles: roles.remove(&r.id).unwrap_or_default(),
                grants,
                grants_total,
                made_at: r.made_at.0,
                last_seen: r.last_seen.map(|Ts(at)| at),
                sessions: u32::try_from(r.sessions).unwrap_or(u32::MAX),
                link: r.link_made_at.zip(r.link_expires).map(|(Ts(made_at), Ts(expires))| LinkShown {
                    made_at,
                    expires,
                    by: r.link_by,
                }),
                version: r.version,
                changed: r.changed_at.map(|Ts(at)| ChangedBy { at, by: r.changed_by }),
            }
        });
        Ok((people.collect(), total))
    }

    async fn roles_of(&self, ids: &[Uuid]) -> sqlx::Result<HashMap<Uuid, Vec<Role>>> {
        let rows = sqlx::query!("select person_id, role from person_role where person_id = any($1)", ids)
            .fetch_all(self.pages())
            .await?;
        let mut roles = HashMap::<Uuid, Vec<Role>>::new();
        for (id, role) in rows.iter().filter_map(|r| Some((r.person_id, Role::parse(&r.role)?))) {
            roles.entry(id).or_default().push(role);
        }
        roles.values_mut().for_each(|r| r.sort_unstable());
        Ok(roles)
    }

    /// The first grants of each, and how many there are.
    async fn grants_of(&self, ids: &[Uuid], most: i64) -> sqlx::Result<HashMap<Uuid, (Vec<GrantShown>, u32)>> {
        let rows = sqlx::query_file!("queries/people/grants.sql", ids, most).fetch_all(self.pages()).await?;
        let mut grants = HashMap::<Uuid, (Vec<GrantShown>, u32)>::new();
        for r in rows {
            let (of, total) = grants.entry(r.person_id).or_default();
            *total = u32::try_from(r.total).unwrap_or(u32::MAX);
            of.push(GrantShown {
                grant: Grant {
                    environment: r.environment_id.map(EnvironmentId),
                    source: r.source_id.map(SourceId),
                    channel_pattern: r.channel_pattern,
                },
                environment: r.environment,
                source: r.source,
            });
        }
        Ok(grants)
    }
}

fn count(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}
