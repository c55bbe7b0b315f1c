use super::{TokensCases, text};
use crate::{access::token, stream::Recheck};
use async_trait::async_trait;
use weir_domain::{
    CaseError, EnvironmentId,
    access::{Caller, Credential, Origin},
    tokens::in_both,
};

impl TokensCases {
    /// Who is behind a personal token, with the roles that it and its person both have now; `Ok(None)` if nobody is, or
    /// no longer: then the log says that `use_case` was refused. `environment` is a name or an id, as the program wrote
    /// it; one that the person can't see is `Invalid`.
    pub async fn caller(
        &self,
        token: &str,
        environment: Option<&str>,
        origin: Origin,
        use_case: &'static str,
    ) -> Result<Option<Caller>, CaseError> {
        let Some(mut caller) = self.person(token, origin.clone()).await? else {
            self.0.auditor.turned_away(&origin, use_case, "the token is not valid").await;
            return Ok(None);
        };
        if let Some(wanted) = environment {
            caller.environment = Some(self.0.views.environment(&caller, wanted).await?);
        }
        Ok(Some(caller))
    }

    async fn person(&self, token: &str, origin: Origin) -> Result<Option<Caller>, CaseError> {
        if !text::well_formed(token) {
            return Ok(None);
        }
        let found = self.0.tokens.token(&token::digest(token), self.0.clock.now()).await?;
        Ok(found.map(|found| Caller {
            person: found.person,
            session: None,
            login: found.login,
            name: found.name,
            roles: in_both(&found.token_roles, &found.roles),
            grants: found.grants,
            by: Credential::Token { id: found.token, name: found.token_name, expires: found.expires },
            environment: None,
            origin,
        }))
    }

    /// The re-check of a stream that `caller` opened with this token.
    pub fn recheck(&self, token: String, caller: &Caller) -> TokenRecheck {
        TokenRecheck { tokens: self.clone(), token, environment: caller.environment, origin: caller.origin.clone() }
    }
}

/// Asks the database whether a stream's token still lives, and with which roles and grants.
pub struct TokenRecheck {
    tokens: TokensCases,
    token: String,
    environment: Option<EnvironmentId>,
    origin: Origin,
}

#[async_trait]
impl Recheck for TokenRecheck {
    async fn caller(&self) -> Result<Option<Caller>, CaseError> {
        let caller = self.tokens.person(&self.token, self.origin.clone()).await?;
        Ok(caller.map(|caller| Caller { environment: self.environment, ..caller }))
    }
}
