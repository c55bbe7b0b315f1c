//! The audit log once more, as lines of JSON on the standard output, for what collects logs. Each line is written after
//! its entry is durable in the database, which stays the one that counts: a line can be lost, and then that is said.

use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use async_trait::async_trait;
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};
use weir_domain::{
    StoreError,
    access::AuditView,
    audit::{AuditFilter, AuditLog, AuditPage, Entry, EntryId, NewEntry},
    events::KeyHash,
};

/// Lines that may wait for a slow reader.
const WAITING: usize = 4096;
/// An act waits this long for a reader that takes nothing; then its line is lost.
const PATIENCE: Duration = Duration::from_millis(500);
/// What is left gets this long at the end.
const FLUSH_WITHIN: Duration = Duration::from_secs(2);

enum Told {
    Line(Vec<u8>),
    Flush(oneshot::Sender<()>),
}

/// Cheap to clone; all clones write to the same place.
#[derive(Clone)]
pub struct AuditLines {
    tell: mpsc::Sender<Told>,
    lost: Arc<AtomicU64>,
}

impl AuditLines {
    /// Writes to `out` from a thread of its own: a pipe that nobody reads stops whoever writes into it.
    ///
    /// # Errors
    /// When there can be no more threads.
    pub fn new(out: impl Write + Send + 'static) -> std::io::Result<Self> {
        let (tell, told) = mpsc::channel(WAITING);
        thread::Builder::new().name("audit-lines".into()).spawn(move || write(told, out))?;
        Ok(Self { tell, lost: Arc::default() })
    }

    /// The same log, which also tells each entry here.
    pub fn beside(&self, log: Arc<dyn AuditLog>) -> Arc<dyn AuditLog> {
        Arc::new(Mirrored { log, lines: self.clone() })
    }

    /// A reader that has stopped is waited for once, not by every act.
    async fn sent(&self, line: Told) -> bool {
        match self.lost.load(Ordering::Relaxed) {
            0 => matches!(timeout(PATIENCE, self.tell.send(line)).await, Ok(Ok(()))),
            _ => self.tell.try_send(line).is_ok(),
        }
    }

    async fn line(&self, entry: &Entry) {
        let sent = match serde_json::to_vec(entry) {
            Ok(mut line) => {
                line.push(b'\n');
                self.sent(Told::Line(line)).await
            }
            Err(error) => {
                tracing::error!(%error, "an audit entry can't be written as JSON");
                false
            }
        };
        if sent {
            let lost = self.lost.swap(0, Ordering::Relaxed);
            if lost > 0 {
                tracing::warn!(lost, "the standard output is read again; lines of the audit log were lost");
            }
        } else if self.lost.fetch_add(1, Ordering::Relaxed) == 0 {
            tracing::warn!("the standard output is not read: lines of the audit log are lost (the database has them)");
        }
    }

    /// Waits until what was told is written, for a while.
    pub async fn flush(&self) {
        let (done, is_done) = oneshot::channel();
        let flushed = async {
            if self.tell.send(Told::Flush(done)).await.is_ok() {
                // Gone is done: the writer has ended.
                let _ = is_done.await;
            }
        };
        if timeout(FLUSH_WITHIN, flushed).await.is_err() {
            tracing::warn!("the standard output is not read: its last audit lines are lost (the database has them)");
        }
    }
}

fn write(mut told: mpsc::Receiver<Told>, mut out: impl Write) {
    let mut works = true;
    while let Some(told) = told.blocking_recv() {
        let written = match told {
            Told::Line(line) if works => out.write_all(&line).and_then(|()| out.flush()),
            Told::Line(_) => Ok(()),
            Told::Flush(done) => {
                // Whoever asked may have stopped waiting.
                let _ = done.send(());
                Ok(())
            }
        };
        if let Err(error) = written {
            // A closed pipe stays closed.
            works = false;
            tracing::error!(%error, "the standard output is closed: no more audit lines (the database has them)");
        }
    }
}

struct Mirrored {
    log: Arc<dyn AuditLog>,
    lines: AuditLines,
}

#[async_trait]
impl AuditLog for Mirrored {
    async fn append(&self, entries: &[NewEntry]) -> Result<Vec<EntryId>, StoreError> {
        let ids = self.log.append(entries).await?;
        for (entry, id) in entries.iter().zip(&ids) {
            self.lines.line(&entry.numbered(*id)).await;
        }
        Ok(ids)
    }
    fn key_hash(&self, key: &[u8]) -> KeyHash {
        self.log.key_hash(key)
    }
    async fn entries(
        &self,
        view: &AuditView,
        filter: &AuditFilter,
        before: Option<EntryId>,
        limit: u32,
    ) -> Result<AuditPage, StoreError> {
        self.log.entries(view, filter, before, limit).await
    }
    async fn entry(&self, view: &AuditView, id: EntryId) -> Result<Option<Entry>, StoreError> {
        self.log.entry(view, id).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Condvar, Mutex};
    use weir_domain::{
        Timestamp,
        audit::{About, Outcome, Who},
    };

