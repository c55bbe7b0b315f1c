//! An answer of lines that goes on.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::timeout;

use crate::ended::{Code, Ended};

/// The server sends an empty line every few seconds where it finds nothing; a proxy may hold them back for a while.
const SILENCE: Duration = Duration::from_secs(300);
/// Of one line.
const LARGEST: usize = 64 << 20;

pub struct Lines {
    body: Incoming,
    buffer: BytesMut,
}

impl Lines {
    pub(super) fn new(body: Incoming) -> Self {
        Self { body, buffer: BytesMut::new() }
    }

    /// The lines that have come, each with its end; `None`: the answer ended, and between two lines.
    ///
    /// # Errors
    /// When it broke off, or was silent for too long.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Ended> {
        loop {
            match timeout(SILENCE, self.body.frame()).await {
                Ok(Some(Ok(frame))) => {
                    let Some(data) = frame.data_ref() else { continue };
                    // What was there before holds no line's end.
                    let end = data.iter().rposition(|b| *b == b'\n').map(|at| self.buffer.len() + at + 1);
                    self.buffer.extend_from_slice(data);
                    match end {
                        Some(end) => return Ok(Some(self.buffer.split_to(end).freeze())),
                        None if self.buffer.len() > LARGEST => return Err(broke_off("a line of it is too large")),
                        None => {}
                    }
                }
                Ok(Some(Err(why))) => return Err(broke_off(&why.to_string())),
                Ok(None) if self.buffer.is_empty() => return Ok(None),
                Ok(None) => return Err(broke_off("it ended in the middle of a line")),
                Err(_) => return Err(broke_off("it fell silent")),
            }
        }
    }
}

/// The lines of what came, each with its end. Empty ones only show that the answer goes on.
pub fn each(some: &[u8]) -> impl Iterator<Item = &[u8]> {
    some.split_inclusive(|b| *b == b'\n').filter(|line| !matches!(*line, b"\n" | b"\r\n"))
}

/// What came is not all.
pub fn broke_off(why: &str) -> Ended {
    Ended::new(
        Code::Failed,
        format!("The answer broke off: {why}. What came before is not all."),
        "Try again; narrow the question if it stays so. The server's log says why.",
    )
}
