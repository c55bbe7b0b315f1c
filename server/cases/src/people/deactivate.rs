use super::{PeopleCases, refused, told};
use weir_domain::{
    CaseError, PersonId,
    access::{Caller, people::PersonState},
};

pub const NAME: &str = "people/deactivate";

impl PeopleCases {
    /// Ends the person's sessions at once, and with them open streams within 30 s; nothing of theirs is lost.
    pub async fn deactivate(&self, caller: &Caller, id: &PersonId) -> Result<(), CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let person = self.subject(&sight.view, id).await?;
        let about = told::about(&person).change(told::active(person.state), told::active(PersonState::Deactivated));
        let act = sight.trail.act(about).await?;
        let done = self.0.people.set_active(&sight.view, id, false, self.by(caller)).await;
        act.told(done, refused::words).await?;
        self.0.sign_outs.tell();
        Ok(())
    }
}
