use super::{Cause, OutletKind, Severity};
use crate::{OutletId, Timestamp};

/// What could not be delivered within a day is given up.
pub const GIVEN_UP_AFTER: i64 = 86_400;
/// The first wait, doubled with each attempt up to the longest, in seconds.
const FIRST: i64 = 10;
const LONGEST: i64 = 3_600;
/// What wakes somebody is not late by more than this once its outlet is back.
const LONGEST_OF_PAGES: i64 = 300;
/// A receiver that says when to come again is obeyed, within reason.
const LONGEST_ASKED: i64 = 900;

/// Of a delivery, for the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tried {
    /// Attempts that failed, this one among them.
    pub attempts: u32,
    pub severity: Severity,
    pub queued_at: Timestamp,
    /// What the receiver asked to be left alone for, in seconds.
    pub asked_s: Option<u32>,
}

/// When the next attempt is due; `None`: it is given up.
pub fn next_try(tried: Tried, now: Timestamp) -> Option<Timestamp> {
    let longest = match tried.severity {
        Severity::Page => LONGEST_OF_PAGES,
        Severity::Notify => LONGEST,
    };
    let doubled = FIRST.checked_shl(tried.attempts.saturating_sub(1).min(20)).unwrap_or(longest);
    let asked = tried.asked_s.map_or(0, within_reason);
    let next = now.plus_secs(doubled.clamp(FIRST, longest).max(asked));
    (next.micros_since(tried.queued_at) <= GIVEN_UP_AFTER * 1_000_000).then_some(next)
}

/// Until when an outlet is left alone that asked for it.
pub fn left_alone(asked_s: u32, now: Timestamp) -> Timestamp {
    now.plus_secs(within_reason(asked_s))
}

fn within_reason(asked_s: u32) -> i64 {
    i64::from(asked_s).min(LONGEST_ASKED)
}

/// How an attempt went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt<'a> {
    /// It arrived; with what went wrong all the same.
    Arrived(Option<&'a str>),
    /// `next`: when it is tried again; `None`: it is given up.
    Failed { why: &'a str, next: Option<Timestamp> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// Not tried yet, or to be tried again.
    Waiting,
    Delivered,
    /// A day of attempts failed, its outlet is gone or off, or what it told of was over before it could be sent.
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
    /// What the last attempt came to, in words without secrets. Of one that arrived: what went wrong all the same.
    pub error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(severity: Severity) -> Vec<i64> {
        let queued_at = Timestamp::EPOCH;
        let (mut now, mut attempts, mut waits) = (queued_at, 0, Vec::new());
        loop {
            attempts += 1;
            let Some(next) = next_try(Tried { attempts, severity, queued_at, asked_s: None }, now) else { break };
            waits.push(next.micros_since(now) / 1_000_000);
            now = next;
        }
        assert!(now.micros_since(queued_at) <= GIVEN_UP_AFTER * 1_000_000);
        waits
    }

    #[test]
    fn attempts_space_out_and_end_after_a_day() {
        let notify = waits(Severity::Notify);
        assert_eq!(notify[..10], [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]);
        assert!(notify.iter().all(|w| *w <= 3600) && (25..40).contains(&notify.len()), "{notify:?}");
        let page = waits(Severity::Page);
        assert_eq!(page[..7], [10, 20, 40, 80, 160, 300, 300]);
        assert!(page.iter().all(|w| *w <= 300) && (280..300).contains(&page.len()), "{page:?}");
    }

    #[test]
    fn a_receiver_that_says_when_to_come_again_is_obeyed_within_reason() {
        let asked = |attempts, asked_s| {
            let tried = Tried { attempts, severity: Severity::Page, queued_at: Timestamp::EPOCH, asked_s };
            next_try(tried, Timestamp::EPOCH).map(|t| t.micros_since(Timestamp::EPOCH) / 1_000_000)
        };
        assert_eq!(asked(1, Some(120)), Some(120));
        assert_eq!(asked(1, Some(u32::MAX)), Some(900));
        assert_eq!(asked(1, Some(0)), Some(10), "not sooner than without");
        assert_eq!(asked(u32::MAX, None), Some(300));
    }
}
