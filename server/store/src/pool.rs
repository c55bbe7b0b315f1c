//! Connections: few, bounded in number and in how long each may take.

use crate::{capture::Caches, news::Hub};
use sqlx::{
    ConnectOptions as _, PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{
    str::FromStr as _,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::{Semaphore, SemaphorePermit},
};
use weir_domain::{StoreError, search::Decoder};

/// How many connections a process may hold, and what they are called in `pg_stat_activity`.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// For capture, leases and upkeep: one per append in flight.
    pub capture_connections: u32,
    /// For pages, and half of them at most for live tails. Apart, so that a heavy page never holds up capture, nor a
    /// catch-up the pages.
    pub page_connections: u32,
    pub application_name: String,
    /// Reads payloads that are packed or no JSON, for searches; without one they are looked into as they were sent.
    pub decoder: Option<Arc<dyn Decoder>>,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { capture_connections: 6, page_connections: 6, application_name: "weir".into(), decoder: None }
    }
}

/// The database. Cheap to clone; implements every port.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

/// How many connections a pool may have, has, and uses now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolFigures {
    pub most: u32,
    pub open: u32,
    pub used: u32,
}

struct Inner {
    base: RwLock<PgConnectOptions>,
    application_name: String,
    capture: PgPool,
    pages: PgPool,
    /// Turns of live tails, fewer than the pages' connections: however many tails there are, a page gets its own.
    tails: Semaphore,
    /// Likewise of searches that look into events.
    searches: Semaphore,
    news: Hub,
    caches: Caches,
    decoder: Option<Arc<dyn Decoder>>,
}

impl Store {
    /// Nothing is contacted before the first call, so this also works while the database is away.
    ///
    /// # Errors
    /// `Internal` if the address is no PostgreSQL URL.
    #[expect(clippy::unused_async, reason = "callers are async, and it must run inside their runtime")]
    pub async fn connect(url: &str, options: StoreOptions) -> Result<Self, StoreError> {
        let base = base(url, &options.application_name)?;
        let (capture, pages) = (for_capture(&base), for_pages(&base));
        let pool = |most: u32, wait| {
            PgPoolOptions::new()
                .max_connections(most.max(1))
                .acquire_timeout(Duration::from_secs(wait))
                .acquire_slow_threshold(SLOW)
                .idle_timeout(Duration::from_secs(600))
        };
        let news = Hub::new(base.clone());
        Ok(Self {
            inner: Arc::new(Inner {
                base: RwLock::new(base),
                application_name: options.application_name,
                capture: pool(options.capture_connections, 10).connect_lazy_with(capture),
                pages: pool(options.page_connections, 5).connect_lazy_with(pages),
                tails: Semaphore::new((options.page_connections / 2).max(1) as usize),
                searches: Semaphore::new((options.page_connections / 2).max(1) as usize),
                news,
                caches: Caches::default(),
                decoder: options.decoder,
            }),
        })
    }

    /// New connections are made with this address from now on (another password, most likely); open ones stay.
    ///
    /// # Errors
    /// `Internal` if it is no PostgreSQL URL; then nothing changes.
    pub fn replace_address(&self, url: &str) -> Result<(), StoreError> {
        let base = base(url, &self.inner.application_name)?;
        self.inner.capture.set_connect_options(for_capture(&base));
        self.inner.pages.set_connect_options(for_pages(&base));
        self.inner.news.replace_options(base.clone());
        *self.inner.base.write().unwrap_or_else(PoisonError::into_inner) = base;
        Ok(())
    }

    pub(crate) fn decoder(&self) -> Option<Arc<dyn Decoder>> {
        self.inner.decoder.clone()
    }

    /// How the pools stand, by name.
    pub fn pools(&self) -> [(&'static str, PoolFigures); 2] {
        let figures = |pool: &PgPool| {
            let open = pool.size();
            let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
            PoolFigures { most: pool.options().get_max_connections(), open, used: open.saturating_sub(idle) }
        };
        [("capture", figures(&self.inner.capture)), ("pages", figures(&self.inner.pages))]
    }

    /// Closes every connection; calls still under way end first.
    pub async fn close(&self) {
        self.inner.news.stop();
        self.inner.pages.close().await;
        self.inner.capture.close().await;
    }

    /// Does the database answer? For `/readyz`.
    ///
    /// # Errors
    /// `Unavailable` if it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("select 1").execute(self.pages()).await.map(drop).map_err(crate::error::failed)
    }

