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

use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

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
                            unbroken("upkeep", || upkeep::run(ports.clone(), stop.clone())),
                            unbroken("the change feed", || feed::run(ports.clone(), stop.clone())),
                            unbroken("indexing", || indexing::run(ports.clone(), stop.clone())),
                            unbroken("erasing", || erasures::run(ports.clone(), stop.clone())),
                            unbroken("monitors", || monitors::run(ports.clone(), stop.clone())),
                            async {
                                if let Some(Beside { verifier, filler, watcher }) = beside {
                                    tokio::join!(
                                        verify::run(verifier, ports.clone(), stop.clone()),
                                        fill::run(filler, ports.clone(), stop.clone()),
                                        unbroken("observing groups", || lag::run(
                                            watcher.clone(),
                                            ports.clone(),
                                            stop.clone()
                                        )),
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

/// After a defect ended an engine it begins anew, so soon.
const ANEW: Duration = Duration::from_secs(10);

/// One engine in a task of its own: what breaks it breaks no other, and capture least of all.
async fn unbroken<F>(what: &'static str, run: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    while let Err(error) = AbortOnDropHandle::new(tokio::spawn(run())).await
        && error.is_panic()
    {
        tracing::error!(engine = what, %error, "a defect ended an engine; it begins anew");
        tokio::time::sleep(ANEW).await;
    }
}

#[cfg(test)]
mod tests {
    use super::unbroken;
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };

    #[tokio::test(start_paused = true)]
    async fn an_engine_that_breaks_begins_anew() {
        let begun = Arc::new(AtomicU32::new(0));
        unbroken("a test", || {
            let begun = Arc::clone(&begun);
            async move {
                assert!(begun.fetch_add(1, Ordering::SeqCst) >= 2, "a defect, twice");
            }
        })
        .await;
        assert_eq!(begun.load(Ordering::SeqCst), 3);
    }
}
