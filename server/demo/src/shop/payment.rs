use super::{
    bus::{Bus, Delivery},
    event::{Context, Message, data, now_ms, structured},
};
use crate::Failure;
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use serde_json::json;
use std::{sync::Arc, time::Duration};

const SERVICE: &str = "payment";
const ROUTES: [&str; 3] = ["adyen-1", "adyen-2", "stripe-1"];

/// Takes the money for placed orders. Some cards are declined, some gateways time out; what can't be read or retried
/// goes to the dead-letter topic with the headers Spring Kafka writes.
pub async fn run(bus: Arc<dyn Bus>, seed: u64) -> Result<(), Failure> {
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut inbox = bus.consume(SERVICE, &["order.placed"]).await?;
    loop {
        let delivery = inbox.next().await?;
        tokio::time::sleep(Duration::from_millis(rng.random_range(2..20))).await;
        let context = Context::of(&delivery.message, &mut rng);
        let route = ROUTES[rng.random_range(0..ROUTES.len())];
        match data(&delivery.message) {
            None => {
                let why = "Unexpected end-of-input: expected close marker for Object";
                let dead = dead_letter(&delivery, "com.fasterxml.jackson.core.io.JsonEOFException", why);
                bus.publish("order.placed-dlt", dead).await?;
            }
            Some(order) if rng.random_ratio(3, 100) => {
                let (reason, exception) = if rng.random_ratio(1, 3) {
                    ("gateway timeout", "com.acme.pay.GatewayTimeoutException")
                } else {
                    ("card declined", "com.acme.pay.CardDeclinedException")
                };
                let failed =
                    json!({ "orderId": context.order, "amount": order["amount"], "route": route, "reason": reason });
                let event = structured("payment.failed", "/shop/payment-worker", &context, &failed, &mut rng);
                bus.publish("payment.failed", event).await?;
                let why = format!("{reason} on {route} after {} ms", rng.random_range(200..30_000));
                bus.publish("order.placed-dlt", dead_letter(&delivery, exception, &why)).await?;
            }
            Some(order) => {
                let paid = json!({
                    "orderId": context.order, "paymentId": format!("pay-{:012x}", rng.random::<u64>() >> 16),
                    "amount": order["amount"], "currency": order["currency"], "route": route, "customer": order["customer"],
                    "card": { "scheme": "visa", "last4": format!("{:04}", rng.random_range(0..10_000)) },
                });
                let event = structured("payment.authorised", "/shop/payment-worker", &context, &paid, &mut rng);
                bus.publish("payment.authorised", event).await?;
            }
        }
        inbox.commit().await?;
    }
}

/// Spring Kafka's DeadLetterPublishingRecoverer: the record as it was, and `kafka_dlt-*` headers; numbers big-endian.
fn dead_letter(delivery: &Delivery, exception: &str, why: &str) -> Message {
    let mut message = delivery.message.clone();
    let stack = format!(
        "{exception}: {why}\n\tat com.acme.pay.Gateway.authorise(Gateway.java:118)\n\tat com.acme.pay.PaymentListener.on(PaymentListener.java:41)\n"
    );
    let headers: [(&str, Vec<u8>); 9] = [
        ("kafka_dlt-original-topic", delivery.channel.clone().into_bytes()),
        ("kafka_dlt-original-partition", delivery.partition.to_be_bytes().to_vec()),
        ("kafka_dlt-original-offset", delivery.offset.to_be_bytes().to_vec()),
        ("kafka_dlt-original-timestamp", delivery.timestamp_ms.to_be_bytes().to_vec()),
        ("kafka_dlt-original-timestamp-type", b"CreateTime".to_vec()),
        ("kafka_dlt-original-consumer-group", SERVICE.as_bytes().to_vec()),
        ("kafka_dlt-exception-fqcn", exception.as_bytes().to_vec()),
        ("kafka_dlt-exception-message", why.as_bytes().to_vec()),
        ("kafka_dlt-exception-stacktrace", stack.into_bytes()),
    ];
    message.headers.extend(headers.map(|(name, value)| (name.to_owned(), value)));
    message.headers.push(("x-failed-at".to_owned(), super::event::rfc3339(now_ms()).into_bytes()));
    message
}
