use super::{AccessCases, NewSession, hashing, names, not_yet, token};
use crate::audit::Trail;
use weir_domain::{
    CaseError,
    access::{Grant, NewPerson, Origin, Role},
    audit::{About, Facts, Field, Secret, Value},
};

pub const NAME: &str = "access/set_up";

impl AccessCases {
    /// Has anybody an account? The pages before the sign-in say what to do where nobody has.
    pub async fn is_set_up(&self) -> Result<bool, CaseError> {
        Ok(!self.0.accounts.nobody_yet().await?)
    }

    /// Makes the first administrator, with every role, and signs them in. The token from the start's
    /// one-time link works once, and is not used up by a name or password that won't do.
    pub async fn set_up(
        &self,
        setup_token: &str,
        login: &str,
        name: &str,
        password: &str,
        origin: &Origin,
    ) -> Result<NewSession, CaseError> {
        let accounts = &*self.0.accounts;
        let auditor = &self.0.auditor;
        if !token::well_formed(setup_token) {
            auditor.turned_away(origin, NAME, STALE).await;
            return Err(stale());
        }
        if !accounts.nobody_yet().await? {
            auditor.turned_away(origin, NAME, "there is an administrator").await;
            return Err(CaseError::Conflict {
                what: "There is an administrator already.".into(),
                what_to_do: "Sign in, or ask them for an account.".into(),
            });
        }
        let login = names::login_or_say(login)?;
        let name = names::name_or_say(name)?;
        names::new_password_or_say(password, &login)?;
        let (turn, password) = (self.turn(NAME, origin).await?, password.to_owned());
        let password_hash = hashing::to_the_end(async move { turn.hash(&password).await }).await?;
        let after = Facts::new()
            .with(Field::Login, login.as_str())
            .with(Field::Name, name.as_str())
            .with(Field::Roles, Role::ALL.iter().map(|r| r.as_str()).collect::<Value>())
            .replaced(Secret::Password);
        let trail = Trail::new(auditor, not_yet(origin, None, Some(login.clone())), NAME);
        // Whether the link is good, only its use tells.
        let act = trail.act(About::nothing().change(Facts::new(), after)).await?;
        let by = password_hash.clone();
        let first =
            NewPerson { login, name, password_hash, roles: Role::ALL.to_vec(), grants: vec![Grant::everything()] };
        match accounts.create_first(&token::digest(setup_token), first, self.0.clock.now()).await {
            Ok(Some(person)) => self.open_session(&person, &by).await?.ok_or_else(stale),
            Ok(None) => {
                act.failed(STALE).await;
                Err(stale())
            }
            Err(error) => act.done(Err(error)).await,
        }
    }
}

const STALE: &str = "the set-up link is not valid";

fn stale() -> CaseError {
    CaseError::Invalid {
        what: "This set-up link is not valid: it works once, within 15 minutes, and until a newer one is made.".into(),
        what_to_do: "Restart Weir, or run weir admin-link, to get a new link.".into(),
    }
}
