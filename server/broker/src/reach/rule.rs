use super::Network;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What sources made in the browser may connect to: everything but this machine, the link, and the addresses by which
/// clouds tell machines their secrets; unless it is allowed by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressRule {
    /// Allowed whatever they are (`allow_addresses`).
    pub allow: Vec<Network>,
    /// This machine may be reached, because only who is on it can reach Weir.
    pub loopback: bool,
}

/// Where clouds tell machines about themselves, credentials included. Most are link-local; these are not.
const METADATA_V4: [Ipv4Addr; 3] =
    [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(192, 0, 0, 192), Ipv4Addr::new(168, 63, 129, 16)];
const METADATA_V6: [Ipv6Addr; 2] =
    [Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)];

impl AddressRule {
    /// Why this address may not be connected to; `None` if it may.
    pub fn refuses(&self, address: IpAddr) -> Option<&'static str> {
        let address = plain(address);
        if self.allow.iter().any(|n| n.contains(address)) {
            return None;
        }
        let unspecified = match address {
            // All of 0.0.0.0/8 is "this host".
            IpAddr::V4(v4) => v4.octets()[0] == 0,
            IpAddr::V6(v6) => v6.is_unspecified(),
        };
        let link_local = match address {
            IpAddr::V4(v4) => v4.is_link_local(),
            IpAddr::V6(v6) => v6.is_unicast_link_local(),
        };
        let metadata = match address {
            IpAddr::V4(v4) => METADATA_V4.contains(&v4) || v4 == Ipv4Addr::new(169, 254, 169, 254),
            IpAddr::V6(v6) => METADATA_V6.contains(&v6),
        };
        let broadcast = matches!(address, IpAddr::V4(v4) if v4.is_broadcast());
        if metadata {
            Some("an address by which a cloud tells its machines their credentials")
        } else if link_local {
            Some("a link-local address")
        } else if unspecified {
            Some("no address of one machine")
        } else if address.is_multicast() || broadcast {
            Some("an address of many machines")
        } else if address.is_loopback() && !self.loopback {
            Some("this server itself")
        } else {
            None
        }
    }
}

/// An IPv4 address that is written as one of IPv6 (mapped, compatible, NAT64, 6to4) is still that address.
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let s = v6.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match s {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => v4(high, low),
        [0x2002, high, low, ..] => v4(high, low),
        // `::` and `::1` are IPv6's own.
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 || low > 1 => v4(high, low),
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(allow: &[&str], loopback: bool) -> AddressRule {
        AddressRule { allow: allow.iter().map(|n| n.parse().unwrap()).collect(), loopback }
    }

    #[test]
    fn what_is_near_this_server_is_refused_in_every_spelling() {
        let closed = rule(&[], false);
        for refused in [
            "169.254.169.254",
            "169.254.0.1",
            "fe80::1",
            "febf::1",
            "100.100.100.200",
            "192.0.0.192",
            "168.63.129.16",
            "fd00:ec2::254",
            "fd20:ce::254",
            "0.0.0.0",
            "0.1.2.3",
            "::",
            "224.0.0.1",
            "255.255.255.255",
            "ff02::1",
            "127.0.0.1",
            "127.1.2.3",
            "::1",
            // The same, dressed as IPv6.
            "::ffff:169.254.169.254",
            "::ffff:127.0.0.1",
            "::169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
            "2002:7f00:1::",
        ] {
            assert!(closed.refuses(refused.parse().unwrap()).is_some(), "{refused}");
        }
        for reached in [
            "10.0.0.1",
            "192.168.1.1",
            "172.16.0.1",
            "8.8.8.8",
            "100.64.0.1",
            "2001:db8::1",
            "fd00::1",
            "::ffff:10.0.0.1",
        ] {
            assert_eq!(closed.refuses(reached.parse().unwrap()), None, "{reached}");
        }
    }

    #[test]
    fn what_is_allowed_by_name_is_reached_and_nothing_beside_it() {
        let open = rule(&["169.254.7.0/24", "fe80::/10", "::ffff:100.100.100.200"], true);
        for reached in ["169.254.7.9", "::ffff:169.254.7.9", "fe80::9", "100.100.100.200", "127.0.0.1", "::1"] {
            assert_eq!(open.refuses(reached.parse().unwrap()), None, "{reached}");
        }
        for refused in ["169.254.8.1", "169.254.169.254", "0.0.0.0", "168.63.129.16"] {
            assert!(open.refuses(refused.parse().unwrap()).is_some(), "{refused}");
        }
        assert_eq!(rule(&["0.0.0.0/0"], false).refuses("169.254.169.254".parse().unwrap()), None);
    }
}
