//! When a group is expected to read: alarms are raised of what should run and does not, and of nothing else. Learnt from
//! the hours in which it read, unless a person says it.

mod learn;
mod window;

pub use learn::{Habits, learn, usual_interval};
pub use window::{Days, Window};

use crate::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Expectation {
    /// Whenever something is unread.
    #[default]
    Continuous,
    /// In these windows; between them it may rest.
    Scheduled { windows: Vec<Window> },
    /// It comes and goes with whoever looks.
    Ephemeral,
    /// Nobody uses it any more.
    Retired,
}

/// Windows that a person may set.
const MOST_WINDOWS: usize = 24;

impl Expectation {
    /// Are its alarms raised now? `last_progress`: when it read last; `None`: never, as far as is known.
    ///
    /// What is scheduled is late once a window has ended in which it read nothing; earlier it is not expected to be done.
    pub fn raises_alarms(&self, now: Timestamp, last_progress: Option<Timestamp>) -> bool {
        match self {
            Self::Continuous => true,
            Self::Scheduled { windows } => windows.iter().filter_map(|w| w.last_begun_and_ended(now)).any(|began| {
                let early = began.plus_secs(-window::EARLY_SECS);
                last_progress.is_none_or(|read| read < early)
            }),
            Self::Ephemeral | Self::Retired => false,
        }
    }

    /// For a person: "runs daily 02:00-02:40 UTC".
    pub fn describe(&self) -> String {
        match self {
            Self::Continuous => "reads all the time".into(),
            Self::Scheduled { windows } => {
                let windows: Vec<_> = windows.iter().map(Window::to_string).collect();
                format!("runs {} UTC", windows.join(" and "))
            }
            Self::Ephemeral => "comes and goes, and raises no alarms".into(),
            Self::Retired => "not used any more, and raises no alarms".into(),
        }
    }

    /// What a person may set: `continuous`, `ephemeral`, `retired`, or windows in UTC as [`Display`](fmt::Display) writes
    /// them: `daily 02:00-02:40`, `Mon, Thu 22:00-01:30; Sat 04:00-05:00`.
    ///
    /// # Errors
    /// What is wrong and what may be written, in sentences.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        match text.to_ascii_lowercase().as_str() {
            "continuous" => return Ok(Self::Continuous),
            "ephemeral" => return Ok(Self::Ephemeral),
            "retired" => return Ok(Self::Retired),
            "" => return Err(format!("It is empty. {HOW}")),
            _ => {}
        }
        let mut windows = text
            .split(';')
            .map(|one| Window::parse(one).map_err(|why| format!("{why} {HOW}")))
            .collect::<Result<Vec<_>, _>>()?;
        if windows.len() > MOST_WINDOWS {
            return Err(format!("There are {} windows; {MOST_WINDOWS} at most.", windows.len()));
        }
        windows.sort_unstable();
        windows.dedup();
        Ok(Self::Scheduled { windows })
    }
}

const HOW: &str = "Write continuous, ephemeral, retired, or windows in UTC: daily 02:00-02:40; Mon, Thu 22:00-01:30.";

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Continuous => f.write_str("continuous"),
            Self::Scheduled { windows } => {
                windows.iter().enumerate().try_for_each(|(i, w)| write!(f, "{}{w}", if i == 0 { "" } else { "; " }))
            }
            Self::Ephemeral => f.write_str("ephemeral"),
            Self::Retired => f.write_str("retired"),
        }
    }
}

#[cfg(test)]
mod tests;
