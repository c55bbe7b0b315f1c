use super::bus::Bus;
use crate::Failure;
use std::{sync::Arc, time::Duration};

/// Reads every order and is a little too slow for them: its lag grows by day and shrinks by night.
pub async fn run(bus: Arc<dyn Bus>, rate: f64) -> Result<(), Failure> {
    let mut inbox = bus.consume("analytics-sink", &["order.placed"]).await?;
    let pace = Duration::from_secs_f64(1.0 / (rate * 0.95).max(0.1));
    let mut since_commit = 0;
    loop {
        inbox.next().await?;
        tokio::time::sleep(pace).await;
        since_commit += 1;
        if since_commit == 20 {
            inbox.commit().await?;
            since_commit = 0;
        }
    }
}
