use super::{
    bus::Bus,
    event::{Context, binary, data},
};
use crate::Failure;
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use serde_json::json;
use std::{sync::Arc, time::Duration};

/// Reserves the goods of paid orders.
pub async fn run(bus: Arc<dyn Bus>, seed: u64) -> Result<(), Failure> {
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut inbox = bus.consume("stock", &["payment.authorised"]).await?;
    loop {
        let delivery = inbox.next().await?;
        tokio::time::sleep(Duration::from_millis(rng.random_range(1..12))).await;
        let context = Context::of(&delivery.message, &mut rng);
        let payment = data(&delivery.message).unwrap_or_default();
        let site = ["MAD-1", "MAD-2", "GRZ-1"][rng.random_range(0..3)];
        let bin = format!(
            "{:02}-{}-{:02}",
            rng.random_range(1..30),
            ['A', 'B', 'C'][rng.random_range(0..3)],
            rng.random_range(1..40)
        );
        let reserved = json!({ "orderId": context.order, "paymentId": payment["paymentId"], "site": site, "bin": bin });
        let event = binary("stock.reserved", "/shop/warehouse", &context, &reserved, &mut rng);
        bus.publish("stock.reserved", event).await?;
        inbox.commit().await?;
    }
}