    /// A transaction for a page.
    pub(crate) async fn for_a_page(&self) -> sqlx::Result<Transaction<'static, Postgres>> {
        begin(self.pages()).await
    }

    pub(crate) fn capture_pool(&self) -> &PgPool {
        &self.inner.capture
    }
    pub(crate) fn pages(&self) -> &PgPool {
        &self.inner.pages
    }
    /// A live tail's turn at the pages' connections. Waits as long as it takes: what is stored meanwhile is shown later,
    /// or counted as left out.
    pub(crate) async fn tail_turn(&self) -> sqlx::Result<SemaphorePermit<'_>> {
        self.inner.tails.acquire().await.map_err(|_| sqlx::Error::PoolClosed)
    }
    /// The turn of a search that looks into events.
    pub(crate) async fn search_turn(&self) -> sqlx::Result<SemaphorePermit<'_>> {
        self.inner.searches.acquire().await.map_err(|_| sqlx::Error::PoolClosed)
    }
    pub(crate) fn hub(&self) -> &Hub {
        &self.inner.news
    }
    pub(crate) fn caches(&self) -> &Caches {
        &self.inner.caches
    }
    /// For a connection outside the pools, with none of their limits.
    pub(crate) fn base(&self) -> PgConnectOptions {
        self.inner.base.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Begins a transaction. In a task of its own, which runs to its end: a `begin` that is given up half-way (its client
/// hung up) leaves the transaction open in a connection that somebody else gets next, whose writes are then answered as
/// done and rolled back (sqlx 0.9.0, issue 4385). A test sees to it that nobody begins otherwise.
pub(crate) async fn begin(pool: &PgPool) -> sqlx::Result<Transaction<'static, Postgres>> {
    let pool = pool.clone();
    let begun = tokio::spawn(async move { pool.begin().await });
    begun.await.unwrap_or_else(|e| Err(sqlx::Error::Io(std::io::Error::other(e))))
}

/// Does work of milliseconds and more; what else is to be done on this thread goes on elsewhere meanwhile.
pub(crate) fn off_the_runtime<T>(work: impl FnOnce() -> T) -> T {
    let many_threads = Handle::try_current().is_ok_and(|h| h.runtime_flavor() == RuntimeFlavor::MultiThread);
    if many_threads { tokio::task::block_in_place(work) } else { work() }
}

/// A connection that is waited for longer than this is told under `sqlx::pool::acquire`, where it is counted.
const SLOW: Duration = Duration::from_millis(10);

fn base(url: &str, application_name: &str) -> Result<PgConnectOptions, StoreError> {
    let options = PgConnectOptions::from_str(url)
        // The parser's own message may quote the address, and with it the password.
        .map_err(|_| {
            StoreError::Internal(
                "the database's address can't be read; write it as postgres://user:password@host:5432/database".into(),
            )
        })?;
    Ok(options.application_name(application_name).disable_statement_logging())
}

/// A process that is stopped or cut off between two statements must let go of its partition's row while another takes
/// over: hence the idle limit (in the middle of one, who buries it ends it: `beat.sql`). `synchronous_commit` because
/// "stored" means durable, whatever the server's default. Custom plans: a plan made for known buckets touches those only.
const COMMON: [(&str, &str); 4] = [
    ("synchronous_commit", "on"),
    ("plan_cache_mode", "force_custom_plan"),
    ("timezone", "UTC"),
    ("idle_in_transaction_session_timeout", "10s"),
];

fn for_capture(base: &PgConnectOptions) -> PgConnectOptions {
    base.clone().options(COMMON).options([("statement_timeout", "30s"), ("lock_timeout", "10s")])
}

fn for_pages(base: &PgConnectOptions) -> PgConnectOptions {
    base.clone().options(COMMON).options([("statement_timeout", "10s"), ("lock_timeout", "5s"), ("jit", "off")])
}
