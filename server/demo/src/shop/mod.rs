//! A small shop of real producers and consumers. Each service knows the bus only, so that a later demo can spread
//! them over several brokers.

mod analytics;
mod bus;
mod checkout;
mod event;
mod kafka;
mod payment;
mod shipment;
mod stock;

use crate::Failure;
use bus::Bus;
use std::sync::Arc;

pub use event::{Message, now_ms};
pub use kafka::KafkaBus;

/// Channels of the shop with their partitions.
pub const CHANNELS: &[(&str, i32)] = &[
    ("order.placed", 6),
    ("payment.authorised", 6),
    ("payment.failed", 3),
    ("stock.reserved", 3),
    ("shipment.booked", 3),
    ("order.delivered", 3),
    ("order.placed-dlt", 1),
];

/// Makes channels that are not there yet.
pub async fn declare(bootstrap: &str, channels: &[(&str, i32)]) -> Result<(), Failure> {
    KafkaBus::connect(bootstrap).await?.declare(channels).await
}

/// Runs every service until one fails for good; `rate` is orders per second on average.
pub async fn run(bootstrap: &str, rate: f64, seed: u64) -> Result<(), Failure> {
    let bus: Arc<dyn Bus> = Arc::new(KafkaBus::connect(bootstrap).await?);
    bus.declare(CHANNELS).await?;
    tokio::try_join!(
        checkout::run(Arc::clone(&bus), rate, seed),
        payment::run(Arc::clone(&bus), seed + 1),
        stock::run(Arc::clone(&bus), seed + 2),
        shipment::run(Arc::clone(&bus), seed + 3),
        analytics::run(Arc::clone(&bus), rate),
    )?;
    Ok(())
}
