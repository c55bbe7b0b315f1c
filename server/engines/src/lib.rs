//! Background work through ports, under leases (decision 16): one tap per source, and the store's upkeep.

use std::sync::Arc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use weir_broker::Broker;
use weir_domain::{
    Clock,
    access::SystemView,
    capture::{EventLog, Leases, Maintenance, TapCatalog, WantedSource},
};

pub use weir_tap::StartAt;

/// One source as the configuration describes it.
#[derive(Clone)]
pub struct SourceSpec {
    pub wanted: WantedSource,
    pub broker: Arc<dyn Broker>,
    /// Allow-list of channels; `*` stands for any run of characters.
    pub patterns: Vec<String>,
    /// Read the broker's own channels too, where a pattern includes them.
    pub include_internal: bool,
    pub start: StartAt,
    /// Cap on what is taken from the broker while behind; `None` is no cap.
    pub catch_up_bytes_per_s: Option<u64>,
    /// Header that names the event type where CloudEvents does not.
    pub type_header: Option<String>,
    /// Dotted path into a JSON payload that names it, after that.
    pub type_field: Option<String>,
}

/// May taps read at all here?
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    On,
    /// A clone or restore that waits for `weir adopt` (decision 17); the reason is shown on the source's page.
    Off(String),
}

/// What the engines work through.
#[derive(Clone)]
pub struct EnginePorts {
    pub log: Arc<dyn EventLog>,
    pub catalog: Arc<dyn TapCatalog>,
    pub leases: Arc<dyn Leases>,
    pub maintenance: Arc<dyn Maintenance>,
    pub clock: Arc<dyn Clock>,
    pub system: SystemView,
    /// Unique per process: who holds a lease.
    pub holder: String,
    /// Seeds all jitter.
    pub seed: u64,
    pub reading: Reading,
}

/// All background work of one process.
pub struct Engines;

impl Engines {
    /// Runs until `stop`; then finishes the appends in hand, releases the leases and ends, all within 10 s.
    /// `environments` are (name, production). Never fails: a database away at start is waited for.
    pub fn start(
        specs: Vec<SourceSpec>,
        environments: Vec<(String, bool)>,
        ports: EnginePorts,
        stop: CancellationToken,
    ) -> JoinHandle<()> {
        tokio::spawn(async move {
            let _ = (specs, environments, ports);
            stop.cancelled().await;
        })
    }
}
