use super::{AccessCases, back_off::Subjects, hashing, log_in::WRONG_PASSWORD, names};
use crate::audit::Trail;
use weir_domain::{
    CaseError, PersonId, SessionId,
    access::{Caller, View},
    audit::{About, Facts, Object, Secret},
};

pub const NAME: &str = "access/password";

impl AccessCases {
    /// A new password for oneself, by the present one. Every other session of the person ends. Guessing at the present
    /// password gets as slow as at signing in; `remote` as there.
    pub async fn password(&self, caller: &Caller, present: &str, new: &str, remote: &str) -> Result<(), CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let session = caller.session.ok_or_else(only_in_a_session)?;
        names::new_password_or_say(new, &caller.login)?;
        let subjects = Subjects::new(&caller.login, remote);
        self.wait_or_go(&subjects, NAME, &caller.origin).await?;
        let turn = self.turn(NAME, &caller.origin).await?;
        let attempt = Attempt {
            person: caller.person.clone(),
            session,
            view: sight.view.clone(),
            trail: sight.trail.clone(),
            about: About::object(Object::person(&caller.person, &caller.login)),
            present: present.to_owned(),
            new: new.to_owned(),
        };
        hashing::to_the_end(self.clone().change(attempt, subjects, turn)).await?;
        self.0.sign_outs.tell();
        Ok(())
    }

    async fn change(self, attempt: Attempt, subjects: Subjects, turn: hashing::Turn) -> Result<(), CaseError> {
        let Attempt { person, session, view, trail, about, present, new } = attempt;
        let accounts = &*self.0.accounts;
        // Asked again: others may have failed while this one waited for its turn.
        subjects.wait_or_go(accounts, self.0.clock.now()).await?;
        let from = self.0.own.password_hash(&view, &person).await?;
        let right = names::hashable(&present) && turn.verify(&present, from.clone()).await?;
        let Some(from) = from.filter(|_| right) else {
            trail.refused(WRONG_PASSWORD, about).await;
            subjects.failed(accounts, self.0.clock.now()).await?;
            return Err(CaseError::Invalid {
                what: "The present password is wrong.".into(),
                what_to_do: "Try again. If it is lost, an administrator can make you a link for a new one.".into(),
            });
        };
        subjects.succeeded(accounts).await?;
        let to = turn.hash(&new).await?;
        let act = trail.act(about.change(Facts::new(), Facts::new().replaced(Secret::Password))).await?;
        let set = self.0.own.set_password(&view, &person, &from, &to, session, self.0.clock.now()).await;
        let overtaken = |()| CaseError::Conflict {
            what: "Your password was changed in between.".into(),
            what_to_do: "Nothing of this form was saved. Sign in with the newer one.".into(),
        };
        act.told(set.map(|set| set.then_some(()).ok_or(())), overtaken).await
    }
}

struct Attempt {
    person: PersonId,
    session: SessionId,
    view: View,
    trail: Trail,
    about: About,
    present: String,
    new: String,
}

/// Whoever holds a token for programs must not be able to make it a way in of their own.
pub(super) fn only_in_a_session() -> CaseError {
    CaseError::Invalid {
        what: "This is done on the page Your account only.".into(),
        what_to_do: "Sign in with a browser.".into(),
    }
}
