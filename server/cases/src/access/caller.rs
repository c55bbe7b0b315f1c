use super::{AccessCases, token};
use crate::stream::Recheck;
use async_trait::async_trait;
use weir_domain::{
    CaseError, EnvironmentId,
    access::{Caller, Credential, Origin},
};

impl AccessCases {
    /// Who is behind a session token; `Ok(None)` if nobody is, or no longer.
    pub async fn caller(
        &self,
        session_token: &str,
        environment: Option<EnvironmentId>,
        origin: Origin,
    ) -> Result<Option<Caller>, CaseError> {
        if !token::well_formed(session_token) {
            return Ok(None);
        }
        let session = self.0.accounts.session(&token::digest(session_token), self.0.clock.now()).await?;
        Ok(session.map(|p| Caller {
            person: p.person,
            session: Some(p.session),
            login: p.login,
            name: p.name,
            roles: p.roles,
            grants: p.grants,
            by: Credential::Session,
            environment,
            origin,
        }))
    }

    /// The ordinary re-check of a stream: the session's token, asked again.
    pub fn recheck(&self, session_token: String, environment: Option<EnvironmentId>, origin: Origin) -> SessionRecheck {
        SessionRecheck { access: self.clone(), session_token, environment, origin }
    }
}

/// Asks the database whether a stream's session still lives, and with which roles and grants.
pub struct SessionRecheck {
    access: AccessCases,
    session_token: String,
    environment: Option<EnvironmentId>,
    origin: Origin,
}

#[async_trait]
impl Recheck for SessionRecheck {
    async fn caller(&self) -> Result<Option<Caller>, CaseError> {
        self.access.caller(&self.session_token, self.environment, self.origin.clone()).await
    }
}
