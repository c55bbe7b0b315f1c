//! `weir serve`: web, taps and engines in one process, or in several that share the work (decision 16).

use std::{net::SocketAddr, sync::Arc, time::Duration};

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
    http::{self, Bundle, Desk, Mounted, NotReady, OriginPolicy, Proxies, Readiness, Root, Site, Taps},
    instance::{self, Belonging},
    metrics::{self, Metrics},
    renew,
    roles::Roles,
    telemetry::Exporter,
};

/// Everything has ended this long after the signal.
const END_WITHIN: Duration = Duration::from_secs(10);
/// What the file says of the store's budget is noted so often.
const NOTED_EVERY: Duration = Duration::from_secs(60);
/// Between tries while the database is away.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// Serves until SIGTERM or SIGINT.
pub async fn run(config: Config, roles: Roles, exporter: Option<Exporter>) -> Result<(), Failure> {
    let stop = CancellationToken::new();
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let running = start_as(config, roles, stop.clone()).await?;
    // Ends after everything else, so that the last spans go out too.
    let traced = CancellationToken::new();
    let exporter = exporter.map(|exporter| tokio::spawn(exporter.run(traced.clone())));
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    tracing::info!("ending");
    let all = async {
        running.end().await;
        traced.cancel();
        if let Some(exporter) = exporter {
            let _ = exporter.await;
        }
    };
    tokio::select! {
        () = all => tracing::info!("ended"),
        _ = term.recv() => tracing::warn!("ended at once, by a second signal"),
        _ = int.recv() => tracing::warn!("ended at once, by a second signal"),
    }
    Ok(())
}

/// A server at work.
pub struct Running {
    /// `None`: it listens nowhere.
    pub address: Option<SocketAddr>,
    /// Where the figures are, if they are served.
    pub metrics: Option<SocketAddr>,
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
            // Streams that have just ended still write that they did.
            self.parts.cases.auditor.settle().await;
            if let Some(lines) = &self.parts.audit_lines {
                lines.flush().await;
            }
            self.parts.store.close().await;
        };
        if tokio::time::timeout(END_WITHIN, all).await.is_err() {
            tracing::warn!("ended before everything was finished; what was in hand is read again");
        }
    }
}

/// All roles in one process.
///
/// # Errors
/// As [`start_as`].
pub async fn start(config: Config, stop: CancellationToken) -> Result<Running, Failure> {
    start_as(config, Roles::ALL, stop).await
}

/// Listens at once, and gets ready in the background: the database may be away.
///
/// # Errors
/// When the address is taken, or the database's can't be read.
pub async fn start_as(config: Config, roles: Roles, stop: CancellationToken) -> Result<Running, Failure> {
    let bundle = Bundle::embedded(&Root::new(OriginPolicy::new(&config).root()));
    let metrics = Metrics::new(&bundle.build_id, config.metrics_channels);
    let parts = Parts::metered(&config, Arc::new(metrics.clone())).await?;
    let readiness = Readiness::default();
    let streams = Desk::new(config.limits.streams, config.limits.streams_per_session);
    let site = Site::new(http::Parts {
        cases: parts.cases.clone(),
        database: parts.store.clone(),
        readiness: readiness.clone(),
        bundle,
        origin: OriginPolicy::new(&config),
        proxies: Proxies::new(&config),
        limits: config.limits,
        streams: streams.clone(),
        calls: Desk::new(config.limits.connections, config.limits.requests_per_token),
        attempts: http::Attempts::new(config.limits.wrong_tokens),
        web: metrics.web().clone(),
        downloads: Default::default(),
        exports: Default::default(),
        stop: stop.clone(),
    });
    let ((router, mounted), wanted) = match roles.web {
        true => (http::router(site)?, Some(("listen", config.listen))),
        false => (http::health(site)?, config.health_listen.map(|address| ("health_listen", address))),
    };
    let listener = match wanted {
        Some((key, address)) => Some(listen(address, key).await?),
        None => None,
    };
    let figures = match config.metrics_listen {
        Some(address) => Some(listen(address, "metrics_listen").await?),
        None => None,
    };
    let address = listener.as_ref().map(TcpListener::local_addr).transpose()?;
    match address {
        Some(address) => {
            tracing::info!(%address, url = config.base_url(), %roles, version = env!("CARGO_PKG_VERSION"), "listening");
        }
        None => tracing::info!(%roles, version = env!("CARGO_PKG_VERSION"), "starting, and listening nowhere"),
    }
    let connections = config.limits.connections;
    let web = listener.map(|l| tokio::spawn(http::server::run(l, router, connections, stop.clone())));
    let metrics_address = figures.as_ref().map(TcpListener::local_addr).transpose()?;
    let groups = parts.groups(&config);
    let figures = figures.map(|listener| {
        tracing::info!(metrics = ?metrics_address, "figures are served");
        tokio::spawn(metrics::serve(listener, metrics, groups, parts.store.clone(), streams, stop.clone()))
    });
    let renewed = config.database_url_file.clone();
    let renewed = renewed.map(|file| tokio::spawn(renew::database(file, parts.store.clone(), stop.clone())));
    let work = tokio::spawn(work(config, roles, parts.clone(), readiness, stop.clone()));
    let tasks = [web, Some(work), figures, renewed].into_iter().flatten().collect();
    Ok(Running { address, metrics: metrics_address, mounted, parts, stop, tasks })
}

async fn listen(address: SocketAddr, key: &str) -> Result<TcpListener, Failure> {
    let taken = |e| format!("Weir can't listen on {address}: {e}. Choose another address with {key}.");
    Ok(TcpListener::bind(address).await.map_err(taken)?)
}

/// Gets ready, then works in the background until `stop`.
async fn work(config: Config, roles: Roles, parts: Parts, readiness: Readiness, stop: CancellationToken) {
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
    if let (Reading::Off(why), true) = (&reading, roles.tap) {
        tracing::warn!(why, "taps are off");
    }
    // Whoever does the upkeep says what the file says of the store; a copy that was not adopted has no say.
    let has_a_say = roles.engine && reading == Reading::On;
    if has_a_say {
        while let Err(error) = budget_noted(&config, &parts).await {
            tracing::warn!(%error, "the store's budget can't be put down yet");
            if stop.run_until_cancelled(tokio::time::sleep(TRY_AGAIN)).await.is_none() {
                return;
            }
        }
    }
    let noting = async {
        if has_a_say {
            note_budget(&config, &parts, &stop).await;
        }
    };
    // Both end by `stop`; an end without it is a panic, which the hook has told.
    let _ = tokio::join!(parts.start_engines(&config, &id, reading, roles, stop.clone()), noting);
}

/// Again each minute, until `stop`: another process may have another file, and the least rules while both run.
async fn note_budget(config: &Config, parts: &Parts, stop: &CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(NOTED_EVERY)).await.is_some() {
        if let Err(error) = budget_noted(config, parts).await {
            tracing::warn!(%error, "what this file says of the store's budget can't be noted; tried again in a minute");
        }
    }
    if let Err(error) = parts.store.budget_file_gone(parts.process()).await {
        tracing::debug!(%error, "what this file says of the store's budget holds for some minutes more");
    }
}

async fn budget_noted(config: &Config, parts: &Parts) -> Result<(), StoreError> {
    let (bytes, process, log) = (config.store_budget, parts.process(), &*parts.audit);
    if parts.store.budget_of_file(process, bytes, log, parts.clock.now()).await? {
        tracing::warn!("processes have files with different store_budget_bytes: the least rules");
    }
    Ok(())
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
