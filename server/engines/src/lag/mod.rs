//! Consumer groups of every source, observed every few seconds, by one process at a time.
//!
//! | file | does |
//! |---|---|
//! | `watch` | one source: asks its broker, tells the store |
//! | `tracker` | all groups of a source from observation to observation |
//! | `positions` | what one observation tells of where a group stands |
//! | `group`, `partition`, `ends` | what is remembered of a group, its partitions, a channel's ends |
//! | `standing`, `time`, `loss` | what that comes to |

mod ends;
mod group;
mod loss;
mod partition;
mod positions;
mod reported;
mod standing;
#[cfg(test)]
mod tests;
mod time;
mod tracker;
mod watch;

use crate::{EnginePorts, Readers, lease::under_lease};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{
    task::{Id, JoinSet},
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use weir_domain::{
    SourceId, StoreError,
    lag::{LagLog, WatchedSource},
};

/// Between two looks at which sources there are.
const LOOK: Duration = Duration::from_secs(3);
const TIDY: Duration = Duration::from_secs(600);
/// What is not full yet is written when the process ends, within this.
const LAST: Duration = Duration::from_secs(5);

/// What observing works through.
#[derive(Clone)]
pub struct Watcher {
    pub readers: Arc<Readers>,
    pub store: Arc<dyn LagLog>,
    /// Between two observations of a source.
    pub every: Duration,
}

/// Round after round, until `stop`.
pub async fn run(watcher: Watcher, ports: EnginePorts, stop: CancellationToken) {
    let mut rng = StdRng::seed_from_u64(ports.seed.rotate_left(29));
    let seed: u64 = rng.random();
    under_lease("lag", &ports, &mut rng, &stop, |token| {
        let (watcher, ports) = (watcher.clone(), &ports);
        async move { all(&watcher, ports, seed, &token).await }
    })
    .await;
}

struct Begun {
    source: WatchedSource,
    end: CancellationToken,
}

async fn all(watcher: &Watcher, ports: &EnginePorts, seed: u64, token: &CancellationToken) {
    let mut begun: HashMap<SourceId, Begun> = HashMap::new();
    let mut tasks: JoinSet<()> = JoinSet::new();
    let mut of_task: HashMap<Id, SourceId> = HashMap::new();
    let mut tidied: Option<Instant> = None;
    while !token.is_cancelled() {
        match watcher.store.watched(&ports.system).await {
            Err(error) => tracing::debug!(%error, "sources could not be looked for; tried again"),
            Ok(sources) => {
                for (id, one) in &begun {
                    if !sources.iter().any(|s| s.id == *id && *s == one.source) {
                        one.end.cancel();
                    }
                }
                for source in sources {
                    if begun.contains_key(&source.id) || source.stands_still || source.capture == "off" {
                        continue;
                    }
                    let end = token.child_token();
                    begun.insert(source.id, Begun { source: source.clone(), end: end.clone() });
                    let rng = StdRng::seed_from_u64(seed ^ source.id.0.cast_unsigned());
                    let watch = watch::Watch::new(watcher.clone(), ports, source.clone(), rng);
                    of_task.insert(tasks.spawn(watch.run(end)).id(), source.id);
                }
            }
        }
        if tidied.is_none_or(|at| at.elapsed() >= TIDY) {
            tidied = Some(Instant::now());
            told(watcher.store.tidy_lag(ports.clock.now()).await);
        }
        token.run_until_cancelled(sleep(LOOK)).await;
        while let Some(ended) = tasks.try_join_next_with_id() {
            let task = match ended {
                Ok((task, ())) => task,
                Err(error) => {
                    tracing::error!(%error, "observing a source broke off; begun anew");
                    error.id()
                }
            };
            if let Some(source) = of_task.remove(&task) {
                begun.remove(&source);
            }
        }
    }
    begun.values().for_each(|one| one.end.cancel());
    let ended = async { while tasks.join_next().await.is_some() {} };
    if timeout(LAST, ended).await.is_err() {
        tracing::warn!("the last observations of groups could not be written in time");
    }
}

fn told(tidied: Result<u64, StoreError>) {
    match tidied {
        Ok(0) => {}
        Ok(rows) => tracing::debug!(rows, "old observations of groups were deleted"),
        Err(error) => tracing::warn!(%error, "old observations of groups could not be deleted; tried again"),
    }
}
