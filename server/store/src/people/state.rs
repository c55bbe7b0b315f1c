use super::act::{Act, Stop, end_sessions};
use crate::Store;
use weir_domain::{
    PersonId,
    access::people::{By, PersonState, Refused},
};

impl Store {
    pub(super) async fn set_person_active(&self, id: &PersonId, active: bool, by: By<'_>) -> Result<(), Stop> {
        let mut act = Act::begin(self.pages(), by).await?;
        let found = act.person(id).await?;
        let is_active = found.state != PersonState::Deactivated;
        // Whoever has not come yet is taken back, not deactivated.
        if is_active == active || (!active && found.state == PersonState::Invited) {
            return Err(Refused::State(found.state).into());
        }
        sqlx::query!("update person set active = $2 where id = $1", found.id, active).execute(act.connection()).await?;
        sqlx::query!("delete from person_link where person_id = $1", found.id).execute(act.connection()).await?;
        // When reactivating, too: nothing from before comes to life again.
        let at = act.at;
        end_sessions(act.connection(), found.id, at).await?;
        act.changed(found.id).await?;
        act.finish().await
    }

    pub(super) async fn revoke_person_invite(&self, id: &PersonId, by: By<'_>) -> Result<(), Stop> {
        let mut act = Act::begin(self.pages(), by).await?;
        let found = act.person(id).await?;
        if found.state != PersonState::Invited {
            return Err(Refused::State(found.state).into());
        }
        sqlx::query!("delete from person where id = $1", found.id).execute(act.connection()).await?;
        act.finish().await
    }
}
