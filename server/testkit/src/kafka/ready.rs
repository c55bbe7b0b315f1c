//! Asking a broker whether it is ready, in its own protocol.

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

const METADATA: i16 = 3;
const CORRELATION: i32 = 7;
/// Of the request behind its length: api, version, correlation, client id, topics.
const LENGTH: i32 = 2 + 2 + 4 + (2 + 5) + 4;

/// Whether the broker answers a Metadata request that lists so many brokers (itself, after it registered).
pub(super) fn is_ready(address: SocketAddr, wanted: i32) -> bool {
    brokers(address).is_ok_and(|there| there >= wanted)
}

/// Metadata version 1 with no topics: `correlation, brokers[] (id, host, port, rack), controller, topics[]`.
fn brokers(address: SocketAddr) -> io::Result<i32> {
    let second = Duration::from_secs(1);
    let mut connection = TcpStream::connect_timeout(&address, second)?;
    connection.set_read_timeout(Some(second))?;
    connection.set_write_timeout(Some(second))?;
    let mut request = Vec::from(LENGTH.to_be_bytes());
    request.extend(METADATA.to_be_bytes());
    request.extend(1_i16.to_be_bytes());
    request.extend(CORRELATION.to_be_bytes());
    request.extend(5_i16.to_be_bytes());
    request.extend(b"ready");
    request.extend(0_i32.to_be_bytes());
    connection.write_all(&request)?;
    let mut answer = [0_u8; 12];
    connection.read_exact(&mut answer)?;
    let word = |at: usize| i32::from_be_bytes([answer[at], answer[at + 1], answer[at + 2], answer[at + 3]]);
    if word(4) != CORRELATION {
        return Err(io::Error::other("the answer is not ours"));
    }
    Ok(word(8))
}
