//! Background work through ports, under leases (decision 16): one tap per source, and the store's upkeep.

mod lease;
mod off;
mod ports;
mod sources;
mod upkeep;

pub use lease::TTL;
pub use ports::{EnginePorts, Reading, SourceSpec};
pub use weir_tap::StartAt;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// All background work of one process.
pub struct Engines;

impl Engines {
    /// Runs until `stop`; then finishes the appends in hand, releases the leases and ends, all within 10 s.
    /// Never fails: a database away at start is waited for.
    pub fn start(
        specs: Vec<SourceSpec>,
        environments: Vec<weir_domain::capture::WantedEnvironment>,
        ports: EnginePorts,
        stop: CancellationToken,
    ) -> JoinHandle<()> {
        tokio::spawn(async move {
            // An installation that was not adopted changes nothing that another one lives by.
            if let Reading::Off(reason) = &ports.reading {
                off::run(&specs, reason, &ports, &stop).await;
            } else if upkeep::first(&ports, &stop).await {
                let reading = sources::run(specs, environments, ports.clone(), stop.clone());
                tokio::join!(reading, upkeep::run(ports, stop));
            }
        })
    }
}
