use super::{OneTimeLink, PeopleCases, refused, told};
use weir_domain::{
    CaseError, PersonId,
    access::Caller,
    audit::{Facts, Field, Secret},
};

pub const NAME: &str = "people/reset";

impl PeopleCases {
    /// A new link, for a lost password or an invitation that ran out; an earlier one ends. The present password stops
    /// working at once, and the person's sessions end.
    pub async fn reset(&self, caller: &Caller, id: &PersonId) -> Result<OneTimeLink, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let (token, link) = self.new_link()?;
        let person = self.subject(&sight.view, id).await?;
        let after = Facts::new().replaced(Secret::Password).with(Field::Expires, link.expires);
        let act = sight.trail.act(told::about(&person).change(Facts::new(), after)).await?;
        let renewed = self.0.people.renew_link(&sight.view, id, &link, self.by(caller)).await;
        act.told(renewed, refused::words).await?;
        self.0.sign_outs.tell();
        Ok(OneTimeLink { person: id.clone(), token, expires: link.expires })
    }
}
