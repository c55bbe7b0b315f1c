use super::SearchesCases;
use weir_domain::{
    CaseError, SearchId,
    access::Caller,
    audit::{About, Object},
};

pub const NAME: &str = "searches/remove";

impl SearchesCases {
    /// Removes one of the caller's own for good. `Ok(false)`: they have no such search.
    pub async fn remove(&self, caller: &Caller, id: &SearchId) -> Result<bool, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let Some(search) = self.own(&sight, caller, id).await? else { return Ok(false) };
        let act = sight.trail.act(About::object(Object::search(id, &search.name))).await?;
        act.done(self.0.searches.remove_search(&sight.view, &caller.person, id).await).await
    }
}
