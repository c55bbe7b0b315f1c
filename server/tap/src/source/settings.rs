use crate::{
    Announcer, Meter, StartAt,
    identify::Identify,
    policy::{Ceiling, Policy},
};
use std::{sync::Arc, time::Duration};
use weir_broker::{Broker, ReadLimits};
use weir_domain::{
    Clock,
    access::SystemView,
    capture::{EventLog, Shares, TapCatalog},
};

/// How one source is read.
#[derive(Clone)]
pub struct Settings {
    /// The source's name, for the log.
    pub name: String,
    pub ceiling: Ceiling,
    pub policy: Policy,
    pub identify: Identify,
    pub start: StartAt,
    /// Cap on broker bytes while partitions are behind, over all processes that read; `None` is no cap.
    pub catch_up_bytes_per_s: Option<u64>,
    pub limits: ReadLimits,
    pub pace: Pace,
}

/// How often things are looked at.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// New channels and partitions are read within twice this.
    pub discover: Duration,
    /// Is the source to stand still? One small query each.
    pub pause: Duration,
    /// State and progress are reported at least this often; pages call a source stale after 10 s.
    pub heartbeat: Duration,
    /// How long a stop waits for the appends in hand.
    pub drain: Duration,
    /// A partition whose batch the store refused is tried again after this.
    pub refused: Duration,
    /// A broker that was read for so long is tried again quickly when it goes away.
    pub steady: Duration,
    /// A tap that can't reach the broker for so long leaves its partitions to others, which perhaps can.
    pub patience: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            discover: Duration::from_secs(15),
            pause: Duration::from_millis(400),
            heartbeat: Duration::from_secs(2),
            drain: Duration::from_secs(5),
            refused: Duration::from_secs(15),
            steady: Duration::from_secs(10),
            patience: Duration::from_secs(5),
        }
    }
}

/// What a tap works through.
#[derive(Clone)]
pub struct Ports {
    pub broker: Arc<dyn Broker>,
    pub log: Arc<dyn EventLog>,
    pub catalog: Arc<dyn TapCatalog>,
    pub shares: Arc<dyn Shares>,
    /// Unique per process.
    pub holder: String,
    pub clock: Arc<dyn Clock>,
    pub system: SystemView,
    pub announcer: Announcer,
    pub meter: Arc<dyn Meter>,
}
