use super::LinksCases;
use weir_domain::{
    CaseError, LinkId,
    access::Caller,
    audit::About,
    links::{LinkKept, MOST_LINKS, NewLink, link_id},
    searches::EventsAddress,
};

pub const NAME: &str = "links/keep";

impl LinksCases {
    /// A short link to a search; the one that it has, if it has one. `address` has no end of time that moves.
    pub async fn keep(&self, caller: &Caller, address: EventsAddress) -> Result<LinkId, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let id = link_id(rand::random());
        // What was typed is not told to the log, nor which link it is: whoever knows its id can open it.
        let act = sight.trail.act(About::nothing()).await?;
        let new = NewLink { id, address, made_by: caller.person.clone(), made: self.0.clock.now() };
        let kept = self.0.links.keep_link(&sight.view, new, MOST_LINKS).await.map(|kept| match kept {
            LinkKept::Kept(id) => Ok(id),
            LinkKept::TooMany => Err(CaseError::Conflict {
                what: format!("You have made {MOST_LINKS} links, which is as many as one person may have."),
                what_to_do: "Save the search and share it, or copy the address of the page Events.".into(),
            }),
        });
        act.told(kept, |error| error).await
    }
}
