//! Background work through ports (decision 16): sources are shared by all processes that tap, and what one process at a
//! time does is done under a lease.

mod budget;
mod erasures;
mod feed;
mod fill;
mod indexing;
mod lag;
mod lease;
mod monitors;
mod off;
mod ports;
mod readers;
mod sources;
mod upkeep;
mod verify;
mod wanted;

pub use fill::Filler;
pub use lag::Watcher;
pub use monitors::{CALLED_EVERY, JUDGED_EVERY};
pub use ports::{EnginePorts, Erasing, Parts, Reading, SourceSpec, Telling};
pub use readers::{NotRead, Readers};
pub use verify::{OnDemand, Verifier};
pub use wanted::{MadeSpec, MadeSpecs, NothingMade};
pub use weir_tap::{StartAt, TTL};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What reads brokers beside their taps in the background.
#[derive(Clone)]
pub struct Beside {
    pub verifier: Verifier,
    pub filler: Filler,
    pub watcher: Watcher,
}

/// All background work of one process.
pub struct Engines;

impl Engines {
    /// Runs until `stop`; then finishes the appends in hand, gives up what it holds and ends, all within 10 s.
    /// Never fails: a database away at start is waited for.
    pub fn start(
        specs: Vec<SourceSpec>,
        environments: Vec<weir_domain::capture::WantedEnvironment>,
        parts: Parts,
        ports: EnginePorts,
        beside: Option<Beside>,
        stop: CancellationToken,
    ) -> JoinHandle<()> {
        tokio::spawn(async move {
            // An installation that was not adopted changes nothing that another one lives by.
            if let Reading::Off(reason) = &ports.reading {
                if parts.taps {
                    off::run(&specs, reason, &ports, &stop).await;
                }
            } else if upkeep::first(&ports, &stop).await {
                let reading = async {
                    if parts.taps {
                        sources::run(specs, environments, ports.clone(), stop.clone()).await;
                    }
                };
                let upkeep = async {
                    if parts.engines {
                        tokio::join!(
                            upkeep::run(ports.clone(), stop.clone()),
                            feed::run(ports.clone(), stop.clone()),
                            indexing::run(ports.clone(), stop.clone()),
                            erasures::run(ports.clone(), stop.clone()),
                            monitors::run(ports.clone(), stop.clone()),
                            async {
                                if let Some(Beside { verifier, filler, watcher }) = beside {
                                    tokio::join!(
                                        verify::run(verifier, ports.clone(), stop.clone()),
                                        fill::run(filler, ports.clone(), stop.clone()),
                                        lag::run(watcher, ports.clone(), stop.clone()),
                                    );
                                }
                            },
                        );
                    }
                };
                tokio::join!(reading, upkeep);
            }
        })
    }
}
