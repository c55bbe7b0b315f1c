//! The store's upkeep: buckets made ahead, and dropped when their time has passed (decision 3).

use crate::{EnginePorts, budget, lease::under_lease};
use rand::{SeedableRng, rngs::StdRng};
use std::time::Duration;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use weir_domain::{
    StoreError,
    capture::{GivenUpPayloads, Maintained},
};
use weir_tap::backoff::Backoff;

const EVERY: Duration = Duration::from_secs(60);

/// Once at the beginning whoever holds the lease: nothing can be stored without a bucket. Ends when it is done
/// (`true`), or at `stop`.
pub async fn first(ports: &EnginePorts, stop: &CancellationToken) -> bool {
    let (mut rng, mut backoff) = (StdRng::seed_from_u64(ports.seed), Backoff::store());
    loop {
        match stop.run_until_cancelled(ports.maintenance.ensure_buckets(ports.clock.now())).await {
            None => return false,
            Some(Ok(_)) => return true,
            Some(Err(error)) => tracing::warn!(%error, "the store is not ready; tried again"),
        }
        if stop.run_until_cancelled(sleep(backoff.next(&mut rng))).await.is_none() {
            return false;
        }
    }
}

/// Every minute, in one process at a time.
pub async fn run(ports: EnginePorts, stop: CancellationToken) {
    let mut rng = StdRng::seed_from_u64(!ports.seed);
    under_lease("upkeep", &ports, &mut rng, &stop, |token| {
        let ports = &ports;
        async move {
            let upkeep = async {
                loop {
                    told("made buckets", ports.maintenance.ensure_buckets(ports.clock.now()).await);
                    told("retired buckets", ports.maintenance.retire_buckets(ports.clock.now()).await);
                    told("forgot events", ports.maintenance.forget_events(ports.clock.now()).await);
                    given_up(ports.maintenance.give_up_payloads(ports.clock.now()).await);
                    if let Err(error) = budget::keep(ports).await {
                        tracing::warn!(%error, "the store's budget can't be looked after, tried again in a minute");
                    }
                    sleep(EVERY).await;
                }
            };
            token.run_until_cancelled(upkeep).await;
            // Whoever holds the lease now tells it.
            ports.meter.store(None);
        }
    })
    .await;
}

fn given_up(done: Result<GivenUpPayloads, StoreError>) {
    match done {
        Ok(GivenUpPayloads { blocks: 0, .. }) => {}
        Ok(g) => tracing::info!(blocks = g.blocks, bytes = g.bytes, more = g.more, "gave up payloads"),
        Err(error) => tracing::warn!(%error, "payloads could not be given up, tried again in a minute"),
    }
}

fn told(what: &str, done: Result<Maintained, StoreError>) {
    match done {
        Ok(Maintained { made: 0, dropped: 0, deferred: 0 }) => {}
        Ok(m) => tracing::info!(made = m.made, dropped = m.dropped, deferred = m.deferred, "{what}"),
        Err(error) => tracing::warn!(%error, "upkeep failed, tried again in a minute: {what}"),
    }
}