    /// A log that numbers its entries and keeps none.
    struct Numbers(AtomicU64);

    #[async_trait]
    impl AuditLog for Numbers {
        async fn append(&self, entries: &[NewEntry]) -> Result<Vec<EntryId>, StoreError> {
            Ok(entries.iter().map(|_| EntryId(self.0.fetch_add(1, Ordering::SeqCst) as i64)).collect())
        }
        fn key_hash(&self, _: &[u8]) -> KeyHash {
            KeyHash(0)
        }
        async fn entries(
            &self,
            _: &AuditView,
            _: &AuditFilter,
            _: Option<EntryId>,
            _: u32,
        ) -> Result<AuditPage, StoreError> {
            Ok(AuditPage::default())
        }
        async fn entry(&self, _: &AuditView, _: EntryId) -> Result<Option<Entry>, StoreError> {
            Ok(None)
        }
    }

    /// What was written; a reader that is not let go on takes nothing.
    #[derive(Clone, Default)]
    struct Pipe(Arc<Held>);

    #[derive(Default)]
    struct Held {
        /// What came, and whether the reader has stopped.
        state: Mutex<(Vec<u8>, bool)>,
        changed: Condvar,
    }

    impl Pipe {
        fn stop(&self, stopped: bool) {
            self.0.state.lock().unwrap().1 = stopped;
            self.0.changed.notify_all();
        }
        fn lines(&self) -> Vec<serde_json::Value> {
            let text = String::from_utf8(self.0.state.lock().unwrap().0.clone()).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        }
    }

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let mut state = self.0.changed.wait_while(self.0.state.lock().unwrap(), |s| s.1).unwrap();
            state.0.extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn entry(use_case: &'static str) -> NewEntry {
        let who = Who {
            person: None,
            login: Some("mara".into()),
            via: None,
            remote: "192.0.2.1".into(),
            request_id: "r".into(),
        };
        NewEntry { at: Timestamp(0), who, use_case, outcome: Outcome::Allowed, reason: None, about: About::nothing() }
    }

    #[tokio::test]
    async fn each_entry_is_one_line_once_it_has_its_number() {
        let pipe = Pipe::default();
        let lines = AuditLines::new(pipe.clone()).unwrap();
        let log = lines.beside(Arc::new(Numbers(AtomicU64::new(7))));
        log.append(&[entry("events/list"), entry("events/detail")]).await.unwrap();
        lines.flush().await;
        let told: Vec<_> =
            pipe.lines().iter().map(|l| (l["id"].as_i64(), l["use_case"].as_str().map(str::to_owned))).collect();
        assert_eq!(told, [(Some(7), Some("events/list".into())), (Some(8), Some("events/detail".into()))]);
        let first = &pipe.lines()[0];
        assert_eq!(
            (first["login"].as_str(), first["at"].as_str()),
            (Some("mara"), Some("1970-01-01T00:00:00.000000Z"))
        );
        assert_eq!((first["outcome"].as_str(), first["remote"].as_str()), (Some("allowed"), Some("192.0.2.1")));
    }

    #[tokio::test]
    async fn a_reader_that_stops_holds_up_nothing_for_long() {
        let pipe = Pipe::default();
        pipe.stop(true);
        let lines = AuditLines::new(pipe.clone()).unwrap();
        let log = lines.beside(Arc::new(Numbers(AtomicU64::new(0))));
        // One is in the writer's hand.
        for _ in 0..WAITING + 100 {
            log.append(&[entry("events/list")]).await.unwrap();
        }
        assert!(lines.lost.load(Ordering::SeqCst) >= 98);
        pipe.stop(false);
        let mut waited = 0;
        while lines.lost.load(Ordering::SeqCst) > 0 {
            log.append(&[entry("events/detail")]).await.unwrap();
            tokio::task::yield_now().await;
            waited += 1;
            assert!(waited < 10_000_000, "it is never written again");
        }
        lines.flush().await;
        let told = pipe.lines();
        assert!(told.len() > WAITING && told.last().unwrap()["use_case"] == "events/detail");
    }
}
