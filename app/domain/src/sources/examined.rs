//! What a test of a connection finds, step by step, and what lies behind it.

use serde::{Deserialize, Serialize};

/// The steps of a test, in the order in which they stand on one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// The names have addresses, and they may be used.
    Resolves,
    /// Something listens on the port.
    Opens,
    /// TLS as set, with a broker behind it.
    Secures,
    SignsIn,
    /// What the cluster tells its clients to connect to can be reached.
    Answers,
    Lists,
    Reads,
}

impl StepKind {
    pub const ALL: [Self; 7] =
        [Self::Resolves, Self::Opens, Self::Secures, Self::SignsIn, Self::Answers, Self::Lists, Self::Reads];

    /// As programs get it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resolves => "resolves",
            Self::Opens => "opens",
            Self::Secures => "secures",
            Self::SignsIn => "signs_in",
            Self::Answers => "answers",
            Self::Lists => "lists",
            Self::Reads => "reads",
        }
    }

    /// As a page heads it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Resolves => "The name has an address",
            Self::Opens => "The port opens",
            Self::Secures => "TLS",
            Self::SignsIn => "Signed in",
            Self::Answers => "Every broker can be reached",
            Self::Lists => "May list channels",
            Self::Reads => "May read",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    Passed {
        detail: String,
    },
    /// What is wrong, in words for a person and without a secret, and what to do about it. A command to copy stands
    /// on a line of its own.
    Failed {
        what: String,
        what_to_do: String,
    },
    Skipped {
        why: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub kind: StepKind,
    #[serde(flatten)]
    pub outcome: Outcome,
}

impl Step {
    pub fn passed(kind: StepKind, detail: impl Into<String>) -> Self {
        Self { kind, outcome: Outcome::Passed { detail: detail.into() } }
    }
    pub fn failed(kind: StepKind, what: impl Into<String>, what_to_do: impl Into<String>) -> Self {
        Self { kind, outcome: Outcome::Failed { what: what.into(), what_to_do: what_to_do.into() } }
    }
    pub fn skipped(kind: StepKind, why: impl Into<String>) -> Self {
        Self { kind, outcome: Outcome::Skipped { why: why.into() } }
    }
    pub const fn is_failed(&self) -> bool {
        matches!(self.outcome, Outcome::Failed { .. })
    }
}

/// A channel as the broker shows it before anything of it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewedChannel {
    pub name: String,
    pub partitions: u32,
    /// Some pattern includes it.
    pub included: bool,
    /// Positions that it holds now, and bytes on the broker's disks; unknown where the broker does not tell.
    pub records: Option<u64>,
    pub bytes: Option<u64>,
}

/// What the patterns of a source include and leave out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Preview {
    /// Included ones first, each part by name; at most [`Preview::MOST`] of each.
    pub channels: Vec<PreviewedChannel>,
    pub included: u32,
    pub left_out: u32,
    /// What the first reading takes, from where it is to begin: 0 from the latest event on.
    pub records_to_read: Option<u64>,
    pub bytes_to_read: Option<u64>,
    /// Why sizes are unknown ("needs DESCRIBE on the cluster").
    pub without_sizes: Option<String>,
}

impl Preview {
    /// Channels listed of either part at most; all are counted.
    pub const MOST: usize = 200;
}
