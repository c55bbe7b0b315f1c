//! "Something new in partition n", "sources have changed": one LISTEN connection per process, handed on to every listener
//! in it.

use crate::Store;
use async_trait::async_trait;
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::{
        broadcast::{self, error::RecvError},
        watch,
    },
    task::AbortHandle,
};
use weir_domain::{
    PartitionId,
    events::{News, NewsFeed},
};

/// The NOTIFY channel. Payload: partition ids, comma-separated; empty means "anything".
pub(crate) const CHANNEL: &str = "weir_news";
/// The NOTIFY channel of sources made in the browser, without a payload.
pub(crate) const SOURCES: &str = "weir_sources";
/// Hints a slow listener may be behind before it is told "anything may have changed" instead.
const BEHIND: usize = 256;

/// Starts listening with the first subscriber, so that a process that shows nothing holds no connection for it.
pub(crate) struct Hub {
    /// Of its own, because a listener keeps its connection for good.
    pool: PgPool,
    runtime: Handle,
    news: broadcast::Sender<Vec<PartitionId>>,
    sources: watch::Sender<()>,
    listener: Mutex<Option<AbortHandle>>,
}

impl Hub {
    pub(crate) fn new(options: PgConnectOptions) -> Self {
        Self {
            pool: PgPoolOptions::new().max_connections(1).connect_lazy_with(options),
            runtime: Handle::current(),
            news: broadcast::channel(BEHIND).0,
            sources: watch::Sender::new(()),
            listener: Mutex::new(None),
        }
    }

    /// For the next connection; the one that listens stays.
    pub(crate) fn replace_options(&self, options: PgConnectOptions) {
        self.pool.set_connect_options(options);
    }

    /// Starts listening, unless it does already.
    fn listens(&self) {
        let mut listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner);
        if listener.is_none() {
            let task = self.runtime.spawn(listen(self.pool.clone(), self.news.clone(), self.sources.clone()));
            *listener = Some(task.abort_handle());
        }
    }

    /// Ends with the next hint that sources may have changed.
    pub(crate) async fn sources_changed(&self) {
        let mut changes = self.sources.subscribe();
        self.listens();
        if changes.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    pub(crate) fn stop(&self) {
        if let Some(task) = self.listener.lock().unwrap_or_else(PoisonError::into_inner).take() {
            task.abort();
        }
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.stop();
    }
}

impl News for Store {
    fn subscribe(&self) -> Box<dyn NewsFeed> {
        let hub = self.hub();
        let feed = Feed(hub.news.subscribe());
        hub.listens();
        Box::new(feed)
    }
}

struct Feed(broadcast::Receiver<Vec<PartitionId>>);

#[async_trait]
impl NewsFeed for Feed {
    async fn next(&mut self) -> Vec<PartitionId> {
        match self.0.recv().await {
            Ok(partitions) => partitions,
            Err(RecvError::Lagged(_)) => Vec::new(),
            // The store is closed: no hint will ever come, and a tight loop of empty ones would help nobody.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// Never ends; after each (re)connection says "anything may have changed", because hints were lost meanwhile.
async fn listen(pool: PgPool, news: broadcast::Sender<Vec<PartitionId>>, sources: watch::Sender<()>) {
    let mut wait = Duration::from_millis(100);
    loop {
        let heard = async {
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.listen_all([CHANNEL, SOURCES]).await?;
            wait = Duration::from_millis(100);
            let _ = news.send(Vec::new());
            sources.send_replace(());
            // `None`: the connection was lost. What is sent before it is back can't be known.
            while let Some(n) = listener.try_recv().await? {
                if n.channel() == SOURCES {
                    sources.send_replace(());
                    continue;
                }
                let _ = news.send(n.payload().split(',').filter_map(|id| id.parse().ok().map(PartitionId)).collect());
            }
            Ok::<(), sqlx::Error>(())
        }
        .await;
        if let Err(error) = heard {
            tracing::debug!(%error, "the listening connection is away");
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(Duration::from_secs(5));
    }
}
