//! Free loopback ports.

use std::net::{Ipv4Addr, TcpListener};

use crate::{Error, Result};

/// Several free ports, held open together so that no two are the same.
///
/// Release them (by dropping this) just before the server binds them. They come from the range of outgoing
/// connections, so another process can take one in between: a server that finds its port taken is started again
/// with new ones.
#[derive(Debug)]
pub struct HeldPorts(Vec<TcpListener>);

impl HeldPorts {
    /// Holds `count` free ports of 127.0.0.1.
    ///
    /// # Errors
    /// When the system has none left.
    pub fn hold(count: usize) -> Result<Self> {
        let hold = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Error::io("hold a free port"));
        (0..count).map(|_| hold()).collect::<Result<_>>().map(Self)
    }

    /// The port numbers, in a fixed order.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn numbers(&self) -> Result<Vec<u16>> {
        let number = |held: &TcpListener| held.local_addr().map(|a| a.port()).map_err(Error::io("read a free port"));
        self.0.iter().map(number).collect()
    }
}

/// One free port of 127.0.0.1: `preferred` if nobody listens there, else any.
///
/// # Errors
/// When the system has none left.
pub fn free_port(preferred: Option<u16>) -> Result<u16> {
    if let Some(port) = preferred
        && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
    {
        return Ok(port);
    }
    let held = HeldPorts::hold(1)?.numbers()?;
    held.first().copied().ok_or_else(|| Error::failed("finding a free port", "none was held"))
}
