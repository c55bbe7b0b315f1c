//! Slower with each failed log-in, per log-in name and per remote address. Counts live in the
//! database, so that several processes and restarts share them; it sees digests only.

use sha2::{Digest, Sha256};
use std::net::{IpAddr, Ipv6Addr};
use weir_domain::{CaseError, StoreError, Timestamp, access::Accounts};

/// Whose failures are counted.
pub(super) struct Subjects {
    login: [u8; 32],
    remote: [u8; 32],
}

impl Subjects {
    /// Unknown log-in names are counted like known ones: the wait must not tell them apart.
    pub fn new(login: &str, remote: &str) -> Self {
        Self { login: digest("login", login), remote: digest("remote", &network(remote)) }
    }

    pub async fn wait_or_go(&self, accounts: &dyn Accounts, now: Timestamp) -> Result<(), CaseError> {
        for subject in [&self.login, &self.remote] {
            if let Some(until) = accounts.log_in_wait(subject, now).await?.filter(|t| *t > now) {
                return Err(CaseError::TooMany { seconds: seconds(until.micros_since(now)) });
            }
        }
        Ok(())
    }

    pub async fn failed(&self, accounts: &dyn Accounts, now: Timestamp) -> Result<(), StoreError> {
        accounts.log_in_failed(&self.login, now).await?;
        accounts.log_in_failed(&self.remote, now).await?;
        Ok(())
    }

    /// Both start anew: people behind one address would else pay for each other's typing errors.
    /// Who owns an account and guesses at others is still held by each name's own count.
    pub async fn succeeded(&self, accounts: &dyn Accounts) -> Result<(), StoreError> {
        accounts.log_in_succeeded(&self.login).await?;
        accounts.log_in_succeeded(&self.remote).await
    }
}

/// Whoever has one IPv6 address has its whole /64; an IPv4 address in IPv6 clothes is the same address.
fn network(remote: &str) -> String {
    match remote.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V6(ip)) => Ipv6Addr::from_bits(ip.to_bits() & (!0 << 64)).to_string(),
        Ok(ip) => ip.to_string(),
        Err(_) => remote.to_owned(),
    }
}

/// The kind is part of what is hashed: no log-in name can stand for an address.
fn digest(kind: &str, subject: &str) -> [u8; 32] {
    Sha256::new().chain_update(kind).chain_update([0]).chain_update(subject).finalize().into()
}

/// Rounded up, so that a person who waits as told is not turned away again.
fn seconds(micros: i64) -> u32 {
    let up = micros.max(0).saturating_add(999_999) / 1_000_000;
    u32::try_from(up).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stands_for_what_its_owner_can_choose_from() {
        for (a, b, same) in [
            ("2001:db8::1", "2001:db8::ffff:1:2:3", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
            ("::ffff:192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("unix", "unix", true),
        ] {
            assert_eq!(network(a) == network(b), same, "{a} {b}");
        }
        assert_ne!(digest("login", "192.0.2.1"), digest("remote", "192.0.2.1"));
    }

    #[test]
    fn waits_are_rounded_up() {
        for (micros, want) in [(-5, 1), (0, 1), (1, 1), (1_000_000, 1), (1_000_001, 2), (i64::MAX, u32::MAX)] {
            assert_eq!(seconds(micros), want, "{micros}");
        }
    }
}
