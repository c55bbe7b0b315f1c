//! The change feed: derived from the catalog, in one process at a time (decision 6: no tap writes it).

use crate::{EnginePorts, lease::under_lease};
use rand::{SeedableRng, rngs::StdRng};
use std::time::Duration;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// A change is on the page within twice this.
const EVERY: Duration = Duration::from_secs(3);

/// Looks again and again, until `stop`.
pub async fn run(ports: EnginePorts, stop: CancellationToken) {
    let mut rng = StdRng::seed_from_u64(ports.seed.rotate_left(17));
    under_lease("feed", &ports, &mut rng, &stop, |token| {
        let ports = &ports;
        async move {
            let looking = async {
                loop {
                    match ports.observer.observe(&ports.system, ports.clock.now()).await {
                        Ok(0) => {}
                        Ok(written) => tracing::debug!(written, "changes written to the feed"),
                        Err(error) => tracing::warn!(%error, "the change feed can't be written; tried again"),
                    }
                    sleep(EVERY).await;
                }
            };
            token.run_until_cancelled(looking).await;
        }
    })
    .await;
}
