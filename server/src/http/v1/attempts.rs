//! Wrong tokens make their address wait. A token can't be guessed; this keeps guessing from keeping the database busy.
//! In memory and per process: nothing is to be remembered over a restart.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

/// How often an address that sent too many wrong tokens gets one more.
const ONE_MORE: Duration = Duration::from_secs(3);
/// Addresses that are remembered. Beyond that the ones that have been quiet longest are forgotten.
const MOST_ADDRESSES: usize = 4096;
/// A token that was right within this time is let through whatever its address sent: others may share the address.
const GOOD_FOR: Duration = Duration::from_secs(600);
const MOST_GOOD: usize = 4096;

#[derive(Debug)]
pub struct Attempts {
    /// Wrong tokens that an address may send at once.
    at_once: u32,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Until when all that was sent is worked off, by address.
    until: HashMap<String, Instant>,
    /// Digests of tokens, and when they were right.
    good: HashMap<[u8; 32], Instant>,
}

impl Attempts {
    pub fn new(at_once: u32) -> Self {
        Self { at_once: at_once.max(1), inner: Mutex::default() }
    }

    /// Seconds that this address must wait before it may send a token that was not seen to be right; `None`: go on.
    pub fn wait(&self, address: &str, token: &str) -> Option<u32> {
        let now = Instant::now();
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let over = inner.until.get(address)?.checked_duration_since(now + ONE_MORE * (self.at_once - 1))?;
        if inner.good.get(&digest(token)).is_some_and(|at| now.duration_since(*at) < GOOD_FOR) {
            return None;
        }
        let seconds = over.as_millis().div_ceil(1000);
        (seconds > 0).then(|| u32::try_from(seconds).unwrap_or(u32::MAX))
    }

    pub fn wrong(&self, address: &str) {
        let now = Instant::now();
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.until.len() >= MOST_ADDRESSES && !inner.until.contains_key(address) {
            inner.until.retain(|_, until| *until > now);
            if inner.until.len() >= MOST_ADDRESSES
                && let Some(quietest) = inner.until.iter().min_by_key(|(_, until)| **until).map(|(a, _)| a.clone())
            {
                inner.until.remove(&quietest);
            }
        }
        let until = inner.until.entry(address.to_owned()).or_insert(now);
        // Never further ahead than what may be sent at once and one: waiting as told is enough.
        *until = ((*until).max(now) + ONE_MORE).min(now + ONE_MORE * (self.at_once + 1));
    }

    pub fn right(&self, token: &str) {
        let now = Instant::now();
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.good.len() >= MOST_GOOD {
            inner.good.retain(|_, at| now.duration_since(*at) < GOOD_FOR);
        }
        if inner.good.len() < MOST_GOOD {
            inner.good.insert(digest(token), now);
        }
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_ONCE: u32 = 20;

    #[tokio::test(start_paused = true)]
    async fn wrong_tokens_make_their_address_wait_and_no_other() {
        let attempts = Attempts::new(AT_ONCE);
        for n in 0..AT_ONCE {
            assert_eq!(attempts.wait("a", "t"), None, "{n}");
            attempts.wrong("a");
        }
        let wait = attempts.wait("a", "t").unwrap();
        assert!((1..=3).contains(&wait), "{wait}");
        assert_eq!(attempts.wait("b", "t"), None);
        tokio::time::advance(Duration::from_secs(wait.into())).await;
        assert_eq!(attempts.wait("a", "t"), None, "whoever waits as told is let in");
        for _ in 0..1000 {
            attempts.wrong("a");
        }
        assert!(attempts.wait("a", "t").unwrap() <= 6, "a flood is not paid for later");
        tokio::time::advance(ONE_MORE * (AT_ONCE + 1)).await;
        assert_eq!(attempts.wait("a", "t"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_good_token_does_not_wait_for_its_neighbours() {
        let attempts = Attempts::new(AT_ONCE);
        attempts.right("good");
        for _ in 0..100 {
            attempts.wrong("a");
        }
        assert_eq!(attempts.wait("a", "good"), None);
        assert!(attempts.wait("a", "other").is_some());
        for _ in 0..200 {
            attempts.wrong("a");
            tokio::time::advance(Duration::from_secs(3)).await;
        }
        for _ in 0..100 {
            attempts.wrong("a");
        }
        assert!(attempts.wait("a", "good").is_some(), "it was right long ago");
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded() {
        let attempts = Attempts::new(AT_ONCE);
        for n in 0..10_000 {
            attempts.wrong(&format!("address {n}"));
            attempts.right(&format!("token {n}"));
        }
        let inner = attempts.inner.lock().unwrap();
        assert!(inner.until.len() <= MOST_ADDRESSES && inner.good.len() <= MOST_GOOD);
    }
}
