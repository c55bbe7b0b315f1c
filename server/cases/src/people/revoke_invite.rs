use super::{PeopleCases, refused, told};
use weir_domain::{CaseError, PersonId, access::Caller, audit::Facts, audit::Field};

pub const NAME: &str = "people/revoke_invite";

impl PeopleCases {
    /// Takes an invitation back: its link ends, and the person, who never was here, is gone.
    pub async fn revoke_invite(&self, caller: &Caller, id: &PersonId) -> Result<(), CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let person = self.subject(&sight.view, id).await?;
        let before =
            told::has(&person).with(Field::Login, person.login.as_str()).with(Field::Name, person.name.as_str());
        let act = sight.trail.act(told::about(&person).change(before, Facts::new())).await?;
        act.told(self.0.people.revoke_invite(&sight.view, id, self.by(caller)).await, refused::words).await
    }
}
