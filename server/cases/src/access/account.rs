use super::AccessCases;
use weir_domain::{
    CaseError,
    access::{
        Caller, Grant,
        people::{AccountShown, GrantShown, Places},
    },
};

pub const NAME: &str = "access/account";

impl AccessCases {
    /// One's own name, rights in words, and what one asked for.
    pub async fn account(&self, caller: &Caller) -> Result<AccountShown, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let asked = self.0.requests.of(&sight.view, &caller.person).await?;
        let places = self.0.people.places(&sight.view).await?;
        Ok(AccountShown {
            login: caller.login.clone(),
            name: caller.name.clone(),
            roles: caller.roles.clone(),
            grants: caller.grants.iter().map(|g| named(g, &places)).collect(),
            asked,
            at: self.0.clock.now(),
        })
    }
}

/// Of the places nothing but what the person's own grant names.
fn named(grant: &Grant, places: &Places) -> GrantShown {
    let environment = grant.environment.and_then(|id| places.environments.iter().find(|e| e.id == id));
    let source = grant.source.and_then(|id| places.sources.iter().find(|s| s.id == id));
    GrantShown {
        grant: grant.clone(),
        environment: environment.map(|e| e.name.clone()),
        source: source.map(|s| s.name.clone()),
    }
}
