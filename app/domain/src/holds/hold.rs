use crate::{CaseError, ChannelId, EventId, HoldId, Timestamp, events::KeyHash};

/// Holds that may stand at once.
pub const HELD_AT_MOST: u32 = 100;
/// Holds that a list shows: those that stand, then those that ended last.
pub const MOST_SHOWN: u32 = 300;
/// Characters of a name, and of a reason.
pub const LONGEST_NAME: usize = 100;
pub const LONGEST_REASON: usize = 500;
/// A hold ends after ten years at most; it may be placed anew.
pub const LONGEST_DAYS: i64 = 3_653;

/// What a hold keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// What sorts into a range of a channel; half-open, either end may be open.
    Channel { channel: ChannelId, from: Option<Timestamp>, to: Option<Timestamp> },
    /// Every event with a key, in every channel; by its hash, `None` once the hold has ended.
    Key(Option<KeyHash>),
    /// These, as many as are named.
    Events(Vec<EventId>),
}

impl Held {
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Channel { .. } => "channel",
            Self::Key(_) => "key",
            Self::Events(_) => "events",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    pub id: HoldId,
    pub name: String,
    pub held: Held,
    pub reason: String,
    pub made_name: String,
    pub made_at: Timestamp,
    pub ends_at: Timestamp,
    /// Ended early.
    pub ended_at: Option<Timestamp>,
    pub ended_name: Option<String>,
    /// Bytes on disk of the buckets that it keeps past their retention, as far as that has come about.
    pub pinned_bytes: u64,
    pub pinned_buckets: u32,
}

impl Hold {
    pub fn stands(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && self.ends_at > now
    }
}

/// A name as it is kept: one line, without white space around it.
///
/// # Errors
/// When nothing is left of it, or too much.
pub fn hold_name(raw: &str) -> Result<String, CaseError> {
    let name = raw.trim();
    if (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err(CaseError::Invalid {
        what: format!("A hold's name has 1 to {LONGEST_NAME} characters on one line."),
        what_to_do: "Name it after the case that it serves.".into(),
    })
}
