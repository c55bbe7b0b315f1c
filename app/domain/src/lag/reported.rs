//! Positions of applications that keep them elsewhere (Spark, Flink) and report them.

use super::GroupState;
use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// Positions of one report, at most.
pub const MOST_REPORTED: usize = 2_000;
/// Groups that report, of one source.
pub const MOST_REPORTING: u32 = 1_000;
/// Who has not reported for longer counts as not running.
const RUNS_S: i64 = 300;
/// Who has not reported for longer is forgotten.
pub const REPORTED_FOR_S: i64 = 7 * 86_400;

/// What an application reported last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedGroup {
    /// As it calls itself; a name that no group at the broker has.
    pub name: String,
    pub application: String,
    /// From where it was reported.
    pub host: String,
    pub at: Timestamp,
    pub positions: Vec<ReportedPosition>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ReportedPosition {
    pub channel: String,
    pub partition: i32,
    /// Next position to be read.
    pub next: i64,
}

impl ReportedGroup {
    /// By the age of the report: nothing else tells whether the application runs.
    pub fn state(&self, now: Timestamp) -> GroupState {
        if self.at < now.plus_secs(-RUNS_S) { GroupState::Empty } else { GroupState::Stable }
    }
}

/// Why a report was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotReported {
    /// The broker has a group of that name.
    Taken,
    /// Of this source as many report as may.
    Full,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_silent_does_not_run() {
        let at = Timestamp::from_millis(1_790_000_000_000);
        let group =
            ReportedGroup { name: "g".into(), application: "a".into(), host: "h".into(), at, positions: Vec::new() };
        assert_eq!(group.state(at.plus_secs(RUNS_S)), GroupState::Stable);
        assert_eq!(group.state(at.plus_secs(-5)), GroupState::Stable, "a clock that differs");
        assert_eq!(group.state(at.plus_secs(RUNS_S + 1)), GroupState::Empty);
    }
}
