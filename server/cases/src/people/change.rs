use super::{PeopleCases, refused, rights, told};
use crate::access::names;
use weir_domain::{
    CaseError, PersonId,
    access::{Caller, Grant, people::Change},
    audit::Field,
};

pub const NAME: &str = "people/change";

impl PeopleCases {
    /// Sets name, roles and grants, if nobody has changed the person since `version`. Holds from their next request on,
    /// and on open streams within 30 s.
    pub async fn change(
        &self,
        caller: &Caller,
        id: &PersonId,
        version: i64,
        name: &str,
        roles: &[String],
        grants: Vec<Grant>,
    ) -> Result<(), CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let change = Change { version, name: names::name_or_say(name)?, rights: rights::checked(roles, grants)? };
        let person = self.subject(&sight.view, id).await?;
        let before = told::has(&person).with(Field::Name, person.name.as_str());
        let after = self.given(&sight.view, &change.rights).await?.with(Field::Name, change.name.as_str());
        let act = sight.trail.act(told::about(&person).change(before, after)).await?;
        let changed = self.0.people.change(&sight.view, id, &change, self.by(caller)).await;
        act.told(changed, refused::words).await?;
        self.0.sign_outs.tell();
        Ok(())
    }
}
