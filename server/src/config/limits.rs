//! Few limits, all with a default that suits one machine.

use super::section::{Key, Section};

/// Bounds of what people may ask of the server at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections open at once.
    pub connections: usize,
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Seconds until an answer must have begun; live streams apart.
    pub request_seconds: u64,
    /// Live streams in all, and of one session.
    pub streams: usize,
    pub streams_per_session: usize,
    /// Requests of one personal token that are answered at once.
    pub requests_per_token: usize,
    /// Wrong tokens that one address may send at once; after that it gets one more every few seconds.
    pub wrong_tokens: u32,
    /// Connections to the database.
    pub database_connections: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            body_bytes: 256 * 1024,
            request_seconds: 30,
            streams: 500,
            streams_per_session: 6,
            requests_per_token: 8,
            wrong_tokens: 20,
            database_connections: 16,
        }
    }
}

const CONNECTIONS: Key = Key {
    name: "connections",
    expected: "connections open at once, 16 to 65536 (1024 if not said)",
    example: "connections = 1024",
};
const BODY_BYTES: Key = Key {
    name: "body_bytes",
    expected: "the largest body of a request in bytes, 4096 to 67108864 (262144 if not said)",
    example: "body_bytes = 262144",
};
const REQUEST_SECONDS: Key = Key {
    name: "request_seconds",
    expected: "seconds until an answer must have begun, 1 to 600 (30 if not said)",
    example: "request_seconds = 30",
};
const STREAMS: Key = Key {
    name: "streams",
    expected: "live streams in all, 1 to 65536 (500 if not said); one browser uses one",
    example: "streams = 500",
};
const STREAMS_PER_SESSION: Key = Key {
    name: "streams_per_session",
    expected: "live streams of one session or token, 1 to 64 (6 if not said)",
    example: "streams_per_session = 6",
};
const REQUESTS_PER_TOKEN: Key = Key {
    name: "requests_per_token",
    expected: "requests of one personal token that are answered at once, 1 to 1024 (8 if not said)",
    example: "requests_per_token = 8",
};
const WRONG_TOKENS: Key = Key {
    name: "wrong_tokens",
    expected: "wrong tokens that one address may send before it is told to wait, 1 to 100000 (20 if not said)",
    example: "wrong_tokens = 20",
};
const DATABASE_CONNECTIONS: Key = Key {
    name: "database_connections",
    expected: "connections to the database, 4 to 500 (16 if not said)",
    example: "database_connections = 16",
};

pub fn read(section: Section<'_, '_>) -> Limits {
    let default = Limits::default();
    let number = |key: &Key, least: u64, most: u64| section.number(key, least..most + 1).map(|f| f.value);
    let size = |n: Option<u64>, default: usize| n.and_then(|n| usize::try_from(n).ok()).unwrap_or(default);
    let limits = Limits {
        connections: size(number(&CONNECTIONS, 16, 65_536), default.connections),
        body_bytes: size(number(&BODY_BYTES, 4096, 64 << 20), default.body_bytes),
        request_seconds: number(&REQUEST_SECONDS, 1, 600).unwrap_or(default.request_seconds),
        streams: size(number(&STREAMS, 1, 65_536), default.streams),
        streams_per_session: size(number(&STREAMS_PER_SESSION, 1, 64), default.streams_per_session),
        requests_per_token: size(number(&REQUESTS_PER_TOKEN, 1, 1024), default.requests_per_token),
        wrong_tokens: number(&WRONG_TOKENS, 1, 100_000)
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(default.wrong_tokens),
        database_connections: number(&DATABASE_CONNECTIONS, 4, 500)
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(default.database_connections),
    };
    section.end();
    limits
}
