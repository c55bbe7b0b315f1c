use super::{SearchesCases, name_taken, shared_as, too_many};
use crate::id;
use weir_domain::{
    CaseError, SearchId,
    access::Caller,
    audit::{About, Facts, Object},
    searches::{EventsAddress, MOST_OWN, NewSearch, SearchKept, search_name},
};

pub const NAME: &str = "searches/save";

impl SearchesCases {
    /// Keeps a search under a name that the caller has no other one by.
    pub async fn save(
        &self,
        caller: &Caller,
        name: &str,
        address: EventsAddress,
        shared: bool,
    ) -> Result<SearchId, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let (name, made) = (search_name(name)?, self.0.clock.now());
        let id = SearchId(id::new(made));
        let about = About::object(Object::search(&id, &name)).change(Facts::new(), shared_as(shared));
        let act = sight.trail.act(about).await?;
        let new = NewSearch { id: id.clone(), owner: caller.person.clone(), name, address, shared, made };
        let kept = self.0.searches.keep_search(&sight.view, new, MOST_OWN).await.map(|kept| match kept {
            SearchKept::Kept => Ok(id),
            SearchKept::NameTaken => Err(name_taken()),
            SearchKept::TooMany => Err(too_many()),
        });
        act.told(kept, |error| error).await
    }
}
