use super::tokens::KeptToken;
use async_trait::async_trait;
use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering},
    },
};
use weir_domain::{
    PersonId, SessionId, StoreError, Timestamp,
    access::{Accounts, Grant, NewPerson, PersonCredentials, Role, SessionPerson},
};

#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    pub id: PersonId,
    pub login: String,
    pub name: String,
    pub password_hash: String,
    pub active: bool,
    pub roles: Vec<Role>,
    pub grants: Vec<Grant>,
}

pub struct Session {
    pub id: SessionId,
    pub person: PersonId,
    pub made_at: Timestamp,
    pub expires: Timestamp,
}

/// Accounts in memory. Five failures are free, then waits double from one second.
#[derive(Default)]
pub struct FakeAccounts {
    pub(super) people: Mutex<Vec<Person>>,
    pub(super) sessions: Mutex<HashMap<[u8; 32], Session>>,
    numbers: AtomicI64,
    setup: Mutex<Option<([u8; 32], Timestamp)>>,
    pub(super) tokens: Mutex<Vec<KeptToken>>,
    attempts: Mutex<HashMap<[u8; 32], (u32, Timestamp)>>,
    pub credentials_asked: AtomicU32,
    pub sessions_asked: AtomicU32,
    pub away: AtomicBool,
    /// Failed log-ins counted so far, for those who wait for one.
    pub failures: tokio::sync::watch::Sender<u32>,
}

impl FakeAccounts {
    pub fn living_tokens(&self) -> usize {
        self.tokens.lock().unwrap().iter().filter(|t| !t.revoked).count()
    }
    /// Changes the only person's roles and grants.
    pub fn become_person(&self, roles: &[Role], grants: &[Grant]) {
        let mut people = self.people.lock().unwrap();
        people[0].roles = roles.to_vec();
        people[0].grants = grants.to_vec();
    }
    pub fn people(&self) -> Vec<Person> {
        self.people.lock().unwrap().clone()
    }
    pub fn tokens_made(&self) -> usize {
        self.tokens.lock().unwrap().len()
    }
    pub fn deactivate(&self) {
        self.people.lock().unwrap()[0].active = false;
    }
    pub fn session_digests(&self) -> Vec<[u8; 32]> {
        self.sessions.lock().unwrap().keys().copied().collect()
    }
    pub(super) fn here(&self) -> Result<(), StoreError> {
        if self.away.load(Ordering::SeqCst) { Err(StoreError::Unavailable("away".into())) } else { Ok(()) }
    }
}

#[async_trait]
impl Accounts for FakeAccounts {
    async fn credentials(&self, login: &str) -> Result<Option<PersonCredentials>, StoreError> {
        self.here()?;
        self.credentials_asked.fetch_add(1, Ordering::SeqCst);
        let people = self.people.lock().unwrap();
        Ok(people.iter().find(|p| p.login == login && !p.password_hash.is_empty()).map(|p| PersonCredentials {
            person: p.id.clone(),
            password_hash: p.password_hash.clone(),
            active: p.active,
        }))
    }
    async fn open_session(
        &self,
        person: &PersonId,
        password_hash: &str,
        token_hash: &[u8; 32],
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<bool, StoreError> {
        self.here()?;
        assert!(expires > now);
        let fits = |p: &Person| p.id == *person && p.active && p.password_hash == password_hash;
        if !self.people.lock().unwrap().iter().any(fits) {
            return Ok(false);
        }
        let id = SessionId(self.numbers.fetch_add(1, Ordering::SeqCst));
        let session = Session { id, person: person.clone(), made_at: now, expires };
        self.sessions.lock().unwrap().insert(*token_hash, session);
        Ok(true)
    }
    async fn session(&self, token_hash: &[u8; 32], now: Timestamp) -> Result<Option<SessionPerson>, StoreError> {
        self.here()?;
        self.sessions_asked.fetch_add(1, Ordering::SeqCst);
        let sessions = self.sessions.lock().unwrap();
        let Some(session) = sessions.get(token_hash).filter(|s| s.expires > now) else { return Ok(None) };
        let people = self.people.lock().unwrap();
        Ok(people.iter().find(|p| p.id == session.person && p.active).map(|p| SessionPerson {
            session: session.id,
            person: p.id.clone(),
            login: p.login.clone(),
            name: p.name.clone(),
            roles: p.roles.clone(),
            grants: p.grants.clone(),
            expires: session.expires,
        }))
    }
    async fn end_session(&self, token_hash: &[u8; 32]) -> Result<(), StoreError> {
        self.here()?;
        self.sessions.lock().unwrap().remove(token_hash);
        Ok(())
    }
    async fn nobody_yet(&self) -> Result<bool, StoreError> {
        self.here()?;
        Ok(self.people.lock().unwrap().is_empty())
    }
    async fn put_setup_token(&self, token_hash: &[u8; 32], expires: Timestamp) -> Result<(), StoreError> {
        *self.setup.lock().unwrap() = Some((*token_hash, expires));
        Ok(())
    }
    async fn create_first(
        &self,
        token_hash: &[u8; 32],
        person: NewPerson,
        now: Timestamp,
    ) -> Result<Option<PersonId>, StoreError> {
        let mut setup = self.setup.lock().unwrap();
        let mut people = self.people.lock().unwrap();
        if !people.is_empty() || !setup.is_some_and(|(hash, expires)| hash == *token_hash && expires > now) {
            return Ok(None);
        }
        *setup = None;
        let id = PersonId("0193-first".into());
        people.push(Person {
            id: id.clone(),
            login: person.login,
            name: person.name,
            password_hash: person.password_hash,
            active: true,
            roles: person.roles,
            grants: person.grants,
        });
        Ok(Some(id))
    }
    async fn log_in_failed(&self, subject: &[u8; 32], now: Timestamp) -> Result<Timestamp, StoreError> {
        let mut attempts = self.attempts.lock().unwrap();
        let (failures, next) = attempts.entry(*subject).or_insert((0, now));
        *failures += 1;
        *next = match failures.checked_sub(5) {
            Some(over) => now.plus_secs((1 << over.min(10)).min(900)),
            None => now,
        };
        self.failures.send_modify(|n| *n += 1);
        Ok(*next)
    }
    async fn log_in_wait(&self, subject: &[u8; 32], now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.attempts.lock().unwrap().get(subject).map(|(_, next)| *next).filter(|next| *next > now))
    }
    async fn log_in_succeeded(&self, subject: &[u8; 32]) -> Result<(), StoreError> {
        self.attempts.lock().unwrap().remove(subject);
        Ok(())
    }
}
