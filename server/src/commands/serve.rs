//! `weir serve`: web, taps and engines in one process.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use weir_domain::StoreError;
use weir_engines::Reading;

use crate::{
    cli::Failure,
    compose::Parts,
    config::Config,
    http::{self, Bundle, Desk, Mounted, NotReady, OriginPolicy, Readiness, Site, Taps},
    instance::{self, Belonging},
};

/// Everything has ended this long after the signal.
const END_WITHIN: Duration = Duration::from_secs(10);
/// Between tries while the database is away.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// Serves until SIGTERM or SIGINT.
pub async fn run(config: Config) -> Result<(), Failure> {
    let stop = CancellationToken::new();
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let running = start(config, stop.clone()).await?;
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    tracing::info!("ending");
    tokio::select! {
        () = running.end() => tracing::info!("ended"),
        _ = term.recv() => tracing::warn!("ended at once, by a second signal"),
        _ = int.recv() => tracing::warn!("ended at once, by a second signal"),
    }
    Ok(())
}

/// A server at work.
pub struct Running {
    pub address: SocketAddr,
    /// What is served, for the access test.
    pub mounted: Vec<Mounted>,
    pub parts: Parts,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    /// Lets what is in hand end, within 10 s.
    pub async fn end(self) {
        self.stop.cancel();
        let all = async {
            for task in self.tasks {
                let _ = task.await;
            }
            self.parts.store.close().await;
        };
        if tokio::time::timeout(END_WITHIN, all).await.is_err() {
            tracing::warn!("ended before everything was finished; what was in hand is read again");
        }
    }
}

/// Listens at once, and gets ready in the background: the database may be away.
///
/// # Errors
/// When the address is taken, or the database's can't be read.
pub async fn start(config: Config, stop: CancellationToken) -> Result<Running, Failure> {
    let parts = Parts::new(&config).await?;
    let readiness = Readiness::default();
    let site = Site::new(http::Parts {
        cases: parts.cases.clone(),
        database: parts.store.clone(),
        readiness: readiness.clone(),
        bundle: Bundle::embedded(),
        origin: OriginPolicy::new(&config),
        limits: config.limits,
        streams: Desk::new(config.limits.streams, config.limits.streams_per_session),
        downloads: Default::default(),
        stop: stop.clone(),
    });
    let (router, mounted) = http::router(site)?;
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|e| format!("Weir can't listen on {}: {e}. Choose another address with listen.", config.listen))?;
    let address = listener.local_addr()?;
    tracing::info!(%address, url = config.base_url(), version = env!("CARGO_PKG_VERSION"), "listening");
    let web = tokio::spawn(http::server::run(listener, router, config.limits.connections, stop.clone()));
    let work = tokio::spawn(work(config, parts.clone(), readiness, stop.clone()));
    Ok(Running { address, mounted, parts, stop, tasks: vec![web, work] })
}

/// Gets ready, then works in the background until `stop`.
async fn work(config: Config, parts: Parts, readiness: Readiness, stop: CancellationToken) {
    let prepared = tokio::select! {
        () = stop.cancelled() => return,
        prepared = prepare(&config, &parts, &readiness) => prepared,
    };
    let (id, reading) = prepared;
    readiness.set_ready(match &reading {
        Reading::On => Taps::On,
        Reading::Off(why) => Taps::Off(why.clone()),
    });
    tracing::info!(instance = id.0, sources = config.sources.len(), "ready");
    if let Reading::Off(why) = &reading {
        tracing::warn!(why, "taps are off");
    }
    // Ends by `stop`; an end without it is a panic, which the hook has told.
    let _ = parts.start_engines(&config, &id, reading, stop).await;
}

/// Tries until the schema is there. A schema that can't be used waits for a person, and is looked at again.
async fn prepare(config: &Config, parts: &Parts, readiness: &Readiness) -> (weir_domain::InstanceId, Reading) {
    let mut told = None;
    loop {
        let why = match try_prepare(config, parts).await {
            Ok(done) => return done,
            Err(StoreError::Unavailable(why) | StoreError::Conflict(why)) => NotReady::Away(why),
            Err(StoreError::Internal(why)) => NotReady::Schema(why),
        };
        if told.as_ref() != Some(&why) {
            tracing::warn!(why = why.reason(), "{} It is tried again.", why.message());
        }
        readiness.set_not_ready(why.clone());
        told = Some(why);
        tokio::time::sleep(TRY_AGAIN).await;
    }
}

async fn try_prepare(config: &Config, parts: &Parts) -> Result<(weir_domain::InstanceId, Reading), StoreError> {
    parts.store.migrate().await?;
    let (id, fresh) = parts.instance().await?;
    let reading = match instance::belonging(&config.state_file, &id, fresh) {
        Belonging::Ours => Reading::On,
        Belonging::NotOurs(why) => Reading::Off(why),
    };
    Ok((id, reading))
}
