use serde::{Deserialize, Serialize};

/// How a group does on a partition. Ordered from the best to the worst: a group's status is its worst partition's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    Ok,
    /// Nothing can be said; never shown as 0 or as fine.
    Unknown,
    /// Its position went back.
    Rewind,
    /// It reads, yet falls behind.
    Warn,
    /// Somebody holds the partition, but stands still.
    Stall,
    /// It reads no more.
    Stop,
}

impl Status {
    pub const ALL: [Self; 6] = [Self::Ok, Self::Unknown, Self::Rewind, Self::Warn, Self::Stall, Self::Stop];

    /// As pages, programs and files write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Unknown => "UNKNOWN",
            Self::Rewind => "REWIND",
            Self::Warn => "WARN",
            Self::Stall => "STALL",
            Self::Stop => "STOP",
        }
    }

    /// As [`Self::as_str`] writes it, in any case of letters.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str().eq_ignore_ascii_case(word))
    }
}

/// A status, the rule that decided, and the reason in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub status: Status,
    /// The rule's name, for `weir lag explain` and the page.
    pub rule: String,
    /// For a person: "no commit for 4 min 10 s while 1,204 events arrived".
    pub reason: String,
}
