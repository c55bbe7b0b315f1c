use super::{AccessCases, NewSession, hashing, names, token};
use weir_domain::{
    CaseError,
    access::{Grant, NewPerson, Role},
};

pub const NAME: &str = "access/set_up";

impl AccessCases {
    /// Makes the first administrator, with every role, and signs them in. The token from the start's
    /// one-time link works once, and is not used up by a name or password that won't do.
    pub async fn set_up(
        &self,
        setup_token: &str,
        login: &str,
        name: &str,
        password: &str,
    ) -> Result<NewSession, CaseError> {
        let accounts = &*self.0.accounts;
        if !token::well_formed(setup_token) {
            return Err(stale());
        }
        if !accounts.nobody_yet().await? {
            return Err(CaseError::Conflict {
                what: "There is an administrator already.".into(),
                what_to_do: "Sign in, or ask them for an account.".into(),
            });
        }
        let login = names::login_or_say(login)?;
        let name = names::name_or_say(name)?;
        names::new_password_or_say(password, &login)?;
        let (turn, password) = (self.0.hashing.turn().await?, password.to_owned());
        let password_hash = hashing::to_the_end(async move { turn.hash(&password).await }).await?;
        let first =
            NewPerson { login, name, password_hash, roles: Role::ALL.to_vec(), grants: vec![Grant::everything()] };
        match accounts.create_first(&token::digest(setup_token), first, self.0.clock.now()).await? {
            Some(person) => self.open_session(&person).await,
            None => Err(stale()),
        }
    }
}

fn stale() -> CaseError {
    CaseError::Invalid {
        what: "This set-up link is not valid: it works once, within 15 minutes, and until a newer one is made.".into(),
        what_to_do: "Restart Weir, or run `weir admin-link`, to get a new link.".into(),
    }
}
