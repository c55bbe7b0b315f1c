use super::{AccessCases, NewSession, back_off::Subjects, hashing, names};
use weir_domain::CaseError;

pub const NAME: &str = "access/log_in";

impl AccessCases {
    /// Opens a session. An unknown name, a wrong password and a deactivated person get the same
    /// answer after the same work. `remote` is the client's address, for the back-off.
    pub async fn log_in(&self, login: &str, password: &str, remote: &str) -> Result<NewSession, CaseError> {
        let known = names::login(login);
        let subjects = Subjects::new(known.as_deref().unwrap_or("\0"), remote);
        subjects.wait_or_go(&*self.0.accounts, self.0.clock.now()).await?;
        let turn = self.0.hashing.turn().await?;
        let attempt = self.clone().attempt(known, password.to_owned(), subjects, turn);
        hashing::to_the_end(attempt).await
    }

    async fn attempt(
        self,
        known: Option<String>,
        password: String,
        subjects: Subjects,
        turn: hashing::Turn,
    ) -> Result<NewSession, CaseError> {
        let accounts = &*self.0.accounts;
        // Asked again: others may have failed while this one waited for its turn.
        subjects.wait_or_go(accounts, self.0.clock.now()).await?;
        let person = match &known {
            Some(login) => accounts.credentials(login).await?.filter(|p| p.active),
            None => None,
        };
        let hash = person.as_ref().map(|p| p.password_hash.clone());
        let right = names::hashable(&password) && turn.verify(&password, hash).await?;
        match person.filter(|_| right) {
            Some(person) => {
                subjects.succeeded(accounts).await?;
                self.open_session(&person.person).await
            }
            None => {
                subjects.failed(accounts, self.0.clock.now()).await?;
                Err(CaseError::Invalid {
                    what: "The log-in name or the password is wrong.".into(),
                    what_to_do: "Check both and try again. An administrator can set a new password.".into(),
                })
            }
        }
    }
}
