use super::FakeAccounts;
use crate::world::NOW;
use async_trait::async_trait;
use weir_domain::{
    PersonId, StoreError, Timestamp, TokenId,
    access::View,
    tokens::{Kept, NewToken, TokenPerson, TokenShown, Tokens},
};

pub struct KeptToken {
    pub id: TokenId,
    pub new: NewToken,
    pub revoked: bool,
}

impl FakeAccounts {
    /// One that was made before.
    pub fn a_token_of(&self, person: &PersonId) -> TokenId {
        let mut tokens = self.tokens.lock().unwrap();
        let id = TokenId(format!("0193-token-{}", tokens.len()));
        let new = NewToken {
            id: id.clone(),
            person: person.clone(),
            name: id.0.clone(),
            token_hash: [0; 32],
            roles: Vec::new(),
            made: NOW,
            expires: NOW.plus_secs(60),
        };
        tokens.push(KeptToken { id: id.clone(), new, revoked: false });
        id
    }
}

#[async_trait]
impl Tokens for FakeAccounts {
    async fn token(&self, token_hash: &[u8; 32], now: Timestamp) -> Result<Option<TokenPerson>, StoreError> {
        self.here()?;
        let tokens = self.tokens.lock().unwrap();
        let Some(t) = tokens.iter().find(|t| t.new.token_hash == *token_hash && !t.revoked && t.new.expires > now)
        else {
            return Ok(None);
        };
        let person = self.people().into_iter().find(|p| p.id == t.new.person && p.active);
        Ok(person.map(|p| TokenPerson {
            token: t.id.clone(),
            token_name: t.new.name.clone(),
            token_roles: t.new.roles.clone(),
            expires: t.new.expires,
            person: p.id,
            login: p.login,
            name: p.name,
            roles: p.roles,
            grants: p.grants,
        }))
    }
    async fn tokens_of(&self, _: &View, person: &PersonId) -> Result<Vec<TokenShown>, StoreError> {
        self.here()?;
        let tokens = self.tokens.lock().unwrap();
        let own = tokens.iter().filter(|t| t.new.person == *person && !t.revoked);
        let shown = own.map(|t| TokenShown {
            id: t.id.clone(),
            name: t.new.name.clone(),
            roles: t.new.roles.clone(),
            made: t.new.made,
            expires: t.new.expires,
            last_used: None,
        });
        Ok(shown.collect())
    }
    async fn keep_token(&self, _: &View, new: NewToken, most: u32) -> Result<Kept, StoreError> {
        self.here()?;
        let mut tokens = self.tokens.lock().unwrap();
        let living = || tokens.iter().filter(|t| !t.revoked && t.new.expires > new.made);
        if living().any(|t| t.new.name == new.name) {
            return Ok(Kept::NameTaken);
        }
        if living().count() >= most as usize {
            return Ok(Kept::TooMany);
        }
        tokens.push(KeptToken { id: new.id.clone(), new, revoked: false });
        Ok(Kept::Made)
    }
    async fn revoke_token(&self, _: &View, person: &PersonId, id: &TokenId, _: Timestamp) -> Result<bool, StoreError> {
        self.here()?;
        let mut tokens = self.tokens.lock().unwrap();
        let found = tokens.iter_mut().find(|t| t.id == *id && t.new.person == *person && !t.revoked);
        Ok(found.map(|t| t.revoked = true).is_some())
    }
}
