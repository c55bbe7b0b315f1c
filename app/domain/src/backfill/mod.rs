//! Filling from what the broker still has: what lies before capture began, and the content of what was stored without it.

mod content;
mod port;

pub use content::{
    ContentDone, ContentFill, ContentNotBegun, ContentPart, ContentRead, ContentStored, ContentWaits, ContentWanted,
    ContentWork, Contents, Lacking, Next, Times,
};
pub use port::{Backfill, BackfillWork, Backfills, FillPart, Fillable, Filling, NotBegun};

use serde::{Deserialize, Serialize};

/// How the filling of a channel stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FillState {
    Running,
    Paused,
    /// A person ended it; what was filled stays, and it can be begun again where it ended.
    Stopped,
    Done,
    /// It does not go on by itself; the reason is kept.
    Failed,
}

impl FillState {
    pub const ALL: [Self; 5] = [Self::Running, Self::Paused, Self::Stopped, Self::Done, Self::Failed];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    /// A word of a newer program claims that nothing is done.
    pub fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.as_str() == word).unwrap_or(Self::Stopped)
    }
}

/// The slowest and the fastest that somebody may ask for, in bytes a second.
pub const LEAST_BYTES_PER_S: u64 = 64 << 10;
pub const MOST_BYTES_PER_S: u64 = 1 << 30;
