//! Server-sent events, as the HTML standard writes them (`event`, `data`, `id`, comments).

use std::time::Duration;

use bytes::BytesMut;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::timeout;

use super::address::Address;
use crate::ended::Ended;

/// The server sends a comment every 15 s, so that a silent line is a broken one.
const SILENCE: Duration = Duration::from_secs(60);
/// Of one frame.
const LARGEST: usize = 64 << 20;

/// One frame.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sent {
    pub event: String,
    pub data: String,
    pub id: Option<String>,
}

/// An answer that goes on.
pub struct Stream {
    body: Incoming,
    address: Address,
    buffer: BytesMut,
    /// How much of the buffer holds no end of a frame.
    looked: usize,
}

impl Stream {
    pub(super) fn new(body: Incoming, address: Address) -> Self {
        Self { body, address, buffer: BytesMut::new(), looked: 0 }
    }

    /// The next frame; `None`: the connection ended between two.
    ///
    /// # Errors
    /// When it broke, or was silent for too long.
    pub async fn next(&mut self) -> Result<Option<Sent>, Ended> {
        loop {
            while let Some(end) = find(&self.buffer, self.looked) {
                let block = self.buffer.split_to(end + 2);
                self.looked = 0;
                if let Some(sent) = read(&String::from_utf8_lossy(&block)) {
                    return Ok(Some(sent));
                }
            }
            self.looked = self.buffer.len().saturating_sub(1);
            if self.buffer.len() > LARGEST {
                return Err(self.address.unreachable("a frame of the stream is too large"));
            }
            match timeout(SILENCE, self.body.frame()).await {
                Ok(Some(Ok(frame))) => {
                    if let Some(data) = frame.data_ref() {
                        self.buffer.extend_from_slice(data);
                    }
                }
                Ok(Some(Err(why))) => return Err(self.address.unreachable(&format!("the stream broke: {why}"))),
                Ok(None) => return Ok(None),
                Err(_) => return Err(self.address.unreachable("the stream fell silent")),
            }
        }
    }
}

/// Where a frame ends: at an empty line. Weir writes `\n` alone.
fn find(buffer: &[u8], from: usize) -> Option<usize> {
    let found = buffer.get(from..)?.windows(2).position(|w| w == b"\n\n")?;
    Some(from + found)
}

/// `None` for comments and for a frame that only says when to try again.
fn read(block: &str) -> Option<Sent> {
    let (mut sent, mut lines) = (Sent::default(), Vec::new());
    for line in block.lines() {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut sent.event),
            "data" => lines.push(value),
            "id" => sent.id = Some(value.to_owned()),
            _ => {}
        }
    }
    sent.data = lines.join("\n");
    (!lines.is_empty()).then_some(sent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_and_comments_passed_over() {
        let sent = read("event: tail\ndata: {\"a\":\ndata: 1}\nid: x\n\n").unwrap();
        assert_eq!((sent.event.as_str(), sent.data.as_str(), sent.id.as_deref()), ("tail", "{\"a\":\n1}", Some("x")));
        assert_eq!(read(":\n\n"), None);
        assert_eq!(read("retry: 2000\n\n"), None);
        assert_eq!(find(b"a\nb\n\nc", 0), Some(3));
        assert_eq!(find(b"a\nb\n\nc", 3), Some(3));
        assert_eq!(find(b"a\n", 0), None);
    }
}
