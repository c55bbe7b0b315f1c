//! Connections: few, bounded in number and in how long each may take.

use crate::{capture::Caches, news::Hub};
use sqlx::{
    ConnectOptions as _, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{str::FromStr as _, sync::Arc, time::Duration};
use weir_domain::StoreError;

/// How many connections a process may hold, and what they are called in `pg_stat_activity`.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// For capture, leases and upkeep: one per append in flight.
    pub capture_connections: u32,
    /// For pages. Apart, so that a heavy page never holds up capture, nor a catch-up the pages.
    pub page_connections: u32,
    pub application_name: String,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { capture_connections: 6, page_connections: 6, application_name: "weir".into() }
    }
}

/// The database. Cheap to clone; implements every port.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    base: PgConnectOptions,
    capture: PgPool,
    pages: PgPool,
    news: Hub,
    caches: Caches,
}

impl Store {
    /// Nothing is contacted before the first call, so this also works while the database is away.
    ///
    /// # Errors
    /// `Internal` if the address is no PostgreSQL URL.
    #[expect(clippy::unused_async, reason = "callers are async, and it must run inside their runtime")]
    pub async fn connect(url: &str, options: StoreOptions) -> Result<Self, StoreError> {
        let base = PgConnectOptions::from_str(url)
            // The parser's own message may quote the address, and with it the password.
            .map_err(|_| {
                StoreError::Internal(
                    "the database's address can't be read; write it as postgres://user:password@host:5432/database"
                        .into(),
                )
            })?
            .application_name(&options.application_name)
            .disable_statement_logging();
        // A process that is stopped or cut off in mid-transaction must let go of its partition's row while another
        // takes over: hence the idle limit. `synchronous_commit` because "stored" means durable, whatever the server's
        // default. Custom plans: a plan made for known buckets touches those only.
        let common = [("synchronous_commit", "on"), ("plan_cache_mode", "force_custom_plan"), ("timezone", "UTC")];
        let capture = base.clone().options(common).options([
            ("statement_timeout", "30s"),
            ("lock_timeout", "10s"),
            ("idle_in_transaction_session_timeout", "10s"),
        ]);
        let pages = base.clone().options(common).options([
            ("statement_timeout", "10s"),
            ("lock_timeout", "5s"),
            ("idle_in_transaction_session_timeout", "10s"),
            ("jit", "off"),
        ]);
        let pool = |most: u32, wait| {
            PgPoolOptions::new()
                .max_connections(most.max(1))
                .acquire_timeout(Duration::from_secs(wait))
                .idle_timeout(Duration::from_secs(600))
        };
        let news = Hub::new(base.clone());
        Ok(Self {
            inner: Arc::new(Inner {
                base,
                capture: pool(options.capture_connections, 10).connect_lazy_with(capture),
                pages: pool(options.page_connections, 5).connect_lazy_with(pages),
                news,
                caches: Caches::default(),
            }),
        })
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

    pub(crate) fn capture_pool(&self) -> &PgPool {
        &self.inner.capture
    }
    pub(crate) fn pages(&self) -> &PgPool {
        &self.inner.pages
    }
    pub(crate) fn hub(&self) -> &Hub {
        &self.inner.news
    }
    pub(crate) fn caches(&self) -> &Caches {
        &self.inner.caches
    }
    /// For a connection outside the pools, with none of their limits.
    pub(crate) fn base(&self) -> &PgConnectOptions {
        &self.inner.base
    }
}
