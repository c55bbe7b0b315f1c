use super::{FakeAccounts, accounts::Person};
use crate::world::{CHANNELS, NOW};
use async_trait::async_trait;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};
use weir_domain::{
    PersonId, RequestId, SessionId, StoreError, Timestamp,
    access::{
        Role, View,
        people::{
            Acted, Answer, By, Change, EndSessions, GrantShown, Invited, NewInvite, NewLink, NewRequest, OwnAccount,
            People, PeopleList, PersonShown, PersonState, Places, Refused, RequestShown, Requests, SessionShown,
            SourcePlace,
        },
    },
};

/// People over the same accounts. Guards are the store's and tested there; here an act is done, or refused as told.
pub struct FakePeople {
    accounts: Arc<FakeAccounts>,
    links: Mutex<HashMap<[u8; 32], (PersonId, Timestamp)>>,
    pub requests: Mutex<Vec<NewRequest>>,
    /// What the next act is refused with.
    pub refuse: Mutex<Option<Refused>>,
    asked: AtomicU32,
    acted: AtomicU32,
}

impl FakePeople {
    pub fn new(accounts: Arc<FakeAccounts>) -> Self {
        Self {
            accounts,
            links: Mutex::default(),
            requests: Mutex::default(),
            refuse: Mutex::default(),
            asked: AtomicU32::new(0),
            acted: AtomicU32::new(0),
        }
    }
    /// Questions and acts since the last call of this.
    pub fn take_asked(&self) -> u32 {
        self.asked.swap(0, Ordering::SeqCst)
    }
    pub fn link_digests(&self) -> Vec<[u8; 32]> {
        self.links.lock().unwrap().keys().copied().collect()
    }
    /// Acts since the last call of this.
    pub fn take_acted(&self) -> u32 {
        self.acted.swap(0, Ordering::SeqCst)
    }
    fn count(&self) {
        self.asked.fetch_add(1, Ordering::SeqCst);
    }
    fn count_act(&self) {
        self.count();
        self.acted.fetch_add(1, Ordering::SeqCst);
    }
    fn act<T>(&self, done: impl FnOnce() -> T) -> Acted<T> {
        self.count_act();
        Ok(match self.refuse.lock().unwrap().take() {
            Some(why) => Err(why),
            None => Ok(done()),
        })
    }
    fn on(&self, id: &PersonId, change: impl FnOnce(&mut Person)) {
        if let Some(person) = self.accounts.people.lock().unwrap().iter_mut().find(|p| p.id == *id) {
            change(person);
        }
    }
    fn end(&self, of: &PersonId, keep: impl Fn(SessionId) -> bool) -> u64 {
        let mut sessions = self.accounts.sessions.lock().unwrap();
        let before = sessions.len();
        sessions.retain(|_, s| s.person != *of || keep(s.id));
        (before - sessions.len()) as u64
    }
    fn shown(&self) -> Vec<PersonShown> {
        self.accounts.people().into_iter().map(shown).collect()
    }
}

fn shown(p: Person) -> PersonShown {
    let grants = p.grants.into_iter().map(|grant| GrantShown { grant, environment: None, source: None });
    let grants: Vec<_> = grants.collect();
    PersonShown {
        id: p.id,
        login: p.login,
        name: p.name,
        state: if p.active { PersonState::Active } else { PersonState::Deactivated },
        roles: p.roles,
        grants_total: grants.len() as u32,
        grants,
        made_at: NOW,
        last_seen: None,
        sessions: 1,
        link: None,
        version: 1,
        changed: None,
    }
}

/// Somebody who is there for acts on people to be about.
fn stand_in(id: &PersonId) -> Person {
    Person {
        id: id.clone(),
        login: id.0.clone(),
        name: "Somebody".into(),
        password_hash: String::new(),
        active: true,
        roles: vec![Role::Viewer],
        grants: Vec::new(),
    }
}

