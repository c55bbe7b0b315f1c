use super::{Auditor, Batch};
use weir_domain::{
    CaseError, StoreError,
    access::{Permission, Role},
    audit::{About, NewEntry, Outcome, Who},
    events::KeyHash,
};

/// One call of a use case, as the audit log will know it.
#[derive(Clone)]
pub(crate) struct Trail {
    auditor: Auditor,
    who: Who,
    use_case: &'static str,
}

impl Trail {
    pub fn new(auditor: &Auditor, who: Who, use_case: &'static str) -> Self {
        Self { auditor: auditor.clone(), who, use_case }
    }

    pub fn key_hash(&self, key: &[u8]) -> KeyHash {
        self.auditor.key_hash(key)
    }

    fn entry(&self, outcome: Outcome, reason: Option<&'static str>, about: About) -> NewEntry {
        self.auditor.entry(self.who.clone(), self.use_case, outcome, reason, about)
    }

    /// The entry before an act. Act only when it is there, and tell by [`Act::done`] how it went.
    pub async fn act(&self, about: About) -> Result<Act, CaseError> {
        self.auditor.write(self.entry(Outcome::Allowed, None, about.clone())).await?;
        Ok(Act { trail: self.clone(), about })
    }

    /// An act for which an entry stands that was written before, of others like it: only a failure gets its own.
    pub fn covered(&self, about: About) -> Act {
        Act { trail: self.clone(), about }
    }

    /// The entry before something is shown. Show it only when it is there.
    pub async fn saw(&self, about: About) -> Result<(), CaseError> {
        self.auditor.write(self.entry(Outcome::Allowed, None, about)).await
    }

    /// The entry before something goes on for a while.
    pub async fn begin(&self, about: About) -> Result<Batch, CaseError> {
        self.auditor.write(self.entry(Outcome::Began, None, about.clone())).await?;
        Ok(Batch::new(self.clone(), about))
    }

    /// Refuses for want of a permission, in the log and in words.
    pub async fn refuse(&self, permission: Permission, about: About) -> CaseError {
        self.refuse_as(permission.as_str(), Role::with(permission), about).await
    }

    /// The same where the permission alone is not enough: `needs` says what is.
    pub async fn refuse_as(&self, needs: &'static str, roles: Vec<&'static str>, about: About) -> CaseError {
        self.auditor.note(self.entry(Outcome::Refused, Some(needs), about)).await;
        CaseError::NotAllowed { needs, roles }
    }

    /// A refusal for another reason than a permission.
    pub async fn refused(&self, reason: &'static str, about: About) {
        self.auditor.note(self.entry(Outcome::Refused, Some(reason), about)).await;
    }

    pub(super) async fn write(
        &self,
        outcome: Outcome,
        reason: Option<&'static str>,
        about: About,
    ) -> Result<(), CaseError> {
        self.auditor.write(self.entry(outcome, reason, about)).await
    }

    pub(super) fn later(&self, outcome: Outcome, reason: Option<&'static str>, about: About) {
        self.auditor.later(self.entry(outcome, reason, about));
    }
}

/// An act that has its entry.
#[must_use = "tell how it went"]
pub(crate) struct Act {
    trail: Trail,
    about: About,
}

impl Act {
    /// Hands on what came of it; a failure gets an entry of its own.
    pub async fn done<T, E: Into<CaseError>>(self, result: Result<T, E>) -> Result<T, CaseError> {
        match result {
            Ok(value) => Ok(value),
            Err(error) => {
                let error = error.into();
                self.failed(reason(&error)).await;
                Err(error)
            }
        }
    }

    /// The same where the store may say no: `words` are for the person.
    pub async fn told<T, R>(
        self,
        result: Result<Result<T, R>, StoreError>,
        words: impl FnOnce(R) -> CaseError,
    ) -> Result<T, CaseError> {
        self.done(result.map_err(CaseError::from).and_then(|answer| answer.map_err(words))).await
    }

    /// It did not come to be, for a reason of its own.
    pub async fn failed(self, reason: &'static str) {
        let entry = self.trail.entry(Outcome::Failed, Some(reason), self.about);
        self.trail.auditor.note(entry).await;
    }
}

/// In words of the program: an error's own text may quote what somebody typed.
const fn reason(error: &CaseError) -> &'static str {
    match error {
        CaseError::SignedOut => "signed out",
        CaseError::NotAllowed { .. } | CaseError::SessionsOnly => "not allowed",
        CaseError::Invalid { .. } => "not valid",
        CaseError::Conflict { .. } => "in conflict with another change",
        CaseError::TooMany { .. } => "too many at once",
        CaseError::Unavailable(_) => "the database was away",
        CaseError::Internal(_) => "a defect, see the log",
    }
}
