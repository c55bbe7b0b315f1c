//! How often a token may report positions, and which of its reports have an entry of their own in the audit log. In memory
//! and per process: nothing is to be remembered over a restart but that a report more than was needed has its entry.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
};
use weir_domain::{
    CaseError, PersonId, SourceId, Timestamp,
    access::{Caller, Credential},
};

/// A hundred groups every ten seconds, three hundred every thirty.
const PER_S: i64 = 10;
/// What a token may send at once after it was quiet for long enough.
const AT_ONCE: i64 = 300;
/// A report that the store refused leaves two entries each time: it counts like so many.
const REFUSED_COUNTS: i64 = 25;
/// An entry stands for what the same token reports of the same group and channels for so long.
const ENTRY_STANDS_FOR_S: i64 = 3_600;
/// Tokens that are remembered, and entries. Beyond that tokens that were quiet longest are forgotten, and reports have an
/// entry each.
const MOST_TOKENS: usize = 4_096;
const MOST_ENTRIES: usize = 16_384;

const A_SECOND: i64 = 1_000_000;
const COSTS: i64 = A_SECOND / PER_S;

#[derive(Debug, Default)]
pub(super) struct Reports(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Until when all that was sent is worked off.
    until: HashMap<Reporter, Timestamp>,
    /// When the entry was written.
    told: HashMap<Told, Timestamp>,
}

/// A token; else a person who signed in.
type Reporter = (PersonId, Option<String>);

/// What an entry tells.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Told {
    reporter: Reporter,
    remote: String,
    source: SourceId,
    group: String,
    application: String,
    channels: u64,
}

impl Reports {
    /// Takes one more report, or says how long to wait.
    pub fn one_more(&self, caller: &Caller, now: Timestamp) -> Result<(), CaseError> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let who = reporter(caller);
        let until = inner.until.get(&who).copied().unwrap_or(now).max(now);
        let over = until.micros_since(now) - (AT_ONCE - 1) * COSTS;
        if over > 0 {
            let seconds = u32::try_from(over.div_euclid(A_SECOND) + 1).unwrap_or(u32::MAX);
            return Err(CaseError::TooMany { seconds });
        }
        inner.spend(who, until.plus_micros(COSTS), now);
        Ok(())
    }

    /// The store refused what this caller reported.
    pub fn refused(&self, caller: &Caller, now: Timestamp) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let who = reporter(caller);
        let until = inner.until.get(&who).copied().unwrap_or(now).max(now);
        inner.spend(who, until.plus_micros((REFUSED_COUNTS - 1) * COSTS), now);
    }

    /// Is there an entry that stands for this report?
    pub fn is_told(&self, what: &Told, now: Timestamp) -> bool {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.told.get(what).is_some_and(|at| stands(*at, now))
    }

    /// What is reported has its entry, and was taken in.
    pub fn told(&self, what: Told, now: Timestamp) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.told.len() >= MOST_ENTRIES {
            inner.told.retain(|_, at| stands(*at, now));
        }
        if inner.told.len() < MOST_ENTRIES {
            inner.told.insert(what, now);
        }
    }

    /// The next one like this has an entry again.
    pub fn forget(&self, what: &Told) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).told.remove(what);
    }
}

impl Inner {
    fn spend(&mut self, who: Reporter, until: Timestamp, now: Timestamp) {
        if self.until.len() >= MOST_TOKENS && !self.until.contains_key(&who) {
            self.until.retain(|_, until| *until > now);
            if self.until.len() >= MOST_TOKENS
                && let Some(quietest) = self.until.iter().min_by_key(|(_, until)| **until).map(|(who, _)| who.clone())
            {
                self.until.remove(&quietest);
            }
        }
        self.until.insert(who, until);
    }
}

impl Told {
    pub fn new(caller: &Caller, source: SourceId, group: &str, application: &str, channels: &BTreeSet<&str>) -> Self {
        use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
        Self {
            reporter: reporter(caller),
            remote: caller.origin.remote.clone(),
            source,
            group: group.to_owned(),
            application: application.to_owned(),
            channels: BuildHasherDefault::<DefaultHasher>::default().hash_one(channels),
        }
    }
}

fn stands(at: Timestamp, now: Timestamp) -> bool {
    now < at.plus_secs(ENTRY_STANDS_FOR_S)
}

fn reporter(caller: &Caller) -> Reporter {
    let token = match &caller.by {
        Credential::Session => None,
        Credential::Token { id, .. } => Some(id.0.clone()),
    };
    (caller.person.clone(), token)
}
