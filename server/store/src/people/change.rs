use super::act::{Act, Stop};
use crate::{Store, access::people::insert_rights};
use weir_domain::{
    PersonId,
    access::{
        Role,
        people::{By, Change, Refused},
    },
};

impl Store {
    pub(super) async fn change_person(&self, id: &PersonId, change: &Change, by: By<'_>) -> Result<(), Stop> {
        let mut act = Act::begin(self.pages(), by).await?;
        let found = act.person(id).await?;
        if found.version != change.version {
            return Err(Refused::Overtaken { by: found.changed_by, at: found.changed_at }.into());
        }
        if found.id == act.by() {
            let (roles, grants) = act.rights_of(found.id).await?;
            if change.rights.adds_to(&roles, &grants) {
                return Err(Refused::OwnRights.into());
            }
        }
        act.check_places(&change.rights).await?;
        // A role that a newer Weir gave, and this one does not know, stays.
        let known: Vec<String> = Role::ALL.iter().map(|r| r.as_str().to_owned()).collect();
        sqlx::query!("delete from person_role where person_id = $1 and role = any($2)", found.id, &known)
            .execute(act.connection())
            .await?;
        sqlx::query!("delete from person_grant where person_id = $1", found.id).execute(act.connection()).await?;
        insert_rights(act.connection(), found.id, change.rights.roles(), change.rights.grants()).await?;
        sqlx::query!("update person set name = $2 where id = $1", found.id, crate::name::storable(&change.name))
            .execute(act.connection())
            .await?;
        act.changed(found.id).await?;
        act.finish().await
    }
}
