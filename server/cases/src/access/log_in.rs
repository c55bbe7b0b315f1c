use super::{AccessCases, NewSession, Visitor, back_off::Subjects, hashing, names, not_yet};
use crate::audit::Trail;
use weir_domain::{
    CaseError,
    access::{Origin, PersonCredentials},
    audit::{About, Object},
};

pub const NAME: &str = "access/log_in";
/// For the audit log.
pub(super) const WRONG_PASSWORD: &str = "wrong password";

impl AccessCases {
    /// Opens a session. An unknown name, a wrong password and a deactivated person get the same
    /// answer after the same work; the audit log tells them apart.
    pub async fn log_in(
        &self,
        login: &str,
        password: &str,
        visitor: impl Into<Visitor>,
    ) -> Result<NewSession, CaseError> {
        let Visitor { origin, counted_as } = visitor.into();
        let known = names::login(login);
        let subjects = Subjects::new(known.as_deref().unwrap_or("\0"), &counted_as);
        self.wait_or_go(&subjects, NAME, &origin).await?;
        let turn = self.turn(NAME, &origin).await?;
        let attempt = self.clone().attempt(known, password.to_owned(), subjects, turn, origin);
        hashing::to_the_end(attempt).await
    }

    /// Whoever has to wait is in the audit log.
    pub(super) async fn wait_or_go(
        &self,
        subjects: &Subjects,
        use_case: &'static str,
        origin: &Origin,
    ) -> Result<(), CaseError> {
        let go = subjects.wait_or_go(&*self.0.accounts, self.0.clock.now()).await;
        if let Err(CaseError::TooMany { .. }) = &go {
            self.0.auditor.turned_away(origin, use_case, "has to wait after failed log-ins").await;
        }
        go
    }

    async fn attempt(
        self,
        known: Option<String>,
        password: String,
        subjects: Subjects,
        turn: hashing::Turn,
        origin: Origin,
    ) -> Result<NewSession, CaseError> {
        let accounts = &*self.0.accounts;
        // Asked again: others may have failed while this one waited for its turn.
        self.wait_or_go(&subjects, NAME, &origin).await?;
        let found = match &known {
            Some(login) => accounts.credentials(login).await?,
            None => None,
        };
        let hash = found.as_ref().filter(|p| p.active).map(|p| p.password_hash.clone());
        let right = names::hashable(&password) && turn.verify(&password, hash).await?;
        // Of a name that nobody has nothing is kept: people type their password into the wrong field.
        let login = known.filter(|_| found.is_some()).unwrap_or_default();
        let who = not_yet(&origin, found.as_ref().map(|p| p.person.clone()), found.as_ref().map(|_| login.clone()));
        let trail = Trail::new(&self.0.auditor, who, NAME);
        let about =
            found.as_ref().map(|p| Object::person(&p.person, &login)).map_or_else(About::nothing, About::object);
        match &found {
            Some(person) if person.active && right => {
                let act = trail.act(about).await?;
                match self.open_session(&person.person, &person.password_hash).await {
                    Ok(Some(session)) => {
                        subjects.succeeded(accounts).await?;
                        return Ok(session);
                    }
                    Ok(None) => act.failed("the password or the account was changed meanwhile").await,
                    failed => act.done(failed.map(drop)).await?,
                }
            }
            _ => trail.refused(wrong(found.as_ref()), about).await,
        }
        subjects.failed(accounts, self.0.clock.now()).await?;
        Err(CaseError::Invalid {
            what: "The log-in name or the password is wrong.".into(),
            what_to_do: "Check both and try again. An administrator can set a new password.".into(),
        })
    }
}

/// For the audit log only.
const fn wrong(found: Option<&PersonCredentials>) -> &'static str {
    match found {
        None => "nobody has this log-in name",
        Some(person) if person.active => WRONG_PASSWORD,
        Some(_) => "the account is switched off",
    }
}
