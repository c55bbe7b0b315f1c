use super::{AccessCases, token};
use crate::stream::Recheck;
use async_trait::async_trait;
use weir_domain::{CaseError, EnvironmentId, access::Caller};

impl AccessCases {
    /// Who is behind a session token; `Ok(None)` if nobody is, or no longer.
    pub async fn caller(
        &self,
        session_token: &str,
        environment: Option<EnvironmentId>,
        request_id: String,
    ) -> Result<Option<Caller>, CaseError> {
        if !token::well_formed(session_token) {
            return Ok(None);
        }
        let session = self.0.accounts.session(&token::digest(session_token), self.0.clock.now()).await?;
        Ok(session.map(|p| Caller {
            person: p.person,
            login: p.login,
            name: p.name,
            roles: p.roles,
            grants: p.grants,
            environment,
            request_id,
        }))
    }

    /// The ordinary re-check of a stream: the session's token, asked again.
    pub fn recheck(
        &self,
        session_token: String,
        environment: Option<EnvironmentId>,
        request_id: String,
    ) -> SessionRecheck {
        SessionRecheck { access: self.clone(), session_token, environment, request_id }
    }
}

/// Asks the database whether a stream's session still lives, and with which roles and grants.
pub struct SessionRecheck {
    access: AccessCases,
    session_token: String,
    environment: Option<EnvironmentId>,
    request_id: String,
}

#[async_trait]
impl Recheck for SessionRecheck {
    async fn caller(&self) -> Result<Option<Caller>, CaseError> {
        self.access.caller(&self.session_token, self.environment, self.request_id.clone()).await
    }
}
