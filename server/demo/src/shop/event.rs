use rand::{RngExt, rngs::SmallRng};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// One message as the shop sends it.
#[derive(Debug, Clone)]
pub struct Message {
    pub key: String,
    pub headers: Vec<(String, Vec<u8>)>,
    pub payload: Vec<u8>,
}

/// What a service passes on with an order.
#[derive(Debug, Clone)]
pub struct Context {
    pub order: String,
    pub traceparent: String,
}

impl Context {
    pub fn begin(order: String, rng: &mut SmallRng) -> Self {
        Self { order, traceparent: format!("00-{:032x}-{:016x}-01", rng.random::<u128>(), rng.random::<u64>()) }
    }

    /// The context of a message: its key, and the trace with a new span.
    pub fn of(message: &Message, rng: &mut SmallRng) -> Self {
        let trace = message
            .headers
            .iter()
            .find(|(name, _)| name == "traceparent")
            .and_then(|(_, v)| Some(std::str::from_utf8(v).ok()?.split('-').nth(1)?.to_owned()))
            .unwrap_or_else(|| format!("{:032x}", rng.random::<u128>()));
        Self { order: message.key.clone(), traceparent: format!("00-{trace}-{:016x}-01", rng.random::<u64>()) }
    }
}

#[expect(clippy::disallowed_methods, reason = "the demo's producers live in real time")]
pub fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}

/// RFC 3339 in UTC, milliseconds.
pub fn rfc3339(ms: i64) -> String {
    let days = ms.div_euclid(86_400_000);
    let of_day = ms.rem_euclid(86_400_000);
    // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
    let z = days + 719_468;
    let (era, doe) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let year = yoe + era * 400 + i64::from(month <= 2);
    let (h, m, s, milli) = (of_day / 3_600_000, of_day / 60_000 % 60, of_day / 1000 % 60, of_day % 1000);
    format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{milli:03}Z")
}

fn tracing_headers(context: &Context) -> Vec<(String, Vec<u8>)> {
    vec![
        ("traceparent".into(), context.traceparent.clone().into_bytes()),
        ("correlation-id".into(), context.order.clone().into_bytes()),
    ]
}

/// CloudEvents in binary mode: attributes in `ce_*` headers, the data alone as payload.
pub fn binary(kind: &str, source: &str, context: &Context, data: &Value, rng: &mut SmallRng) -> Message {
    let mut headers = tracing_headers(context);
    for (name, value) in [
        ("ce_specversion", "1.0".to_owned()),
        ("ce_type", kind.to_owned()),
        ("ce_source", source.to_owned()),
        ("ce_id", format!("{:032x}", rng.random::<u128>())),
        ("ce_time", rfc3339(now_ms())),
        ("content-type", "application/json".to_owned()),
    ] {
        headers.push((name.into(), value.into_bytes()));
    }
    Message { key: context.order.clone(), headers, payload: data.to_string().into_bytes() }
}

/// CloudEvents in structured mode: the whole envelope as JSON.
pub fn structured(kind: &str, source: &str, context: &Context, data: &Value, rng: &mut SmallRng) -> Message {
    let mut headers = tracing_headers(context);
    headers.push(("content-type".into(), b"application/cloudevents+json".to_vec()));
    let envelope = json!({
        "specversion": "1.0", "type": kind, "source": source, "id": format!("{:032x}", rng.random::<u128>()),
        "time": rfc3339(now_ms()), "correlationid": context.order, "traceparent": context.traceparent, "data": data,
    });
    Message { key: context.order.clone(), headers, payload: envelope.to_string().into_bytes() }
}

/// The data of a message in either mode; `None` if it can't be read.
pub fn data(message: &Message) -> Option<Value> {
    let value: Value = serde_json::from_slice(&message.payload).ok()?;
    Some(if value.get("specversion").is_some() { value.get("data")?.clone() } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_civil() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(1_795_357_928_123), "2026-11-22T14:32:08.123Z");
        assert_eq!(rfc3339(951_782_400_000), "2000-02-29T00:00:00.000Z");
    }
}
