//! Who is at the other end. Behind proxies that the configuration trusts, what they say counts; what anybody else says
//! of where a request comes from is no more than text.

use std::net::IpAddr;

use http::{HeaderMap, header};

use crate::config::{Config, Network};

/// The longest list of addresses that is looked at, from its end.
const MOST_HOPS: usize = 32;

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remote {
    pub address: IpAddr,
    /// It is a proxy's: whoever is behind it has the same.
    pub shared: bool,
}

/// The proxies that may say for whom they ask.
#[derive(Debug, Clone)]
pub struct Proxies {
    trusted: Vec<Network>,
    /// Somebody ends TLS before us and we don't know who: every address is theirs.
    unknown: bool,
}

impl Proxies {
    pub fn new(config: &Config) -> Self {
        let https = config.public_url.as_ref().is_some_and(crate::config::PublicUrl::is_https);
        match &config.trusted_proxies {
            Some(trusted) => Self { trusted: trusted.clone(), unknown: false },
            None => Self { trusted: Vec::new(), unknown: https },
        }
    }

    /// `X-Forwarded-For` or `Forwarded` (RFC 7239), read from its end: each proxy appends who asked it, so the last
    /// address that is no trusted proxy is the one that none of ours vouches any further for. If both headers are there
    /// and differ, one of them was passed on from outside and nobody knows which: then neither counts.
    pub fn remote(&self, peer: IpAddr, headers: &HeaderMap) -> Remote {
        let peer = peer.to_canonical();
        if !self.is_trusted(peer) {
            return Remote { address: peer, shared: self.unknown };
        }
        let by = [self.last_stranger(&x_forwarded_for(headers)), self.last_stranger(&forwarded(headers))];
        let found = match by {
            [Some(one), Some(other)] if one == other => Some(one),
            [Some(one), None] | [None, Some(one)] => Some(one),
            _ => None,
        };
        match found {
            Some(address) => Remote { address, shared: false },
            None => Remote { address: peer, shared: true },
        }
    }

    /// Is it one of the proxies that the configuration names?
    pub fn is_trusted(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(address))
    }

    /// `None` if a trusted proxy named nobody, or something that is no address.
    fn last_stranger(&self, hops: &[Option<IpAddr>]) -> Option<IpAddr> {
        hops.iter().rev().find(|hop| !hop.is_some_and(|hop| self.is_trusted(hop))).copied().flatten()
    }
}

/// In the order of the header; `None` for what is no address.
fn x_forwarded_for(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let hops = headers.get_all("x-forwarded-for").iter().flat_map(|value| value.to_str().unwrap_or("?").split(','));
    last(hops.map(address).collect())
}

/// The `for=` of each element.
fn forwarded(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let hops = headers.get_all(header::FORWARDED).iter().flat_map(|value| value.to_str().unwrap_or("?").split(','));
    let named = |hop: &str| {
        let pairs = hop.split(';').filter_map(|pair| pair.split_once('='));
        let mut named = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
        named.next().and_then(|(_, value)| address(value.trim().trim_matches('"')))
    };
    last(hops.map(named).collect())
}

fn last(mut hops: Vec<Option<IpAddr>>) -> Vec<Option<IpAddr>> {
    hops.split_off(hops.len().saturating_sub(MOST_HOPS))
}

/// With or without a port: `203.0.113.9`, `203.0.113.9:4711`, `2001:db8::1`, `[2001:db8::1]:4711`.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None => match text.split_once(':') {
            Some((host, port)) if !port.contains(':') => host,
            _ => text,
        },
    };
    bare.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut all = HeaderMap::new();
        for (name, value) in pairs {
            all.append(*name, value.parse().unwrap());
        }
        all
    }

    #[test]
    fn only_trusted_proxies_say_for_whom_they_ask() {
        let trusted = ["10.0.0.0/8", "127.0.0.1"].map(|n| n.parse().unwrap()).to_vec();
        let proxies = Proxies { trusted, unknown: false };
        let (xff, fwd) = ("x-forwarded-for", "forwarded");
        for (peer, sent, want, shared) in [
            ("127.0.0.1", &[(xff, "203.0.113.9")][..], "203.0.113.9", false),
            ("127.0.0.1", &[(xff, "1.1.1.1, 203.0.113.9, 10.0.0.7")], "203.0.113.9", false),
            ("127.0.0.1", &[(xff, "1.1.1.1"), (xff, "203.0.113.9:4711")], "203.0.113.9", false),
            ("::ffff:127.0.0.1", &[(xff, "2001:db8::1")], "2001:db8::1", false),
            ("127.0.0.1", &[(xff, "[2001:db8::1]:99")], "2001:db8::1", false),
            ("127.0.0.1", &[(fwd, "for=1.1.1.1, for=\"[2001:db8::1]:99\";proto=https")], "2001:db8::1", false),
            ("127.0.0.1", &[(fwd, "proto=https;For=203.0.113.9")], "203.0.113.9", false),
            ("127.0.0.1", &[(fwd, "for=203.0.113.9"), (xff, "203.0.113.9")], "203.0.113.9", false),
            // One of them came from outside.
            ("127.0.0.1", &[(fwd, "for=1.1.1.1"), (xff, "203.0.113.9")], "127.0.0.1", true),
            // The trusted proxy itself says that it does not know.
            ("127.0.0.1", &[(xff, "1.1.1.1, unknown")], "127.0.0.1", true),
            ("127.0.0.1", &[(fwd, "for=1.1.1.1, for=_hidden")], "127.0.0.1", true),
            ("127.0.0.1", &[(fwd, "for=1.1.1.1, proto=https")], "127.0.0.1", true),
            ("127.0.0.1", &[(xff, "10.0.0.1, 10.0.0.2")], "127.0.0.1", true),
            ("127.0.0.1", &[], "127.0.0.1", true),
            // Strangers are believed nothing.
            ("203.0.113.9", &[(xff, "1.1.1.1")], "203.0.113.9", false),
            ("203.0.113.9", &[(fwd, "for=127.0.0.1")], "203.0.113.9", false),
        ] {
            let want = Remote { address: ip(want), shared };
            assert_eq!(proxies.remote(ip(peer), &headers(sent)), want, "{peer} {sent:?}");
        }
        let many = "10.0.0.1, ".repeat(1000) + "10.0.0.1";
        let sent = headers(&[(xff, &many)]);
        assert!(proxies.remote(ip("127.0.0.1"), &sent).shared);
    }

    #[test]
    fn without_the_setting_nobody_is_believed() {
        let sent = headers(&[("x-forwarded-for", "1.1.1.1"), ("forwarded", "for=1.1.1.1")]);
        for unknown in [false, true] {
            let proxies = Proxies { trusted: Vec::new(), unknown };
            let want = Remote { address: ip("127.0.0.1"), shared: unknown };
            assert_eq!(proxies.remote(ip("127.0.0.1"), &sent), want);
        }
    }
}
