use super::{PeopleCases, refused, told};
use weir_domain::{
    CaseError, PersonId,
    access::{Caller, people::PersonState},
};

pub const NAME: &str = "people/reactivate";

impl PeopleCases {
    /// Lets the person sign in again, with the rights they had.
    pub async fn reactivate(&self, caller: &Caller, id: &PersonId) -> Result<(), CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let person = self.subject(&sight.view, id).await?;
        let about = told::about(&person).change(told::active(person.state), told::active(PersonState::Active));
        let act = sight.trail.act(about).await?;
        let done = self.0.people.set_active(&sight.view, id, true, self.by(caller)).await;
        act.told(done, refused::words).await?;
        self.0.sign_outs.tell();
        Ok(())
    }
}
