use super::{RuleKind, Severity};
use crate::{AlertId, EnvironmentId, GroupId, RuleId, SourceId, Timestamp};
use serde::{Deserialize, Serialize};

/// Alerts that a list shows, of the open ones and of those that were over last each.
pub const MOST_SHOWN: u32 = 500;
/// A snooze lasts at most a week.
pub const LONGEST_SNOOZE_SECS: i64 = 7 * 86_400;

macro_rules! states {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $words:literal),+ $(,)?) => {
        /// What exactly is the matter. Of one kind of rule, a later one is worse.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum AlertState { $($(#[$doc])* $name),+ }
        impl AlertState {
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
            pub const fn as_str(self) -> &'static str { match self { $(Self::$name => $text),+ } }
            /// On a badge.
            pub const fn words(self) -> &'static str { match self { $(Self::$name => $words),+ } }
            pub fn parse(s: &str) -> Option<Self> { Self::ALL.iter().copied().find(|k| k.as_str() == s) }
        }
    };
}

states! {
    /// A group is late, and falls further behind.
    Late = "late", "LATE",
    /// A group holds its partitions and does not read.
    Stall = "stall", "STALL",
    /// A group reads no more.
    Stop = "stop", "STOP",
    /// Retention is going to delete what a group has not read.
    WillLose = "will_lose", "LOSES SOON",
    /// It does so now.
    Loses = "loses", "LOSES DATA",
    /// A source's tap is behind.
    TapBehind = "tap_behind", "TAP BEHIND",
    /// A source's groups are not observed.
    Unobserved = "unobserved", "NOT OBSERVED",
    /// No tap reports of a source.
    Silent = "silent", "SILENT",
    /// A source can't be reached.
    Unreachable = "unreachable", "UNREACHABLE",
}

/// What is the matter on one channel (of a source's own alert: on the source).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// `None`: about the source as a whole.
    pub channel: Option<String>,
    pub reason: String,
    pub forecast: Option<String>,
    pub loss: Option<String>,
    /// Unread events; `None`: unknown.
    pub lag: Option<u64>,
}

/// Who did something, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    pub name: String,
    pub at: Timestamp,
}

/// Something that somebody has to know, from when it was raised until it is over. One for a group and kind of rule,
/// whatever number of partitions and channels it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    pub id: AlertId,
    pub kind: RuleKind,
    pub rule: RuleId,
    pub severity: Severity,
    pub state: AlertState,
    pub source: SourceId,
    pub source_name: String,
    pub environment: EnvironmentId,
    pub environment_name: String,
    /// `None`: it is about the source.
    pub group: Option<(GroupId, String)>,
    pub parts: Vec<Part>,
    pub owner: Option<String>,
    /// How the broker stood, in words.
    pub broker: String,
    pub opened_at: Timestamp,
    /// When it was last seen to hold.
    pub seen_at: Timestamp,
    /// Since when it has not held; over after a while.
    pub clear_since: Option<Timestamp>,
    pub resolved_at: Option<Timestamp>,
    /// When a message was last queued for some outlet.
    pub told_at: Option<Timestamp>,
    /// The worst that was told.
    pub told_state: Option<AlertState>,
    pub acknowledged: Option<Act>,
    pub snoozed: Option<Act>,
    pub snoozed_until: Option<Timestamp>,
}

impl Alert {
    pub const fn is_open(&self) -> bool {
        self.resolved_at.is_none()
    }

    pub fn is_snoozed(&self, now: Timestamp) -> bool {
        self.snoozed_until.is_some_and(|until| until > now)
    }

    /// What it is about, for a person: the group, or the source.
    pub fn about(&self) -> &str {
        self.group.as_ref().map_or(self.source_name.as_str(), |(_, name)| name)
    }

    /// The page for whoever has to do something.
    pub fn path(&self) -> String {
        format!("/alerts/{}", self.id.0)
    }

    /// In a line.
    pub fn title(&self) -> String {
        let about = self.about();
        match self.state {
            AlertState::Late => format!("{about} falls behind"),
            AlertState::Stall => format!("{about} stands still (STALL)"),
            AlertState::Stop => format!("{about} reads no more (STOP)"),
            AlertState::WillLose => format!("{about} is going to lose unread data"),
            AlertState::Loses => format!("{about} loses unread data"),
            AlertState::TapBehind => format!("The tap of source {about} is behind"),
            AlertState::Unobserved => format!("Groups of source {about} are not observed"),
            AlertState::Silent => format!("No tap reports of source {about}"),
            AlertState::Unreachable => format!("Source {about} can't be reached"),
        }
    }
}

/// For how long nobody shall be told again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnoozeFor {
    OneHour,
    FourHours,
    /// Until eight o'clock (UTC) of the next morning that is at least four hours off.
    Morning,
    Until(Timestamp),
    /// No longer: tell again.
    End,
}

impl SnoozeFor {
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "1h" => Some(Self::OneHour),
            "4h" => Some(Self::FourHours),
            "morning" => Some(Self::Morning),
            "end" => Some(Self::End),
            _ => None,
        }
    }

    /// Until when; `Ok(None)`: not at all. `Err`: further ahead than a snooze may last, or in the past.
    pub fn until(self, now: Timestamp) -> Result<Option<Timestamp>, &'static str> {
        const DAY: i64 = 86_400_000_000;
        let at = match self {
            Self::End => return Ok(None),
            Self::OneHour => now.plus_secs(3_600),
            Self::FourHours => now.plus_secs(4 * 3_600),
            Self::Morning => {
                let eight = Timestamp(now.0.div_euclid(DAY) * DAY).plus_secs(8 * 3_600);
                if eight.micros_since(now) >= 4 * 3_600_000_000 { eight } else { eight.plus_secs(86_400) }
            }
            Self::Until(at) => at,
        };
        match at.micros_since(now) {
            n if n <= 0 => Err("It lies in the past."),
            n if n > LONGEST_SNOOZE_SECS * 1_000_000 => Err("A snooze lasts at most a week."),
            _ => Ok(Some(at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn until_the_morning_is_neither_now_nor_the_day_after() {
        let day = Timestamp(1_795_305_600_000_000); // 2026-11-22T00:00:00Z
        for (hour, want) in [(0, 8), (3, 8), (4, 8), (5, 32), (8, 32), (12, 32), (23, 32)] {
            let until = SnoozeFor::Morning.until(day.plus_secs(hour * 3600)).unwrap().unwrap();
            assert_eq!(until.micros_since(day) / 3_600_000_000, want, "at {hour}");
        }
        assert_eq!(SnoozeFor::End.until(day), Ok(None));
        assert!(SnoozeFor::Until(day).until(day).is_err());
        assert!(SnoozeFor::Until(day.plus_secs(8 * 86_400)).until(day).is_err());
        assert_eq!(SnoozeFor::parse("4h"), Some(SnoozeFor::FourHours));
        assert_eq!(SnoozeFor::parse("5h"), None);
    }
}
