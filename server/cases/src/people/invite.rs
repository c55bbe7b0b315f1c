use super::{OneTimeLink, PeopleCases, refused, rights};
use crate::{access::names, id};
use weir_domain::{
    CaseError, PersonId,
    access::{Caller, Grant, people::NewInvite},
    audit::{About, Facts, Field, Object},
};

pub const NAME: &str = "people/invite";

impl PeopleCases {
    /// Makes a person with these rights and a link by which they come in. Nobody can read the link again.
    pub async fn invite(
        &self,
        caller: &Caller,
        login: &str,
        name: &str,
        roles: &[String],
        grants: Vec<Grant>,
    ) -> Result<OneTimeLink, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let (login, name) = (names::login_or_say(login)?, names::name_or_say(name)?);
        let rights = rights::checked(roles, grants)?;
        let (token, link) = self.new_link()?;
        let expires = link.expires;
        let person = PersonId(id::new(self.0.clock.now()));
        let after = self.given(&sight.view, &rights).await?;
        let after = after.with(Field::Login, login.as_str()).with(Field::Name, name.as_str());
        let after = after.with(Field::Expires, expires);
        let act = sight.trail.act(About::object(Object::person(&person, &login)).change(Facts::new(), after)).await?;
        let new = NewInvite { id: person.clone(), login, name, rights, link };
        act.told(self.0.people.invite(&sight.view, &new, self.by(caller)).await, refused::words).await?;
        Ok(OneTimeLink { person, token, expires })
    }
}
