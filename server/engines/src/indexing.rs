//! Making findable by key, type and word what was stored since: one process at a time, a piece at a time, and resting in
//! between so that capture goes first.

use crate::{EnginePorts, lease::under_lease};
use rand::{SeedableRng, rngs::StdRng};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

/// How often it is looked whether there is enough for a piece.
const EVERY: Duration = Duration::from_secs(2);
/// After a piece it rests for as long as this times what the piece took.
const REST: u32 = 2;

/// Again and again, until `stop`.
pub async fn run(ports: EnginePorts, stop: CancellationToken) {
    let mut rng = StdRng::seed_from_u64(ports.seed.rotate_left(29));
    under_lease("indexing", &ports, &mut rng, &stop, |token| {
        let ports = &ports;
        async move {
            let indexing = async {
                loop {
                    let begun = Instant::now();
                    let rest = match ports.maintenance.index(ports.clock.now()).await {
                        Ok(done) if done.more => {
                            tracing::debug!(spans = done.spans, took = ?begun.elapsed(), "indexed");
                            REST * begun.elapsed()
                        }
                        Ok(_) => EVERY,
                        Err(error) => {
                            tracing::warn!(%error, "keys and words can't be indexed, tried again: they are found more slowly");
                            EVERY
                        }
                    };
                    sleep(rest).await;
                }
            };
            token.run_until_cancelled(indexing).await;
        }
    })
    .await;
}
