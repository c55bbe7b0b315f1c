//! People and what they may, one's own account, requests for access. Acts on people are one transaction each, under one
//! lock ([`act::Act`]).

mod account;
mod act;
mod change;
mod invite;
mod link;
mod places;
mod requests;
mod shown;
mod state;

use crate::{Store, error::failed};
use act::acted;
use async_trait::async_trait;
use weir_domain::{
    PersonId, StoreError, Timestamp,
    access::{
        View,
        people::{Acted, By, Change, Invited, NewInvite, NewLink, People, PeopleList, PersonShown, Places},
    },
};

#[async_trait]
impl People for Store {
    async fn list(&self, _: &View, text: &str, limit: u32, now: Timestamp) -> Result<PeopleList, StoreError> {
        self.people_shown(text, limit, now).await.map_err(failed)
    }
    async fn one(&self, _: &View, id: &PersonId, now: Timestamp) -> Result<Option<PersonShown>, StoreError> {
        self.person_shown(id, now).await.map_err(failed)
    }
    async fn places(&self, _: &View) -> Result<Places, StoreError> {
        self.grant_places().await.map_err(failed)
    }
    async fn invite(&self, _: &View, new: &NewInvite, by: By<'_>) -> Acted {
        acted(self.invite_person(new, by).await)
    }
    async fn change(&self, _: &View, id: &PersonId, change: &Change, by: By<'_>) -> Acted {
        acted(self.change_person(id, change, by).await)
    }
    async fn set_active(&self, _: &View, id: &PersonId, active: bool, by: By<'_>) -> Acted {
        acted(self.set_person_active(id, active, by).await)
    }
    async fn renew_link(&self, _: &View, id: &PersonId, link: &NewLink, by: By<'_>) -> Acted {
        acted(self.renew_person_link(id, link, by).await)
    }
    async fn revoke_invite(&self, _: &View, id: &PersonId, by: By<'_>) -> Acted {
        acted(self.revoke_person_invite(id, by).await)
    }
    async fn invited(&self, token_hash: &[u8; 32], now: Timestamp) -> Result<Option<Invited>, StoreError> {
        self.link_is_for(token_hash, now).await.map_err(failed)
    }
    async fn accept(
        &self,
        token_hash: &[u8; 32],
        name: Option<&str>,
        password_hash: &str,
        now: Timestamp,
    ) -> Result<Option<PersonId>, StoreError> {
        self.accept_link(token_hash, name, password_hash, now).await.map_err(failed)
    }
    async fn link_by_operator(&self, login: &str, link: &NewLink, now: Timestamp) -> Result<bool, StoreError> {
        self.put_link_by_operator(login, link, now).await.map_err(failed)
    }
}
