//! What observations of a partition mean: by Weir's rules, and by Burrow's, which people know. Pure: whoever observes says
//! what the time is.

mod burrow;
mod weir;

pub use burrow::burrow;
pub use weir::weir;

use super::{Status, Verdict};
use serde::{Deserialize, Serialize};

/// A position that was committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// The next position to be read.
    pub offset: i64,
    /// Milliseconds since 1970.
    pub at: i64,
    /// What was unread then; `None`: not known.
    #[serde(default)]
    pub lag: Option<u64>,
}

/// What was seen of a group on one partition, the oldest first. Also how files have it (`weir lag explain`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Observations {
    /// Milliseconds since 1970.
    pub now: i64,
    /// So much unread counts as none.
    #[serde(default)]
    pub allowed_lag: u64,
    /// What is unread now; `None`: not known.
    #[serde(default)]
    pub current_lag: Option<u64>,
    /// Ends of the partition over the last minutes.
    #[serde(default)]
    pub end_offsets: Vec<i64>,
    /// Ten minutes of them and more, for Weir's rules; Burrow's look at the last ten. Where only positions can be asked for, and
    /// not commits, each answer stands for one while somebody holds the partition, and each at which it moved otherwise: who
    /// holds it and does not move stands still, what nobody holds is silent.
    pub commits: Vec<Commit>,
}

/// What else is known, which Burrow does not ask for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Context {
    /// There are members in the group.
    pub group_active: bool,
    /// The broker says that nobody is in the group.
    pub group_empty: bool,
    /// Who holds the partition, in words: "app-1 at 10.0.0.7".
    pub held_by: Option<String>,
    /// How far its commits usually lie apart, where that is learnt ([`super::usual_interval`]).
    pub usual_interval_ms: Option<i64>,
    /// How old the oldest unread event is.
    pub time_lag_ms: Option<u64>,
    /// Events that arrived since the last commit.
    pub arrived: Option<u64>,
}

fn verdict(status: Status, rule: &str, reason: String) -> Verdict {
    Verdict { status, rule: rule.to_owned(), reason }
}

/// From one time to another in milliseconds; 0 where it goes back.
fn between(from: i64, to: i64) -> u64 {
    u64::try_from(to.saturating_sub(from)).unwrap_or(0)
}

/// `1 event unread`, `1,204 events unread`.
fn unread(n: u64) -> String {
    format!("{} unread", events(n))
}

fn events(n: u64) -> String {
    format!("{} {}", crate::figures::exact(n), if n == 1 { "event" } else { "events" })
}

#[cfg(test)]
mod tests;
