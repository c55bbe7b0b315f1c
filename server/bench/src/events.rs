//! Events of an order flow, 0.63 KB of JSON each: CloudEvents in structured mode, six to an order.

use rand::{RngExt, SeedableRng, rngs::SmallRng};
use std::fmt::Write;

const CITIES: [&str; 8] = ["Lyon", "Oslo", "Graz", "Porto", "Turku", "Bath", "Ghent", "Kiel"];
const TYPES: [&str; 6] =
    ["order.placed", "payment.authorised", "stock.reserved", "shipment.booked", "order.delivered", "payment.failed"];

pub struct Events {
    rng: SmallRng,
    next: u64,
}

impl Events {
    pub fn new(seed: u64) -> Self {
        Self { rng: SmallRng::seed_from_u64(seed), next: 0 }
    }

    fn cents(&mut self, from: u32, to: u32) -> String {
        let cents = self.rng.random_range(from * 100..to * 100);
        format!("{}.{:02}", cents / 100, cents % 100)
    }

    fn city(&mut self) -> &'static str {
        CITIES[self.rng.random_range(0..CITIES.len())]
    }
}

impl Iterator for Events {
    /// Key and payload.
    type Item = (String, String);

    fn next(&mut self) -> Option<Self::Item> {
        let i = self.next;
        self.next += 1;
        let kind = if self.rng.random_bool(0.97) { TYPES[(i % 6) as usize] } else { "payment.failed" };
        let area = kind.split('.').next().unwrap_or(kind);
        let order = format!("ord-{:08}", i / 6);
        let mut lines = String::new();
        for line in 0..self.rng.random_range(2..7) {
            let (sku, qty, price) = (self.rng.random_range(0..500), self.rng.random_range(1..5), self.cents(1, 400));
            let comma = if line == 0 { "" } else { "," };
            let _ = write!(lines, r#"{comma}{{"sku":"SKU-{sku:04}","qty":{qty},"price":{price}}}"#);
        }
        let note = (0..10).map(|_| self.city()).collect::<Vec<_>>().join(" ");
        let (id, trace): (u128, [u128; 2]) = (self.rng.random(), [self.rng.random(), self.rng.random()]);
        let (customer, mail) = (self.rng.random_range(0..200_000), self.rng.random_range(0..200_000));
        let (amount, city) = (self.cents(3, 1800), self.city());
        let (day, hour, minute, second, milli) = (1 + i % 20, i % 24, i % 60, i * 7 % 60, i % 1000);
        let payload = format!(
            r#"{{"specversion":"1.0","type":"{kind}","source":"/shop/{area}","id":"{id:032x}","time":"2026-11-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z","correlationid":"{order}","data":{{"orderId":"{order}","customer":{{"id":"c-{customer:06}","email":"user{mail}@example.org","city":"{city}"}},"amount":{amount},"currency":"EUR","lines":[{lines}],"note":"{note}","trace":"{:032x}{:032x}"}}}}"#,
            trace[0], trace[1]
        );
        Some((order, payload))
    }
}
