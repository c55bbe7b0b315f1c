use super::PeopleCases;
use crate::{
    access::{NewSession, hashing, names, not_yet, token},
    audit::Trail,
};
use weir_domain::{
    CaseError,
    access::{Origin, people::Invited},
    audit::{About, Facts, Field, Object, Secret},
};

pub const NAME: &str = "people/accept";

impl PeopleCases {
    /// What a one-time link is for, told to who holds it. Uses nothing up.
    pub async fn invited(&self, link_token: &str, origin: &Origin) -> Result<Invited, CaseError> {
        let found = if token::well_formed(link_token) {
            self.0.people.invited(&token::digest(link_token), self.0.clock.now()).await?
        } else {
            None
        };
        if found.is_none() {
            self.0.auditor.turned_away(origin, NAME, STALE).await;
        }
        found.ok_or_else(stale)
    }

    /// Sets the holder's password and signs them in. Who is new may change the name they were invited by. The link works
    /// once, and is not used up by a name or password that won't do.
    pub async fn accept(
        &self,
        link_token: &str,
        name: &str,
        password: &str,
        origin: &Origin,
    ) -> Result<NewSession, CaseError> {
        let invited = self.invited(link_token, origin).await?;
        let name = if invited.new { Some(names::name_or_say(name)?) } else { None };
        names::new_password_or_say(password, &invited.login)?;
        let (turn, password) = (self.0.access.turn(NAME, origin).await?, password.to_owned());
        let hash = hashing::to_the_end(async move { turn.hash(&password).await }).await?;
        let digest = token::digest(link_token);
        let who = not_yet(origin, Some(invited.id.clone()), Some(invited.login.clone()));
        let named = |name: &str| Facts::new().with(Field::Name, name);
        let (before, after) = match &name {
            Some(name) => (named(&invited.name), named(name)),
            None => (Facts::new(), Facts::new()),
        };
        let about =
            About::object(Object::person(&invited.id, &invited.login)).change(before, after.replaced(Secret::Password));
        let act = Trail::new(&self.0.auditor, who, NAME).act(about).await?;
        let person = match self.0.people.accept(&digest, name.as_deref(), &hash, self.0.clock.now()).await {
            Ok(Some(person)) => person,
            Ok(None) => {
                act.failed(STALE).await;
                return Err(stale());
            }
            Err(error) => return act.done(Err(error)).await,
        };
        self.0.access.open_session(&person, &hash).await?.ok_or_else(stale)
    }
}

const STALE: &str = "the link is not valid";

/// Used, replaced, taken back or run out: it must not tell which.
fn stale() -> CaseError {
    CaseError::Invalid {
        what: "This link is not valid: it works once, for three days, and until a newer one is made.".into(),
        what_to_do: "Ask the administrator who sent it for a new one.".into(),
    }
}
