use super::{
    bus::Bus,
    event::{Context, Message, binary, data},
};
use crate::Failure;
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use serde_json::json;
use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

/// So many parcels are on their way at most; older ones arrive at once.
const ON_THE_WAY: usize = 2000;

/// Books carriers, and tells when parcels arrive: a minute here stands for a day.
pub async fn run(bus: Arc<dyn Bus>, seed: u64) -> Result<(), Failure> {
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut inbox = bus.consume("shipment", &["stock.reserved"]).await?;
    let mut parcels: VecDeque<(Instant, Message)> = VecDeque::new();
    let mut tick = tokio::time::interval(Duration::from_millis(200));
    loop {
        tokio::select! {
            delivery = inbox.next() => {
                let delivery = delivery?;
                let context = Context::of(&delivery.message, &mut rng);
                let reserved = data(&delivery.message).unwrap_or_default();
                let carrier = ["seur", "dhl", "postnord"][rng.random_range(0..3)];
                let tracking = format!("{carrier}-{:010}", rng.random_range(0..10_000_000_000_u64));
                let booked = json!({ "orderId": context.order, "site": reserved["site"], "carrier": carrier, "tracking": tracking });
                bus.publish("shipment.booked", binary("shipment.booked", "/shop/shipping", &context, &booked, &mut rng)).await?;
                inbox.commit().await?;
                let arrived = json!({ "orderId": context.order, "carrier": carrier, "tracking": tracking, "signedBy": "recipient" });
                let arrived = binary("order.delivered", "/shop/shipping", &context, &arrived, &mut rng);
                let at = Instant::now() + Duration::from_secs(rng.random_range(20..120));
                parcels.insert(parcels.partition_point(|(other, _)| *other <= at), (at, arrived));
            }
            _ = tick.tick() => {
                while parcels.front().is_some_and(|(at, _)| *at <= Instant::now()) || parcels.len() > ON_THE_WAY {
                    let Some((_, arrived)) = parcels.pop_front() else { break };
                    bus.publish("order.delivered", arrived).await?;
                }
            }
        }
    }
}
