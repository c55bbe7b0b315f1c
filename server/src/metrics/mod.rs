//! What Weir tells of itself as numbers, for Prometheus. Labels name sources, routes and fixed words: few, and never
//! what an event holds. README.md lists them all.

mod groups;
mod lag_names;
mod process;
mod serve;
mod taps;
mod web;

use std::{fmt::Write as _, sync::Arc};

use prometheus_client::{
    encoding::{EncodeLabelSet, prometheus_text},
    metrics::{counter::Counter, gauge::Gauge, info::Info},
    registry::Registry,
};
use weir_store::Store;

pub use groups::Groups;
pub use lag_names::LagNames;
pub use serve::serve;
use taps::Taps;
pub use web::Web;

use crate::{http::Desk, logs, telemetry};

/// Everything that is counted in this process. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    taps: Taps,
    web: Web,
    pools: Pools,
    streams: Gauge,
    waits: Counter,
    wait_seconds: Counter<f64, std::sync::atomic::AtomicU64>,
    spans_dropped: Counter,
    process: process::Figures,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Pool {
    pool: &'static str,
}

type OfPool = prometheus_client::metrics::family::Family<Pool, Gauge>;

#[derive(Default)]
struct Pools {
    most: OfPool,
    open: OfPool,
    used: OfPool,
}

impl Metrics {
    /// `channels`: how many channels are counted by name; beyond them they are "other", and with 0 none is.
    pub fn new(build: &str, channels: usize) -> Self {
        let mut registry = Registry::default();
        let version = env!("CARGO_PKG_VERSION");
        let info = Info::new(vec![("version", version.to_owned()), ("bundle", build.to_owned())]);
        registry.register("weir_build", "What runs: 1, with the version and the build of the console as labels", info);
        let (taps, web) = (Taps::register(&mut registry, channels), Web::register(&mut registry));
        let pools = Pools::default();
        let streams = Gauge::default();
        registry.register("weir_live_streams", "Live streams that are open", streams.clone());
        let help = "Connections to the database that a pool may have";
        registry.register("weir_database_connections_max", help, pools.most.clone());
        registry.register(
            "weir_database_connections_open",
            "Connections to the database that are open",
            pools.open.clone(),
        );
        registry.register("weir_database_connections_used", "Connections to the database in use", pools.used.clone());
        let (waits, wait_seconds) = (Counter::default(), Counter::default());
        let help = "Times that a connection to the database was waited for longer than 10 ms";
        registry.register("weir_database_waits", help, waits.clone());
        registry.register("weir_database_wait_seconds", "Seconds spent in these waits", wait_seconds.clone());
        let spans_dropped = Counter::default();
        let help = "Spans that were not exported: the collector is away or too slow";
        registry.register("weir_trace_spans_dropped", help, spans_dropped.clone());
        let process = process::Figures::register(&mut registry);
        Self(Arc::new(Inner { registry, taps, web, pools, streams, waits, wait_seconds, spans_dropped, process }))
    }

    pub fn web(&self) -> &Web {
        &self.0.web
    }

    /// The page that Prometheus reads (text format 0.0.4).
    pub fn page(&self, store: &Store, streams: &Desk) -> String {
        let all = &self.0;
        for (pool, figures) in store.pools() {
            let label = Pool { pool };
            all.pools.most.get_or_create(&label).set(figures.most.into());
            all.pools.open.get_or_create(&label).set(figures.open.into());
            all.pools.used.get_or_create(&label).set(figures.used.into());
        }
        all.streams.set(i64::try_from(streams.taken()).unwrap_or(i64::MAX));
        let (waits, seconds) = logs::database_waits();
        all.waits.inner().store(waits, std::sync::atomic::Ordering::Relaxed);
        all.wait_seconds.inner().store(seconds.to_bits(), std::sync::atomic::Ordering::Relaxed);
        all.spans_dropped.inner().store(telemetry::dropped(), std::sync::atomic::Ordering::Relaxed);
        all.process.read();
        let mut page = String::with_capacity(16 * 1024);
        if prometheus_text::encode(&mut page, &all.registry).is_err() {
            // Writing into a text does not fail.
            let _ = write!(page, "# the figures could not be written");
        }
        page
    }
}
