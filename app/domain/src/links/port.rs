use super::{LinkTemplate, SearchLink};
use crate::{LinkId, PersonId, StoreError, TemplateId, Timestamp, access::View, searches::EventsAddress};
use async_trait::async_trait;

/// A search that is to have a short link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLink {
    /// The one it gets, unless the search has one already.
    pub id: LinkId,
    pub address: EventsAddress,
    pub made_by: PersonId,
    pub made: Timestamp,
}

/// What became of a new link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkKept {
    /// Its id: of the one that there was, if there was one.
    Kept(LinkId),
    /// This person has made as many as one may.
    TooMany,
}

/// What became of a new template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateKept {
    Kept,
    TooMany,
}

#[async_trait]
pub trait Links: Send + Sync {
    /// Keeps a short link, unless who makes it has `most` already. One address has one link, whoever made it.
    async fn keep_link(&self, view: &View, new: NewLink, most: u32) -> Result<LinkKept, StoreError>;
    /// What a link stands for; it then lasts anew.
    async fn open_link(&self, view: &View, id: &LinkId, now: Timestamp) -> Result<Option<SearchLink>, StoreError>;
    /// By name.
    async fn templates(&self, view: &View) -> Result<Vec<LinkTemplate>, StoreError>;
    async fn add_template(&self, view: &View, new: LinkTemplate, most: u32) -> Result<TemplateKept, StoreError>;
    /// `Ok(false)`: there is none of this id.
    async fn remove_template(&self, view: &View, id: &TemplateId) -> Result<bool, StoreError>;
}
