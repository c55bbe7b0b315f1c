use super::{EventsAddress, SavedSearch};
use crate::{PersonId, SearchId, StoreError, Timestamp, access::View};
use async_trait::async_trait;

/// A search to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSearch {
    /// A UUIDv7 that no search has.
    pub id: SearchId,
    pub owner: PersonId,
    pub name: String,
    pub address: EventsAddress,
    pub shared: bool,
    pub made: Timestamp,
}

/// What became of a new search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchKept {
    Kept,
    /// Its owner has another one of this name.
    NameTaken,
    /// They have as many as one may have.
    TooMany,
}

/// What is to be changed of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SearchChange {
    Name(String),
    Shared(bool),
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchChanged {
    Changed,
    /// This person has no such search.
    Gone,
    NameTaken,
}

/// Only its owner changes a search.
#[async_trait]
pub trait SavedSearches: Send + Sync {
    /// A person's own, and what others share who are still active, each by name; of the latter at most
    /// [`super::MOST_SHARED`], those that were changed last.
    async fn searches_of(&self, view: &View, person: &PersonId) -> Result<Vec<SavedSearch>, StoreError>;
    /// Keeps a search, unless its owner has `most` already.
    async fn keep_search(&self, view: &View, new: NewSearch, most: u32) -> Result<SearchKept, StoreError>;
    async fn change_search(
        &self,
        view: &View,
        owner: &PersonId,
        id: &SearchId,
        change: &SearchChange,
        now: Timestamp,
    ) -> Result<SearchChanged, StoreError>;
    /// `Ok(false)`: this person has no such search.
    async fn remove_search(&self, view: &View, owner: &PersonId, id: &SearchId) -> Result<bool, StoreError>;
}
