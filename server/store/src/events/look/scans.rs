//! Judging off the async threads, by as many threads as there are cores for all searches together: they take turns.

use std::{
    sync::{Arc, LazyLock},
    thread::available_parallelism,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
};

static THREADS: LazyLock<usize> = LazyLock::new(|| available_parallelism().map_or(1, usize::from));
static TURNS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(*THREADS)));

/// Leave to judge one piece.
pub(super) struct Turn {
    _held: OwnedSemaphorePermit,
}

/// The pieces of one search that are being judged, and what they found. Dropped with it: what has not begun never does.
pub(super) struct Scans<T> {
    running: JoinSet<sqlx::Result<Vec<T>>>,
    found: Vec<T>,
}

impl<T: 'static> Default for Scans<T> {
    fn default() -> Self {
        Self { running: JoinSet::new(), found: Vec::new() }
    }
}

impl<T: Send + 'static> Scans<T> {
    /// Waits until another piece may be judged. To be asked for before it is read: what waits for its turn holds nothing.
    pub(super) async fn turn(&mut self) -> sqlx::Result<Turn> {
        while self.running.len() >= *THREADS {
            self.join().await?;
        }
        let turn = Arc::clone(&TURNS).acquire_owned().await.map_err(|_| sqlx::Error::WorkerCrashed)?;
        Ok(Turn { _held: turn })
    }

    pub(super) fn begin(&mut self, turn: Turn, work: impl FnOnce() -> sqlx::Result<Vec<T>> + Send + 'static) {
        self.running.spawn_blocking(move || {
            let _turn = turn;
            work()
        });
    }

    pub(super) async fn finish(mut self) -> sqlx::Result<Vec<T>> {
        while !self.running.is_empty() {
            self.join().await?;
        }
        Ok(self.found)
    }

    async fn join(&mut self) -> sqlx::Result<()> {
        if let Some(done) = self.running.join_next().await {
            self.found.extend(done.map_err(|e| sqlx::Error::Decode(Box::new(e)))??);
        }
        Ok(())
    }
}
