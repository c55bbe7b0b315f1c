//! An installation whose taps are off (decision 17) may look at another one's database: it reads nothing, makes nothing
//! known, removes nothing. It only says why, of sources that are known; where somebody reads, that is what counts.

use crate::{EnginePorts, SourceSpec, wanted};
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use weir_domain::{
    SourceId, StoreError,
    capture::{SourceReport, SourceState},
};
use weir_tap::Pace;

/// Says so again and again, until `stop`.
pub(crate) async fn run(specs: &[SourceSpec], reason: &str, ports: &EnginePorts, stop: &CancellationToken) {
    let names: Vec<String> = specs.iter().map(|s| s.wanted.name.clone()).collect();
    let saying = async {
        loop {
            let mut names = names.clone();
            names.extend(wanted::names(ports).await);
            if let Err(error) = say_all(&names, reason, ports).await {
                tracing::debug!(%error, "that the taps are off could not be said; tried again");
            }
            sleep(Pace::default().heartbeat).await;
        }
    };
    stop.run_until_cancelled(saying).await;
}

async fn say_all(names: &[String], reason: &str, ports: &EnginePorts) -> Result<(), StoreError> {
    for (name, source) in ports.catalog.find_sources(&ports.system, names).await? {
        say_off(ports, &name, source, reason).await;
    }
    Ok(())
}

/// Best effort, and never the reason why a stop takes long.
pub(crate) async fn say_off(ports: &EnginePorts, name: &str, source: SourceId, reason: &str) {
    let report = SourceReport {
        source,
        tap: ports.holder.clone(),
        state: SourceState::Off,
        reason: Some(reason.to_owned()),
        at: ports.clock.now(),
        retry_at: None,
        left_out: None,
        left_out_total: 0,
        bytes_to_read: None,
        throttled_ms: 0,
    };
    let said = timeout(Duration::from_secs(1), ports.catalog.report_source(&report)).await;
    if !matches!(said, Ok(Ok(()))) {
        tracing::debug!(source = name, "that its tap is off could not be reported");
    }
}
