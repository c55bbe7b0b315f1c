use super::{Cause, OutletKind};
use crate::{OutletId, Timestamp};

/// What could not be delivered within a day is given up.
pub const GIVEN_UP_AFTER: i64 = 86_400;
/// The first wait, doubled with each attempt up to the longest, in seconds.
const FIRST: i64 = 10;
const LONGEST: i64 = 3_600;

/// When the next attempt is due after so many failed ones; `None`: it is given up.
pub fn next_try(attempts: u32, queued: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let doubled = FIRST.checked_shl(attempts.saturating_sub(1).min(20)).unwrap_or(LONGEST);
    let next = now.plus_secs(doubled.clamp(FIRST, LONGEST));
    (next.micros_since(queued) <= GIVEN_UP_AFTER * 1_000_000).then_some(next)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// Not tried yet, or to be tried again.
    Waiting,
    Delivered,
    /// A day of attempts failed, or its outlet is gone or off.
    GivenUp,
}

impl DeliveryState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::GivenUp => "given_up",
        }
    }
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Waiting, Self::Delivered, Self::GivenUp].into_iter().find(|s| s.as_str() == word)
    }
}

/// One message to one outlet, as pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub id: String,
    /// `None`: the outlet was removed.
    pub outlet: Option<OutletId>,
    pub outlet_name: String,
    pub outlet_kind: OutletKind,
    pub cause: Cause,
    pub title: String,
    pub state: DeliveryState,
    pub attempts: u32,
    pub queued_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub next_at: Option<Timestamp>,
    /// What the last attempt came to, in words without secrets.
    pub error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_space_out_and_end_after_a_day() {
        let queued = Timestamp::EPOCH;
        let (mut now, mut attempts, mut waits) = (queued, 0, Vec::new());
        loop {
            attempts += 1;
            let Some(next) = next_try(attempts, queued, now) else { break };
            waits.push(next.micros_since(now) / 1_000_000);
            now = next;
        }
        assert_eq!(waits[..10], [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]);
        assert!(waits.iter().all(|w| *w <= 3600) && (25..40).contains(&waits.len()), "{waits:?}");
        assert!(now.micros_since(queued) <= GIVEN_UP_AFTER * 1_000_000);
        assert!(next_try(u32::MAX, queued, queued).is_some());
    }
}
