use crate::MadeSpecs;
use std::{sync::Arc, time::Duration};
use weir_broker::Guarded;
use weir_domain::{
    Clock,
    access::SystemView,
    audit::AuditLog,
    capture::{EventLog, Leases, Maintenance, Shares, TapCatalog, WantedSource},
    changes::Observer,
    erasures::{Eraser, SubjectVault},
    monitors::{Alerting, OutletVault, Sender, Watched},
};
use weir_tap::{Meter, StartAt};

/// One source as the configuration or a person describes it.
#[derive(Clone)]
pub struct SourceSpec {
    pub wanted: WantedSource,
    pub broker: Arc<Guarded>,
    /// Allow-list of channels; `*` stands for any run of characters.
    pub patterns: Vec<String>,
    /// Read the broker's own channels too, where a pattern includes them.
    pub include_internal: bool,
    pub start: StartAt,
    /// Cap on what all processes together take from the broker while behind; `None` is no cap.
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

/// What this process does of the work (decision 16).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// Reads sources, sharing them with every other process that does.
    pub taps: bool,
    /// What one process at a time does: upkeep, the change feed.
    pub engines: bool,
}

/// What erasures are carried out through.
#[derive(Clone)]
pub struct Erasing {
    pub eraser: Arc<dyn Eraser>,
    pub subjects: Arc<dyn SubjectVault>,
    pub log: Arc<dyn AuditLog>,
}

/// What somebody is told through.
#[derive(Clone)]
pub struct Telling {
    pub alerting: Arc<dyn Alerting>,
    pub watched: Arc<dyn Watched>,
    pub sender: Arc<dyn Sender>,
    pub vault: Arc<dyn OutletVault>,
    /// Rules are judged this often, and the heartbeat's address is called this often.
    pub judged_every: Duration,
    pub called_every: Duration,
}

/// What the engines work through.
#[derive(Clone)]
pub struct EnginePorts {
    pub log: Arc<dyn EventLog>,
    pub catalog: Arc<dyn TapCatalog>,
    pub shares: Arc<dyn Shares>,
    pub leases: Arc<dyn Leases>,
    pub maintenance: Arc<dyn Maintenance>,
    pub observer: Arc<dyn Observer>,
    /// Told of what Weir does by itself to what is stored. `None`: this process does nothing of the kind.
    pub audit: Option<Arc<dyn AuditLog>>,
    /// `None`: this process erases nothing.
    pub erasing: Option<Erasing>,
    /// `None`: this process tells nobody.
    pub telling: Option<Telling>,
    pub made: Arc<dyn MadeSpecs>,
    pub clock: Arc<dyn Clock>,
    pub system: SystemView,
    /// Unique per process: who holds a lease, who reads a partition.
    pub holder: String,
    /// Seeds all jitter.
    pub seed: u64,
    pub reading: Reading,
    /// Who counts what is done.
    pub meter: Arc<dyn Meter>,
}