#[async_trait]
impl People for FakePeople {
    async fn list(&self, _: &View, _: &str, limit: u32, at: Timestamp) -> Result<PeopleList, StoreError> {
        self.count();
        let people = self.shown();
        let total = people.len() as u64;
        Ok(PeopleList { people: people.into_iter().take(limit as usize).collect(), total, everybody: total, at })
    }
    async fn one(&self, _: &View, id: &PersonId, _: Timestamp) -> Result<Option<PersonShown>, StoreError> {
        self.count();
        let found = self.shown().into_iter().find(|p| p.id == *id);
        Ok(found.or_else(|| (id.0 != "nobody").then(|| shown(stand_in(id)))))
    }
    async fn places(&self, _: &View) -> Result<Places, StoreError> {
        self.count();
        let sources = CHANNELS.map(|(_, _, id, name, environment, environment_name)| SourcePlace {
            id,
            name: name.into(),
            environment,
            environment_name: environment_name.into(),
        });
        Ok(Places { environments: Vec::new(), sources: sources.to_vec() })
    }
    async fn invite(&self, _: &View, new: &NewInvite, _: By<'_>) -> Acted {
        self.act(|| {
            self.accounts.people.lock().unwrap().push(Person {
                id: new.id.clone(),
                login: new.login.clone(),
                name: new.name.clone(),
                password_hash: String::new(),
                active: true,
                roles: new.rights.roles().to_vec(),
                grants: new.rights.grants().to_vec(),
            });
            self.links.lock().unwrap().insert(new.link.token_hash, (new.id.clone(), new.link.expires));
        })
    }
    async fn change(&self, _: &View, id: &PersonId, change: &Change, _: By<'_>) -> Acted {
        // The one the tables sign in as keeps what the table gave them.
        self.act(|| {
            if self.accounts.people()[0].id != *id {
                self.on(id, |p| p.roles = change.rights.roles().to_vec());
            }
        })
    }
    async fn set_active(&self, _: &View, id: &PersonId, active: bool, _: By<'_>) -> Acted {
        self.act(|| {
            self.on(id, |p| p.active = active);
            self.end(id, |_| false);
        })
    }
    async fn renew_link(&self, _: &View, id: &PersonId, link: &NewLink, _: By<'_>) -> Acted {
        self.act(|| {
            self.on(id, |p| p.password_hash.clear());
            self.end(id, |_| false);
            let mut links = self.links.lock().unwrap();
            links.retain(|_, (of, _)| of != id);
            links.insert(link.token_hash, (id.clone(), link.expires));
        })
    }
    async fn revoke_invite(&self, _: &View, id: &PersonId, _: By<'_>) -> Acted {
        self.act(|| self.links.lock().unwrap().retain(|_, (of, _)| of != id))
    }
    async fn invited(&self, token_hash: &[u8; 32], now: Timestamp) -> Result<Option<Invited>, StoreError> {
        self.count();
        let links = self.links.lock().unwrap();
        let Some((id, expires)) = links.get(token_hash).filter(|(_, expires)| *expires > now) else { return Ok(None) };
        let person = self.accounts.people().into_iter().find(|p| p.id == *id);
        Ok(person.map(|p| Invited {
            new: p.id.0 != "0193-first",
            id: p.id,
            login: p.login,
            name: p.name,
            roles: p.roles,
            by: None,
            expires: *expires,
        }))
    }
    async fn accept(
        &self,
        token_hash: &[u8; 32],
        name: Option<&str>,
        password_hash: &str,
        now: Timestamp,
    ) -> Result<Option<PersonId>, StoreError> {
        self.count_act();
        let found = self.links.lock().unwrap().remove(token_hash).filter(|(_, expires)| *expires > now);
        if let Some((id, _)) = &found {
            self.on(id, |p| {
                p.password_hash = password_hash.to_owned();
                p.name = name.map_or_else(|| p.name.clone(), str::to_owned);
            });
        }
        Ok(found.map(|(id, _)| id))
    }
    async fn link_by_operator(&self, login: &str, link: &NewLink, _: Timestamp) -> Result<bool, StoreError> {
        let found = self.accounts.people().into_iter().find(|p| p.login == login);
        if let Some(p) = &found {
            self.links.lock().unwrap().insert(link.token_hash, (p.id.clone(), link.expires));
        }
        Ok(found.is_some())
    }
}

#[async_trait]
impl OwnAccount for FakePeople {
    async fn password_hash(&self, _: &View, person: &PersonId) -> Result<Option<String>, StoreError> {
        self.count();
        Ok(self.accounts.people().into_iter().find(|p| p.id == *person).map(|p| p.password_hash))
    }
    async fn set_password(
        &self,
        _: &View,
        person: &PersonId,
        from: &str,
        to: &str,
        keep: SessionId,
        _: Timestamp,
    ) -> Result<bool, StoreError> {
        self.count_act();
        let fits = self.accounts.people().iter().any(|p| p.id == *person && p.password_hash == from);
        if fits {
            self.on(person, |p| p.password_hash = to.to_owned());
            self.end(person, |id| id == keep);
        }
        Ok(fits)
    }
    async fn rename(&self, _: &View, person: &PersonId, name: &str, _: Timestamp) -> Result<(), StoreError> {
        self.count_act();
        self.on(person, |p| p.name = name.to_owned());
        Ok(())
    }
    async fn sessions(
        &self,
        _: &View,
        person: &PersonId,
        present: Option<SessionId>,
        _: Timestamp,
    ) -> Result<Vec<SessionShown>, StoreError> {
        self.count();
        let sessions = self.accounts.sessions.lock().unwrap();
        let own = sessions.values().filter(|s| s.person == *person).map(|s| SessionShown {
            id: s.id,
            made_at: s.made_at,
            last_seen: s.made_at,
            expires: s.expires,
            present: present == Some(s.id),
        });
        Ok(own.collect())
    }
    async fn end_sessions(
        &self,
        _: &View,
        person: &PersonId,
        which: EndSessions,
        _: Timestamp,
    ) -> Result<u64, StoreError> {
        self.count_act();
        Ok(match which {
            EndSessions::One(one) => self.end(person, |id| id != one),
            EndSessions::AllBut(keep) => self.end(person, |id| id == keep),
        })
    }
}

#[async_trait]
impl Requests for FakePeople {
    async fn ask(&self, _: &View, new: &NewRequest, _: Timestamp) -> Acted<RequestId> {
        self.act(|| {
            self.requests.lock().unwrap().push(new.clone());
            RequestId("0193-asked".into())
        })
    }
    async fn open(&self, _: &View) -> Result<Vec<RequestShown>, StoreError> {
        self.count();
        let asked = self.requests.lock().unwrap().clone();
        let open = asked.into_iter().map(|r| RequestShown {
            id: RequestId("0193-asked".into()),
            person: r.person,
            name: String::new(),
            login: String::new(),
            role: r.role,
            permission: r.permission,
            path: r.path,
            reason: r.reason,
            made_at: NOW,
            answer: None,
        });
        Ok(open.collect())
    }
    async fn count_open(&self, _: &View) -> Result<u32, StoreError> {
        self.count();
        Ok(self.requests.lock().unwrap().len() as u32)
    }
    async fn of(&self, _: &View, _: &PersonId) -> Result<Vec<RequestShown>, StoreError> {
        self.count();
        Ok(Vec::new())
    }
    async fn answer(&self, _: &View, _: &RequestId, _: &Answer, _: By<'_>) -> Acted {
        self.act(|| ())
    }
}
