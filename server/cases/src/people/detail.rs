use super::{PeopleCases, told};
use weir_domain::{
    CaseError, PersonId,
    access::{
        Caller,
        people::{PersonDetail, Places},
    },
    audit::About,
};

pub const NAME: &str = "people/detail";

impl PeopleCases {
    /// One person, and what their grants can name. `Ok(None)`: there is no such person.
    pub async fn detail(&self, caller: &Caller, id: &PersonId) -> Result<Option<PersonDetail>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let now = self.0.clock.now();
        let Some(person) = self.0.people.one(&sight.view, id, now).await? else {
            sight.trail.saw(About::nothing().count(0)).await?;
            return Ok(None);
        };
        sight.trail.saw(told::about(&person).count(1)).await?;
        let places = self.0.people.places(&sight.view).await?;
        Ok(Some(PersonDetail { own: person.id == caller.person, person, places, at: now }))
    }

    /// What the grants of somebody new can name: every environment and source, whatever the administrator's own grants
    /// are. Of channels nothing is told.
    pub async fn places(&self, caller: &Caller) -> Result<Places, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        Ok(self.0.people.places(&sight.view).await?)
    }
}
