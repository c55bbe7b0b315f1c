//! Payloads as they read, where that is not as they were sent: packed ones, and other formats than JSON. Who unpacks them is
//! handed to the store: it knows bytes only.

use super::HeaderBytes;
use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Decoded<B> {
    /// Its bytes are what it reads as.
    #[default]
    AsSent,
    /// Unpacked; JSON, where it is in another format of values.
    As(B),
    /// It is packed and can't be unpacked within limits: what stands in it is unknown.
    Not,
}

impl Decoded<Vec<u8>> {
    pub fn bytes(&self) -> Decoded<&[u8]> {
        match self {
            Self::AsSent => Decoded::AsSent,
            Self::As(bytes) => Decoded::As(bytes),
            Self::Not => Decoded::Not,
        }
    }
}

/// Reads payloads for a search, each as an inspector would.
pub trait Decoder: fmt::Debug + Send + Sync {
    /// Ordinary JSON and text are to be told as such at once: it is asked of every event that is looked into.
    fn decode(&self, payload: &[u8], headers: &[HeaderBytes<'_>]) -> Decoded<Vec<u8>>;
}

/// Is a header of this name where an event says that its payload is packed? `Content_Encoding` and `contentEncoding` are the
/// same to their writers.
pub fn says_packed(name: &[u8]) -> bool {
    const NAME: &[u8] = b"contentencoding";
    (NAME.len()..=NAME.len() + 1).contains(&name.len())
        && name.iter().filter(|b| !matches!(b, b'-' | b'_')).map(u8::to_ascii_lowercase).eq(NAME.iter().copied())
}
