use async_trait::async_trait;
use std::sync::{
    Mutex,
    atomic::{AtomicU32, Ordering},
};
use weir_domain::{
    PersonId, SearchId, StoreError, Timestamp,
    access::View,
    searches::{EventsAddress, NewSearch, SavedSearch, SavedSearches, SearchChange, SearchChanged, SearchKept},
};

#[derive(Default)]
pub struct FakeSearches {
    pub kept: Mutex<Vec<SavedSearch>>,
    acted: AtomicU32,
}

impl FakeSearches {
    /// How often something was changed since the last call of this.
    pub fn take_acted(&self) -> u32 {
        self.acted.swap(0, Ordering::SeqCst)
    }
    /// One that was kept before.
    pub fn one_of(&self, owner: &PersonId, shared: bool) -> SearchId {
        let mut kept = self.kept.lock().unwrap();
        let id = SearchId(format!("0193-search-{}", kept.len()));
        let address = EventsAddress::new("q=declined".into()).unwrap();
        let (name, at) = (format!("search {}", kept.len()), Timestamp(0));
        kept.push(SavedSearch {
            id: id.clone(),
            owner: owner.clone(),
            owner_name: "Somebody".into(),
            name,
            address,
            shared,
            made: at,
            changed: at,
        });
        id
    }
}

#[async_trait]
impl SavedSearches for FakeSearches {
    async fn searches_of(&self, _: &View, person: &PersonId) -> Result<Vec<SavedSearch>, StoreError> {
        Ok(self.kept.lock().unwrap().iter().filter(|s| s.shared || s.owner == *person).cloned().collect())
    }
    async fn keep_search(&self, _: &View, new: NewSearch, most: u32) -> Result<SearchKept, StoreError> {
        self.acted.fetch_add(1, Ordering::SeqCst);
        let mut kept = self.kept.lock().unwrap();
        let own = || kept.iter().filter(|s| s.owner == new.owner);
        if own().any(|s| s.name == new.name) {
            return Ok(SearchKept::NameTaken);
        }
        if own().count() >= most as usize {
            return Ok(SearchKept::TooMany);
        }
        let NewSearch { id, owner, name, address, shared, made } = new;
        let owner_name = "Somebody".to_owned();
        kept.push(SavedSearch { id, owner, owner_name, name, address, shared, made, changed: made });
        Ok(SearchKept::Kept)
    }
    async fn change_search(
        &self,
        _: &View,
        owner: &PersonId,
        id: &SearchId,
        change: &SearchChange,
        now: Timestamp,
    ) -> Result<SearchChanged, StoreError> {
        self.acted.fetch_add(1, Ordering::SeqCst);
        let mut kept = self.kept.lock().unwrap();
        if let SearchChange::Name(name) = change
            && kept.iter().any(|s| s.owner == *owner && s.id != *id && s.name == *name)
        {
            return Ok(SearchChanged::NameTaken);
        }
        let Some(search) = kept.iter_mut().find(|s| s.id == *id && s.owner == *owner) else {
            return Ok(SearchChanged::Gone);
        };
        match change {
            SearchChange::Name(name) => name.clone_into(&mut search.name),
            SearchChange::Shared(shared) => search.shared = *shared,
        }
        search.changed = now;
        Ok(SearchChanged::Changed)
    }
    async fn remove_search(&self, _: &View, owner: &PersonId, id: &SearchId) -> Result<bool, StoreError> {
        self.acted.fetch_add(1, Ordering::SeqCst);
        let mut kept = self.kept.lock().unwrap();
        let before = kept.len();
        kept.retain(|s| s.id != *id || s.owner != *owner);
        Ok(kept.len() < before)
    }
}
