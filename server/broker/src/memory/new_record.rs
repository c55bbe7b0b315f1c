use crate::Record;
use weir_domain::{
    Position,
    capture::{Header, HeaderType, TimeKind},
};

/// What a test's producer sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecord {
    pub key: Option<Vec<u8>>,
    pub headers: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    pub payload: Option<Vec<u8>>,
    /// Milliseconds since 1970; -1 is "none", as in Kafka.
    pub timestamp_ms: i64,
}

impl NewRecord {
    /// A record without key and headers, sent at 2026-01-01.
    pub fn new(payload: impl Into<Vec<u8>>) -> Self {
        Self { key: None, headers: Vec::new(), payload: Some(payload.into()), timestamp_ms: 1_767_225_600_000 }
    }

    /// A null payload.
    pub fn tombstone(key: impl Into<Vec<u8>>) -> Self {
        Self { payload: None, ..Self::new("").key(key) }
    }

    #[must_use]
    pub fn key(mut self, key: impl Into<Vec<u8>>) -> Self {
        self.key = Some(key.into());
        self
    }

    #[must_use]
    pub fn header(mut self, name: impl Into<Vec<u8>>, value: Option<&[u8]>) -> Self {
        self.headers.push((name.into(), value.map(<[u8]>::to_vec)));
        self
    }

    #[must_use]
    pub fn at(mut self, timestamp_ms: i64) -> Self {
        self.timestamp_ms = timestamp_ms;
        self
    }

    /// The record a reader should be given for this one.
    pub fn as_read_at(&self, position: Position) -> Record {
        Record {
            position,
            time_kind: if self.timestamp_ms == -1 { TimeKind::Absent } else { TimeKind::Create },
            broker_ms: Some(self.timestamp_ms),
            key: self.key.clone(),
            headers: self
                .headers
                .iter()
                .map(|(name, value)| Header { name: name.clone(), kind: HeaderType::Bytes, value: value.clone() })
                .collect(),
            payload: self.payload.clone(),
        }
    }
}
