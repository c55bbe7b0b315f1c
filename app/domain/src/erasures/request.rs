use super::{KeptSubject, SubjectKind};
use crate::{ChannelId, ErasureId, PersonId, Timestamp};

/// Requests that may be open at once.
pub const MOST_OPEN: u32 = 50;
/// Requests that a list shows: those asked last.
pub const MOST_SHOWN: u32 = 200;
/// Characters of a reason, and of the word that goes with a refusal.
pub const LONGEST_REASON: usize = 500;
pub const LONGEST_WORD: usize = 300;
/// Undecided, a request ends after so many days.
pub const DAYS_OPEN: i64 = 7;

macro_rules! states {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// How far a request is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ErasureState { $($(#[$doc])* $name),+ }
        impl ErasureState {
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
            pub const fn as_str(self) -> &'static str { match self { $(Self::$name => $text),+ } }
            pub fn parse(s: &str) -> Option<Self> { Self::ALL.iter().copied().find(|k| k.as_str() == s) }
        }
    };
}

states! {
    /// What it would erase is being counted.
    Counting = "counting",
    /// For a second person.
    Waiting = "waiting",
    /// Approved; blocks are being rewritten.
    Running = "running",
    /// Everything is rewritten; the database is giving up what its tables held before.
    Cleaning = "cleaning",
    Done = "done",
    Declined = "declined",
    Withdrawn = "withdrawn",
    /// Nobody decided in time.
    Expired = "expired",
}

impl ErasureState {
    /// May somebody still decide?
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Counting | Self::Waiting)
    }
    /// Nothing more happens.
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::Done | Self::Declined | Self::Withdrawn | Self::Expired)
    }
}

/// A request as lists show it: never its subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    pub id: ErasureId,
    pub kind: SubjectKind,
    pub state: ErasureState,
    /// `None`: every channel, those too that are found later.
    pub channels: Option<Vec<ChannelId>>,
    pub reason: String,
    /// `None`: their account is gone.
    pub asked_by: Option<PersonId>,
    pub asked_name: String,
    pub asked_at: Timestamp,
    pub ends_at: Timestamp,
    /// Who approved, declined or withdrew.
    pub decided_name: Option<String>,
    pub decided_at: Option<Timestamp>,
    pub word: String,
    pub ended_at: Option<Timestamp>,
    /// What was erased so far.
    pub erased: u64,
    /// Left because a hold keeps it.
    pub left_held: u64,
    /// Blocks that can't be read: nothing was erased in them.
    pub unreadable: u64,
    /// Saved searches, and links to searches, that name the subject: found, or removed.
    pub searches: u32,
}

/// What was counted in one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    pub channel: ChannelId,
    pub events: u64,
    /// Of them: whose bytes are gone already (only the key's hash is erased),
    pub bare: u64,
    /// and which a hold keeps.
    pub held: u64,
    pub first: Timestamp,
    pub last: Timestamp,
}

/// A request with what the store knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureDetail {
    pub request: Erasure,
    /// By channel.
    pub counted: Vec<Counted>,
    /// `None`: forgotten.
    pub subject: Option<KeptSubject>,
    /// Names of the holds that keep some of it, at most 20.
    pub holds: Vec<String>,
}

/// A request as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasurePage {
    pub request: Erasure,
    /// Of channels that may be seen, with their names; and how many events were counted in others.
    pub counted: Vec<(String, Counted)>,
    pub elsewhere: u64,
    pub subject: Option<String>,
    pub holds: Vec<String>,
    /// The caller asked for it.
    pub own: bool,
    /// All its channels are the caller's to see, so that they may decide.
    pub whole: bool,
}

/// Who took an event's bytes, for its page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasedBy {
    pub id: ErasureId,
    pub at: Timestamp,
    pub asked_name: String,
    pub approved_name: String,
    pub reason: String,
}
