//! Networks by address and prefix length: `10.0.0.0/8`, `2001:db8::/32`, `127.0.0.1`.

use std::{fmt, net::IpAddr, str::FromStr};

/// Every address that begins with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    /// IPv4 as IPv4, never mapped into IPv6.
    address: IpAddr,
    bits: u8,
}

impl Network {
    pub fn contains(self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(mine), IpAddr::V4(other)) => {
                same(mine.to_bits().into(), other.to_bits().into(), 32 - self.bits)
            }
            (IpAddr::V6(mine), IpAddr::V6(other)) => same(mine.to_bits(), other.to_bits(), 128 - self.bits),
            _ => false,
        }
    }
}

/// Are they the same but for the last bits?
fn same(a: u128, b: u128, but_for: u8) -> bool {
    (a ^ b).checked_shr(but_for.into()).unwrap_or(0) == 0
}

impl FromStr for Network {
    type Err = &'static str;

    /// # Errors
    /// Why it is none, going on after the text itself.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        let address = address.parse::<IpAddr>().map_err(|_| "which is no address")?;
        // An IPv4 address dressed as IPv6 is that address; a range of them is not said that way.
        let address = if bits.is_none() { address.to_canonical() } else { address };
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            None => most,
            Some(bits) => bits.parse().ok().filter(|b| *b <= most).ok_or("whose length is not one of the address")?,
        };
        let network = Self { address, bits };
        let beyond = match address {
            IpAddr::V4(v4) => u128::from(v4.to_bits()) & ones(32 - bits),
            IpAddr::V6(v6) => v6.to_bits() & ones(128 - bits),
        };
        if beyond != 0 {
            return Err("which has bits set beyond its length");
        }
        Ok(network)
    }
}

fn ones(count: u8) -> u128 {
    1_u128.checked_shl(count.into()).map_or(u128::MAX, |bit| bit - 1)
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_in_their_networks() {
        for (network, address, inside) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "::1", false),
            ("192.168.7.128/25", "192.168.7.127", false),
            ("192.168.7.128/25", "192.168.7.200", true),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::/0", "2001:db9::1", true),
            ("::1", "::1", true),
            ("::ffff:10.0.0.1", "10.0.0.1", true),
        ] {
            assert_eq!(
                network.parse::<Network>().unwrap().contains(address.parse().unwrap()),
                inside,
                "{network} {address}"
            );
        }
        for bad in
            ["", "10.0.0.0/33", "10.0.0.1/8", "::1/129", "2001:db8::1/32", "proxy", "10.0.0.0/", "10/8", "1.2.3.4/x"]
        {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }
}
