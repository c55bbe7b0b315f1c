//! What answers of several slices are made of. Ids and positions are texts: they are 64 bits wide, and JavaScript's
//! numbers are not.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use utoipa::{IntoParams, ToSchema};
use weir_domain::Timestamp;

/// A moment: RFC 3339 in UTC, with microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-11-22T14:32:08.123456Z")]
pub struct Time(pub Timestamp);

/// What RFC 3339 can write: the years 0 to 9999. Times beyond (a producer may claim any) are told as the nearest.
const FIRST: Timestamp = Timestamp(-62_167_219_200_000_000);
const LAST: Timestamp = Timestamp(253_402_300_799_999_999);

impl Time {
    pub fn text(self) -> String {
        self.0.clamp(FIRST, LAST).rfc3339()
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.text())
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let time = chrono::DateTime::parse_from_rfc3339(&text).map_err(D::Error::custom)?;
        Ok(Self(Timestamp(time.timestamp_micros())))
    }
}

impl From<Timestamp> for Time {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

/// The parameter that every reading operation has which looks at sources or channels.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is written down for the documentation; the gate reads the parameter")]
pub struct InEnvironment {
    /// An environment, by its name or its id. Left out: all that the token reaches.
    #[param(example = "production")]
    env: Option<String>,
}

/// An environment, as others refer to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EnvironmentRef {
    #[schema(example = "1")]
    pub id: String,
    #[schema(example = "production")]
    pub name: String,
}

/// A source, as others refer to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SourceRef {
    #[schema(example = "3")]
    pub id: String,
    #[schema(example = "shop")]
    pub name: String,
    /// `kafka`; more kinds will come.
    #[schema(example = "kafka")]
    pub kind: String,
}

/// A channel (a Kafka topic), as others refer to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChannelRef {
    #[schema(example = "17")]
    pub id: String,
    #[schema(example = "order.placed")]
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_is_one_that_clients_can_read() {
        for us in [0, -1, 1_795_334_400_123_456, FIRST.0, LAST.0] {
            let text = serde_json::to_string(&Time(Timestamp(us))).unwrap();
            assert_eq!(serde_json::from_str::<Time>(&text).unwrap().0.0, us, "{text}");
        }
        for (beyond, want) in [
            (i64::MIN, "\"0000-01-01T00:00:00.000000Z\""),
            (i64::MAX, "\"9999-12-31T23:59:59.999999Z\""),
            (FIRST.0 - 1, "\"0000-01-01T00:00:00.000000Z\""),
        ] {
            assert_eq!(serde_json::to_string(&Time(Timestamp(beyond))).unwrap(), want);
        }
    }
}
