use super::{Invited, PeopleList, PersonShown, Places, Refused, Rights};
use crate::{PersonId, StoreError, Timestamp, access::View};
use async_trait::async_trait;

/// Who acts, and when. Whether they still may is asked once more in the act's own transaction.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    pub person: &'a PersonId,
    pub at: Timestamp,
}

/// What came of an act: done, refused with a reason, or the store failed.
pub type Acted<T = ()> = Result<Result<T, Refused>, StoreError>;

/// A one-time link: the digest of its token, and its end.
#[derive(Debug, Clone, Copy)]
pub struct NewLink {
    pub token_hash: [u8; 32],
    pub expires: Timestamp,
}

#[derive(Debug, Clone)]
pub struct NewInvite {
    /// A UUIDv7 that nobody has.
    pub id: PersonId,
    pub login: String,
    pub name: String,
    pub rights: Rights,
    pub link: NewLink,
}

#[derive(Debug, Clone)]
pub struct Change {
    /// [`PersonShown::version`] as the form had it.
    pub version: i64,
    pub name: String,
    pub rights: Rights,
}

/// People and what they may. Every act is one transaction that takes the same lock, asks again whether who acts still
/// may, and leaves at least one active person who may edit people.
#[async_trait]
pub trait People: Send + Sync {
    /// Those whose name or log-in name holds `text` (letter case ignored), at most `limit`.
    async fn list(&self, view: &View, text: &str, limit: u32, now: Timestamp) -> Result<PeopleList, StoreError>;
    async fn one(&self, view: &View, id: &PersonId, now: Timestamp) -> Result<Option<PersonShown>, StoreError>;
    /// What grants can name: all of it, whoever asks.
    async fn places(&self, view: &View) -> Result<Places, StoreError>;

    /// Makes a person who has no password yet, and their link.
    async fn invite(&self, view: &View, new: &NewInvite, by: By<'_>) -> Acted;
    async fn change(&self, view: &View, id: &PersonId, change: &Change, by: By<'_>) -> Acted;
    /// `false` ends the person's sessions and takes back a link that is out.
    async fn set_active(&self, view: &View, id: &PersonId, active: bool, by: By<'_>) -> Acted;
    /// A new link in place of an earlier one. Takes the password back and ends the person's sessions.
    async fn renew_link(&self, view: &View, id: &PersonId, link: &NewLink, by: By<'_>) -> Acted;
    /// Removes a person who was invited and has not come.
    async fn revoke_invite(&self, view: &View, id: &PersonId, by: By<'_>) -> Acted;

    // These two make a caller, so they take no view.
    /// What the link with this digest is for; `None` if it was used, replaced or taken back, or has run out.
    async fn invited(&self, token_hash: &[u8; 32], now: Timestamp) -> Result<Option<Invited>, StoreError>;
    /// Uses the link up and sets the password, and the name where one is given; `None` as with `invited`.
    async fn accept(
        &self,
        token_hash: &[u8; 32],
        name: Option<&str>,
        password_hash: &str,
        now: Timestamp,
    ) -> Result<Option<PersonId>, StoreError>;

    /// [`People::renew_link`] for who rules the server itself; by log-in name. `false`: nobody active has it.
    async fn link_by_operator(&self, login: &str, link: &NewLink, now: Timestamp) -> Result<bool, StoreError>;
}
