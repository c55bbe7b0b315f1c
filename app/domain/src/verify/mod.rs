//! Is what is stored what the broker has? Small stretches are read again and compared, position by position.

mod compare;
mod port;

pub use compare::{Bytes, Comparison, ReadAt, StoredAt, Stretch, compare, difference};
pub use port::{
    Candidate, ChannelVerified, Compared, DifferenceShown, LONGEST_STRETCH, Verified, VerifyNow, VerifyWanted,
    Verifying,
};

use crate::Position;
use serde::{Deserialize, Serialize};

/// What is not as the broker has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// The broker has it, and the store does not.
    Missing,
    /// It is stored more than once.
    Doubled,
    /// Key, headers or payload are others, can't be read any more, or have another size.
    Bytes,
    /// The broker's own time of it is another.
    Time,
}

impl DifferenceKind {
    pub const ALL: [Self; 4] = [Self::Missing, Self::Doubled, Self::Bytes, Self::Time];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Doubled => "doubled",
            Self::Bytes => "bytes",
            Self::Time => "time",
        }
    }

    /// `None` for a word of a newer program.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// For people, after a position.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Missing => "is at the broker and not stored",
            Self::Doubled => "is stored more than once",
            Self::Bytes => "has other bytes than at the broker",
            Self::Time => "has another time than at the broker",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    pub position: Position,
    pub kind: DifferenceKind,
}
