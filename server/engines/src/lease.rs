//! Work that one process does at a time: under a lease with a growing epoch (decision 16).

use crate::EnginePorts;
use rand::{RngExt, rngs::StdRng};
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use weir_domain::capture::Lease;
use weir_tap::Meter;

/// How long a lease outlives its last renewal: another process takes over after this.
const TTL: Duration = Duration::from_millis(TTL_MS as u64);
const TTL_MS: u32 = 4_000;

/// Does `work` whenever the lease `name` is ours, until `stop`. The token that `work` is given is cancelled when the
/// lease is lost or the process stops; `work` must end soon after. What it writes in between must be harmless by
/// itself: capture's compare-and-set makes it so.
pub async fn under_lease<F: Future<Output = ()>>(
    name: &str,
    ports: &EnginePorts,
    rng: &mut StdRng,
    stop: &CancellationToken,
    mut work: impl FnMut(CancellationToken) -> F,
) {
    while !stop.is_cancelled() {
        let acquired = stop.run_until_cancelled(ports.leases.acquire(name, &ports.holder, TTL_MS)).await;
        match acquired {
            None => return,
            Some(Ok(Some(lease))) => {
                tracing::info!(lease = name, epoch = lease.epoch, "took the lease");
                hold(&lease, ports, stop, &mut work).await;
            }
            Some(Ok(None)) => {}
            Some(Err(error)) => tracing::debug!(lease = name, %error, "the lease could not be asked for"),
        }
        // Not all processes at once.
        let wait = (TTL / 8).mul_f64(rng.random_range(0.5..=1.0));
        stop.run_until_cancelled(sleep(wait)).await;
    }
}

async fn hold<F: Future<Output = ()>>(
    lease: &Lease,
    ports: &EnginePorts,
    stop: &CancellationToken,
    work: &mut impl FnMut(CancellationToken) -> F,
) {
    let _held = Held::count(ports);
    let token = stop.child_token();
    let mut working = pin!(work(token.clone()));
    let lost = tokio::select! {
        () = &mut working => false,
        () = renew_until_lost(lease, ports) => true,
    };
    if lost {
        tracing::warn!(lease = lease.name, epoch = lease.epoch, "lost the lease: stopping");
        token.cancel();
        working.await;
        return;
    }
    // A restart takes over at once instead of after the lease's time.
    match timeout(Duration::from_secs(2), ports.leases.release(lease)).await {
        Ok(Ok(())) => tracing::info!(lease = lease.name, epoch = lease.epoch, "gave the lease back"),
        Ok(Err(error)) => tracing::debug!(lease = lease.name, %error, "the lease could not be given back; it runs out"),
        Err(_) => tracing::debug!(lease = lease.name, "the lease could not be given back in time; it runs out"),
    }
}

/// Counted while the lease is ours.
struct Held(Arc<dyn Meter>);

impl Held {
    fn count(ports: &EnginePorts) -> Self {
        ports.meter.leases(1);
        Self(ports.meter.clone())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.leases(-1);
    }
}

/// While the database is away nobody else can take the lease either, so the work goes on (and finds the database away
/// by itself); a lease is lost when the database says so.
async fn renew_until_lost(lease: &Lease, ports: &EnginePorts) {
    loop {
        sleep(TTL / 3).await;
        match ports.leases.renew(lease, TTL_MS).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => tracing::debug!(lease = lease.name, %error, "the lease could not be renewed; tried again"),
        }
    }
}
