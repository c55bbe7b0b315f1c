use super::PeopleCases;
use crate::{access::token, audit::Trail};
use weir_domain::{
    CaseError, PersonId, Timestamp,
    access::{Via, people::NewLink},
    audit::{About, Facts, Field, Secret, Who},
};

/// How long a one-time link is good: over a weekend.
pub const LINK_SECS: i64 = 72 * 3600;

/// Just made. The token is shown to who made it and to nobody again: only its digest is kept.
#[derive(Clone)]
pub struct OneTimeLink {
    pub person: PersonId,
    pub token: String,
    pub expires: Timestamp,
}

impl std::fmt::Debug for OneTimeLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OneTimeLink")
            .field("person", &self.person)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

impl PeopleCases {
    /// A fresh token, and what is stored of it.
    pub(super) fn new_link(&self) -> Result<(String, NewLink), CaseError> {
        let token = token::new()?;
        let link = NewLink { token_hash: token::digest(&token), expires: self.0.clock.now().plus_secs(LINK_SECS) };
        Ok((token, link))
    }

    /// A link for somebody who can't be helped by an administrator, because they are the only one. For who rules the
    /// server itself; called from its command line, never by a request. `None`: nobody active has this log-in name.
    pub async fn link_by_operator(&self, login: &str) -> Result<Option<String>, CaseError> {
        let (token, link) = self.new_link()?;
        let who = Who {
            person: None,
            login: None,
            via: Some(Via::CommandLine),
            remote: String::new(),
            request_id: String::new(),
        };
        let after =
            Facts::new().with(Field::Login, login.trim()).replaced(Secret::Password).with(Field::Expires, link.expires);
        let trail = Trail::new(&self.0.auditor, who, super::reset::NAME);
        let act = trail.act(About::nothing().change(Facts::new(), after)).await?;
        match self.0.people.link_by_operator(login.trim(), &link, self.0.clock.now()).await {
            Ok(true) => Ok(Some(token)),
            Ok(false) => {
                act.failed("nobody active has this log-in name").await;
                Ok(None)
            }
            Err(error) => act.done(Err(error)).await,
        }
    }
}
