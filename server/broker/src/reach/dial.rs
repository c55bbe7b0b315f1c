use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};
use tokio::{
    net::{TcpStream, lookup_host},
    time::{Instant, timeout, timeout_at},
};

/// A name may have many addresses; more are not tried.
const ADDRESSES: usize = 16;

/// Why nothing was connected to. The texts go on after the address.
#[derive(Debug, thiserror::Error)]
pub enum NotReached {
    #[error("has no address: {0}")]
    NoName(String),
    #[error("is {address}, {why}, which sources made in the browser may not use")]
    NotAllowed { address: IpAddr, why: &'static str },
    #[error("refuses connections: nobody listens on this port")]
    Refused,
    #[error("did not answer within {0} s")]
    Silent(u64),
    #[error("can't be reached: {0}")]
    Failed(io::Error),
}

impl NotReached {
    /// What to do about it.
    pub const fn what_to_do(&self) -> &'static str {
        match self {
            Self::NoName(_) => "Check the spelling, and that this server's name service knows it.",
            Self::NotAllowed { .. } => {
                "If it is meant, list it under allow_addresses in weir.toml, or describe the source there."
            }
            Self::Refused => {
                "Check the port (Kafka often listens on 9092 without TLS and on 9093 with it), and that the broker runs."
            }
            Self::Silent(_) => "Check address and port, and whether a firewall stands in between.",
            Self::Failed(_) => "Check the network between this server and the broker.",
        }
    }
}

pub(super) async fn look_up(address: &str, within: Duration) -> Result<Vec<SocketAddr>, NotReached> {
    let found = timeout(within, lookup_host(address)).await;
    let found = found.map_err(|_| NotReached::NoName("the name service did not answer".to_owned()))?;
    let mut found: Vec<SocketAddr> = found.map_err(|e| NotReached::NoName(e.to_string()))?.take(ADDRESSES).collect();
    found.dedup();
    if found.is_empty() { Err(NotReached::NoName("the name service knows none".to_owned())) } else { Ok(found) }
}

/// One after the other, each its share of the time: a name with a dead address must not take all of it.
pub(super) async fn connect(
    addresses: Vec<(SocketAddr, Option<&'static str>)>,
    within: Duration,
) -> Result<TcpStream, NotReached> {
    let (allowed, refused): (Vec<_>, Vec<_>) = addresses.into_iter().partition(|(_, why)| why.is_none());
    let mut last = match refused.first() {
        Some((at, Some(why))) => NotReached::NotAllowed { address: at.ip(), why },
        _ => NotReached::NoName("none is left".to_owned()),
    };
    let end = Instant::now() + within;
    let count = u32::try_from(allowed.len()).unwrap_or(u32::MAX);
    for (tried, (at, _)) in (0..count).zip(&allowed) {
        let now = Instant::now();
        let share = end.saturating_duration_since(now) / (count - tried);
        match timeout_at(now + share, TcpStream::connect(at)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(e)) if e.kind() == io::ErrorKind::ConnectionRefused => last = NotReached::Refused,
            Ok(Err(e)) => last = NotReached::Failed(e),
            Err(_) => last = NotReached::Silent(within.as_secs()),
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::super::{AddressRule, Reach};
    use super::*;
    use std::sync::Arc;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn a_name_is_judged_by_what_it_means() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = format!("localhost:{}", listener.local_addr().unwrap().port());
        let within = Duration::from_secs(5);
        Reach::Anywhere.connect(&at, within).await.unwrap();
        let only = |loopback| Reach::Only(Arc::new(AddressRule { allow: Vec::new(), loopback }));
        only(true).connect(&at, within).await.unwrap();
        let refused = only(false).connect(&at, within).await.unwrap_err();
        assert!(matches!(refused, NotReached::NotAllowed { .. }), "{refused}");
        let odd = only(false).connect("169.254.169.254:80", within).await.unwrap_err();
        assert!(odd.to_string().contains("credentials"), "{odd}");
        let unknown = only(true).connect("no-such-host.invalid:9092", within).await.unwrap_err();
        assert!(matches!(unknown, NotReached::NoName(_)), "{unknown}");
        drop(listener);
        let gone = Reach::Anywhere.connect(&at.replace("localhost", "127.0.0.1"), within).await.unwrap_err();
        assert!(matches!(gone, NotReached::Refused), "{gone}");
    }
}
