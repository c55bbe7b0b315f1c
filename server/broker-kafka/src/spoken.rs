//! What is spoken at a port, found out with a few bytes, so that a test can tell what is wrong instead of guessing.

use std::{io, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    time::timeout,
};

const WITHIN: Duration = Duration::from_secs(3);
/// No answer to these questions is longer.
const LONGEST: usize = 1 << 20;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Spoken {
    Kafka,
    /// It answers plain bytes with a TLS record.
    Tls,
    Http,
    /// Some other protocol.
    Other,
    /// It ended the connection, with these words of the transport if any.
    Closed(String),
    Silent,
}

/// Whom a listener lets in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Without SASL.
    Open,
    /// With one of these mechanisms.
    Sasl(Vec<String>),
    /// It did not say.
    Untold,
}

/// Asks for the versions of the protocol (ApiVersions v0), which every listener answers before anybody signs in.
pub(crate) async fn spoken(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> Spoken {
    match timeout(WITHIN, ask(stream, 18, 0, &[])).await {
        Err(_) => Spoken::Silent,
        Ok(Ok(answer)) => answer.map_or_else(|other| other, |_| Spoken::Kafka),
        Ok(Err(e)) if e.kind() == io::ErrorKind::UnexpectedEof => Spoken::Closed(String::new()),
        Ok(Err(e)) => Spoken::Closed(e.to_string()),
    }
}

/// Asks for a mechanism that there is not (SaslHandshake v1): a listener with SASL says which it has.
pub(crate) async fn entry(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> Entry {
    let Ok(Ok(Ok(answer))) = timeout(WITHIN, ask(stream, 17, 1, b"\0\x04NONE")).await else { return Entry::Untold };
    mechanisms(&answer).unwrap_or(Entry::Untold)
}

const ILLEGAL_SASL_STATE: u16 = 34;

fn mechanisms(answer: &[u8]) -> Option<Entry> {
    let (code, rest) = answer.split_first_chunk::<2>()?;
    if u16::from_be_bytes(*code) == ILLEGAL_SASL_STATE {
        return Some(Entry::Open);
    }
    let (count, mut rest) = rest.split_first_chunk::<4>()?;
    let mut names = Vec::new();
    for _ in 0..u32::from_be_bytes(*count).min(64) {
        let (length, after) = rest.split_first_chunk::<2>()?;
        let (name, after) = after.split_at_checked(u16::from_be_bytes(*length).into())?;
        names.push(String::from_utf8_lossy(name).into_owned());
        rest = after;
    }
    Some(Entry::Sasl(names))
}

/// Sends one request and returns what follows the correlation id of its answer, or what else is spoken.
async fn ask(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    api: u16,
    version: u16,
    body: &[u8],
) -> io::Result<Result<Vec<u8>, Spoken>> {
    const CLIENT: &[u8] = b"weir.test";
    const CORRELATION: [u8; 4] = *b"weir";
    let mut request = Vec::new();
    request.extend(api.to_be_bytes());
    request.extend(version.to_be_bytes());
    request.extend(CORRELATION);
    request.extend([0, 9]);
    request.extend(CLIENT);
    request.extend(body);
    let length = u32::try_from(request.len()).unwrap_or(0).to_be_bytes();
    stream.write_all(&[&length[..], &request].concat()).await?;
    stream.flush().await?;
    let mut head = [0; 4];
    stream.read_exact(&mut head).await?;
    match head {
        // A TLS record: handshake or alert, version 3.x.
        [0x14..=0x17, 3, ..] => return Ok(Err(Spoken::Tls)),
        [b'H', b'T', b'T', b'P'] => return Ok(Err(Spoken::Http)),
        _ => {}
    }
    let length = usize::try_from(u32::from_be_bytes(head)).unwrap_or(usize::MAX);
    if !(4..=LONGEST).contains(&length) {
        return Ok(Err(Spoken::Other));
    }
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer).await?;
    Ok(match answer.strip_prefix(&CORRELATION) {
        Some(rest) => Ok(rest.to_vec()),
        None => Err(Spoken::Other),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is made of a server that answers so, whatever it is asked.
    async fn told(answer: &'static [u8]) -> Spoken {
        let (mut ours, mut theirs) = tokio::io::duplex(1024);
        tokio::spawn(async move {
            let mut asked = [0; 256];
            let _ = theirs.read(&mut asked).await;
            let _ = theirs.write_all(answer).await;
        });
        spoken(&mut ours).await
    }

    #[tokio::test]
    async fn protocols_are_told_apart() {
        assert_eq!(told(b"\0\0\0\x06weir\0\0").await, Spoken::Kafka);
        assert_eq!(told(b"\x15\x03\x03\0\x02\x02\x46").await, Spoken::Tls);
        assert_eq!(told(b"HTTP/1.1 400 Bad Request\r\n\r\n").await, Spoken::Http);
        assert_eq!(told(b"SSH-2.0-OpenSSH_9.2\r\n").await, Spoken::Other);
        assert_eq!(told(b"\0\0\0\x06riew\0\0").await, Spoken::Other);
        assert_eq!(told(b"").await, Spoken::Closed(String::new()));
    }

    #[test]
    fn mechanisms_are_read_and_nonsense_is_not() {
        let sasl = b"\0\x21\0\0\0\x02\0\x05PLAIN\0\x0dSCRAM-SHA-256";
        assert_eq!(mechanisms(sasl), Some(Entry::Sasl(vec!["PLAIN".into(), "SCRAM-SHA-256".into()])));
        assert_eq!(mechanisms(b"\0\x22\0\0\0\0"), Some(Entry::Open));
        assert_eq!(mechanisms(b"\0\x21\0\0\0\x02\0\x05PLA"), None);
        assert_eq!(mechanisms(b""), None);
    }
}
