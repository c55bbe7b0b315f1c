use super::door::Door;
use std::{future::Future, sync::Arc, time::Duration};
use tokio::{runtime::Handle, sync::watch, time::sleep};
use weir_domain::{
    CaseError, Clock, StoreError,
    access::Origin,
    audit::{About, AuditLog, NewEntry, Outcome, Who},
    events::KeyHash,
};

/// Between tries to write what nobody waits for; they double from the first to the last.
const AGAIN_FIRST: Duration = Duration::from_millis(250);
const AGAIN_LAST: Duration = Duration::from_secs(30);

/// Writes the audit log, for every use case.
#[derive(Clone)]
pub struct Auditor(Arc<Parts>);

struct Parts {
    log: Arc<dyn AuditLog>,
    clock: Arc<dyn Clock>,
    /// Entries that are being written though nobody waits for them.
    unwritten: watch::Sender<usize>,
    door: Door,
}

impl Auditor {
    pub(crate) fn new(log: Arc<dyn AuditLog>, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Parts { log, clock, unwritten: watch::Sender::new(0), door: Door::default() }))
    }

    /// What the store keeps of a key.
    pub(crate) fn key_hash(&self, key: &[u8]) -> KeyHash {
        self.0.log.key_hash(key)
    }

    pub(crate) fn entry(
        &self,
        who: Who,
        use_case: &'static str,
        outcome: Outcome,
        reason: Option<&'static str>,
        about: About,
    ) -> NewEntry {
        NewEntry { at: self.0.clock.now(), who, use_case, outcome, reason, about }
    }

    /// Durable when it returns; what it is about must not happen if it can't be written.
    pub(crate) async fn write(&self, entry: NewEntry) -> Result<(), CaseError> {
        self.try_write(&entry).await.map_err(|error| {
            let why = format!("the audit log can't be written, so {} is not done: {error}", entry.use_case);
            if matches!(error, StoreError::Internal(_)) {
                tracing::error!(request = entry.who.request_id, why, "no audit entry");
            }
            CaseError::Unavailable(why)
        })
    }

    /// For what stands whether it can be written or not: a refusal, a failure.
    pub(crate) async fn note(&self, entry: NewEntry) {
        if let Err(error) = self.try_write(&entry).await {
            lost(&entry, &error);
        }
    }

    async fn try_write(&self, entry: &NewEntry) -> Result<(), StoreError> {
        self.0.log.append(std::slice::from_ref(entry)).await.map(drop)
    }

    /// Writes it though nobody can wait for it, and tries for as long as it takes; [`Self::settle`] waits for all.
    pub(crate) fn later(&self, entry: NewEntry) {
        let auditor = self.clone();
        self.in_background(async move {
            let mut wait = AGAIN_FIRST;
            loop {
                match auditor.try_write(&entry).await {
                    Err(StoreError::Unavailable(_) | StoreError::Conflict(_)) => {}
                    Err(error @ StoreError::Internal(_)) => return lost(&entry, &error),
                    Ok(()) => return,
                }
                sleep(wait).await;
                wait = (wait * 2).min(AGAIN_LAST);
            }
        });
    }

    fn in_background(&self, work: impl Future<Output = ()> + Send + 'static) {
        let Ok(runtime) = Handle::try_current() else {
            tracing::error!("an audit entry came after the end of the process, and is lost");
            return;
        };
        let counted = Counted::new(self.0.unwritten.clone());
        runtime.spawn(async move {
            work.await;
            drop(counted);
        });
    }

    /// A refusal of somebody who is not signed in, for what costs them nothing to ask: the first is written at once,
    /// those that follow within a minute for the same reason and from the same network are one entry with their count.
    pub(crate) async fn turned_away(&self, origin: &Origin, use_case: &'static str, reason: &'static str) {
        let Some(remote) = self.0.door.first(use_case, reason, &origin.remote) else { return };
        let who = Who { person: None, login: None, via: None, remote: remote.clone(), request_id: String::new() };
        let first = Who { remote: origin.remote.clone(), request_id: origin.request_id.clone(), ..who.clone() };
        self.note(self.entry(first, use_case, Outcome::Refused, Some(reason), About::nothing().count(1))).await;
        let auditor = self.clone();
        let Ok(runtime) = Handle::try_current() else { return };
        runtime.spawn(async move {
            sleep(super::door::WINDOW).await;
            auditor.close(who, use_case, reason);
        });
    }

    fn close(&self, who: Who, use_case: &'static str, reason: &'static str) {
        let more = self.0.door.close(use_case, reason, &who.remote);
        if more > 0 {
            self.later(self.entry(who, use_case, Outcome::Refused, Some(reason), About::nothing().count(more)));
        }
    }

    /// Waits until everything is written that nobody else waits for. Call it when the streams have ended, and before
    /// the store is closed.
    pub async fn settle(&self) {
        for (use_case, reason, remote) in self.0.door.open() {
            let who = Who { person: None, login: None, via: None, remote, request_id: String::new() };
            self.close(who, use_case, reason);
        }
        // Never fails: the sender is held here.
        let _ = self.0.unwritten.subscribe().wait_for(|n| *n == 0).await;
    }
}

fn lost(entry: &NewEntry, error: &StoreError) {
    tracing::error!(
        request = entry.who.request_id,
        use_case = entry.use_case,
        outcome = entry.outcome.as_str(),
        %error,
        "an audit entry could not be written"
    );
}

/// One of what [`Auditor::settle`] waits for, even if it panics.
struct Counted(watch::Sender<usize>);

impl Counted {
    fn new(unwritten: watch::Sender<usize>) -> Self {
        unwritten.send_modify(|n| *n += 1);
        Self(unwritten)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.send_modify(|n| *n -= 1);
    }
}
