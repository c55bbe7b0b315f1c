use super::{
    bus::Bus,
    event::{Context, binary, now_ms},
};
use crate::Failure;
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use serde_json::json;
use std::{f64::consts::TAU, sync::Arc, time::Duration};

const CITIES: [&str; 8] = ["Lyon", "Oslo", "Graz", "Porto", "Turku", "Bath", "Ghent", "Kiel"];

/// One order in so many carries a payload cut off in the middle, as a producer with a too small buffer sends it.
const MALFORMED: u32 = 300;

/// Customers place orders: more by day than by night, in waves of a few minutes.
pub async fn run(bus: Arc<dyn Bus>, rate: f64, seed: u64) -> Result<(), Failure> {
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut number = 0;
    loop {
        let gap = -rng.random_range(f64::MIN_POSITIVE..1.0_f64).ln() / (rate * pattern(now_ms())).max(0.01);
        tokio::time::sleep(Duration::from_secs_f64(gap.min(5.0))).await;
        number = after(number, now_ms());
        let context = Context::begin(format!("ord-{number:09}"), &mut rng);
        let lines: Vec<_> = (0..rng.random_range(1..5))
            .map(|_| {
                let (sku, cents) = (rng.random_range(0..500), rng.random_range(199..39_999));
                json!({ "sku": format!("SKU-{sku:04}"), "qty": rng.random_range(1..4), "price": f64::from(cents) / 100.0 })
            })
            .collect();
        let amount: f64 = lines.iter().filter_map(|l| Some(l["qty"].as_f64()? * l["price"].as_f64()?)).sum();
        let customer = rng.random_range(0..20_000);
        let city = CITIES[rng.random_range(0..CITIES.len())];
        let data = json!({
            "orderId": context.order, "amount": (amount * 100.0).round() / 100.0, "currency": "EUR", "lines": lines,
            "customer": { "id": format!("cus-{customer:05}"), "email": format!("user{customer}@example.org"), "city": city },
        });
        let mut message = binary("order.placed", "/shop/checkout-web", &context, &data, &mut rng);
        if rng.random_ratio(1, MALFORMED) {
            message.payload.truncate(message.payload.len() / 2);
        }
        bus.publish("order.placed", message).await?;
    }
}

/// The number of the next order. Numbers go on where the clock is, 20 a second since the beginning of 2026, so that a
/// second run does not repeat the first one's orders.
fn after(number: i64, now_ms: i64) -> i64 {
    (number + 1).max((now_ms - 1_767_225_600_000) / 50)
}

/// Around 1: a day with its noon at twice the night, and waves of seven minutes.
fn pattern(now_ms: i64) -> f64 {
    let part_of = |period_ms: i64| now_ms.rem_euclid(period_ms) as f64 / period_ms as f64;
    1.0 - 0.33 * (TAU * part_of(86_400_000)).cos() + 0.2 * (TAU * part_of(420_000)).sin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_on_after_a_restart() {
        let begun = 1_795_357_928_000;
        let mut number = 0;
        // A burst of twice the numbers there are, then a quiet minute.
        for n in 0..400 {
            let next = after(number, begun + n * 25);
            assert!(next > number);
            number = next;
        }
        assert!(after(0, begun + 70_000) > number, "a new run begins after the last one's orders");
        assert_eq!(format!("ord-{:09}", after(0, begun)).len(), 13);
    }
}
