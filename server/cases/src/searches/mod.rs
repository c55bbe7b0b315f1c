//! Searches that people keep under a name.

pub mod list;
pub mod remove;
pub mod rename;
pub mod save;
pub mod share;

use crate::views::{Sight, Views};
use std::sync::Arc;
use weir_domain::{
    CaseError, Clock, SearchId,
    access::Caller,
    audit::{About, Facts, Field, Object},
    searches::{MOST_OWN, SavedSearch, SavedSearches, SearchChange, SearchChanged},
};

#[derive(Clone)]
pub struct SearchesCases(Arc<Parts>);

struct Parts {
    searches: Arc<dyn SavedSearches>,
    views: Arc<Views>,
    clock: Arc<dyn Clock>,
}

impl SearchesCases {
    pub(crate) fn new(searches: Arc<dyn SavedSearches>, views: Arc<Views>, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Parts { searches, views, clock }))
    }

    /// One of the caller's own.
    async fn own(&self, sight: &Sight, caller: &Caller, id: &SearchId) -> Result<Option<SavedSearch>, CaseError> {
        let all = self.0.searches.searches_of(&sight.view, &caller.person).await?;
        Ok(all.into_iter().find(|s| s.id == *id && s.owner == caller.person))
    }

    /// Changes one of the caller's own, with its entry before. `Ok(false)`: they have no such search.
    async fn change(
        &self,
        sight: &Sight,
        caller: &Caller,
        id: &SearchId,
        change: SearchChange,
    ) -> Result<bool, CaseError> {
        let Some(search) = self.own(sight, caller, id).await? else { return Ok(false) };
        let (before, after) = match &change {
            SearchChange::Name(name) => {
                (Facts::new().with(Field::Name, search.name.as_str()), Facts::new().with(Field::Name, name.as_str()))
            }
            SearchChange::Shared(shared) => (shared_as(search.shared), shared_as(*shared)),
        };
        let about = About::object(Object::search(id, &search.name)).change(before, after);
        let act = sight.trail.act(about).await?;
        let now = self.0.clock.now();
        let changed = self.0.searches.change_search(&sight.view, &caller.person, id, &change, now).await;
        let changed = changed.map(|changed| match changed {
            SearchChanged::Changed => Ok(true),
            SearchChanged::Gone => Ok(false),
            SearchChanged::NameTaken => Err(name_taken()),
        });
        act.told(changed, |error| error).await
    }
}

/// The address is not told to the log: it holds what somebody typed.
fn shared_as(shared: bool) -> Facts {
    Facts::new().with(Field::Shared, shared)
}

fn name_taken() -> CaseError {
    CaseError::Conflict {
        what: "You have a search of this name.".into(),
        what_to_do: "Choose another name, or remove that one first.".into(),
    }
}

fn too_many() -> CaseError {
    CaseError::Conflict {
        what: format!("You have {MOST_OWN} saved searches, which is as many as one person may have."),
        what_to_do: "Remove one that is no longer used.".into(),
    }
}
