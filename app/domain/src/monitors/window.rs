use super::Scope;
use crate::{CaseError, Timestamp, WindowId};

/// Windows that may be kept which are not over.
pub const MOST_WINDOWS: u32 = 100;
/// A window lasts at most two weeks: what is always quiet wants a rule that is off.
pub const LONGEST_WINDOW_SECS: i64 = 14 * 86_400;
/// It may lie this far ahead.
const FURTHEST_SECS: i64 = 366 * 86_400;
const LONGEST_REASON: usize = 300;

/// A time in which nobody is told of what it covers. Alerts are raised all the same, and told when it ends if they last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    pub id: WindowId,
    pub scope: Scope,
    pub from: Timestamp,
    pub to: Timestamp,
    pub reason: String,
    pub made_name: String,
}

impl Window {
    pub fn holds(&self, now: Timestamp) -> bool {
        self.from <= now && now < self.to
    }
}

/// A window as somebody wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowDraft {
    pub scope: Scope,
    pub from: Timestamp,
    pub to: Timestamp,
    pub reason: String,
}

impl WindowDraft {
    /// # Errors
    /// Says what can't be used.
    pub fn read(self, id: WindowId, made_name: &str, now: Timestamp) -> Result<Window, CaseError> {
        let invalid = |what: &str, what_to_do: &str| {
            Err(CaseError::Invalid { what: what.to_owned(), what_to_do: what_to_do.to_owned() })
        };
        let long = self.to.micros_since(self.from);
        if long <= 0 || self.to <= now {
            return invalid(
                "The window ends before it begins, or is over already.",
                "Put its end later; times are UTC.",
            );
        }
        if long > LONGEST_WINDOW_SECS * 1_000_000 || self.from.micros_since(now) > FURTHEST_SECS * 1_000_000 {
            return invalid(
                "A window lasts at most 14 days and begins within a year.",
                "For what is never to be told, switch its rule off.",
            );
        }
        let reason = self.reason.trim();
        if reason.is_empty() || reason.chars().count() > LONGEST_REASON || reason.chars().any(char::is_control) {
            return invalid("The reason has 1 to 300 characters on one line.", "Say what is being done.");
        }
        Ok(Window {
            id,
            scope: self.scope,
            from: self.from,
            to: self.to,
            reason: reason.to_owned(),
            made_name: made_name.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_end_after_they_begin_and_are_bounded() {
        let t = |n| Timestamp::EPOCH.plus_secs(n);
        let read = |from, to, reason: &str| {
            let draft = WindowDraft { scope: Scope::everything(), from: t(from), to: t(to), reason: reason.into() };
            draft.read(WindowId("w".into()), "Mara", t(1000))
        };
        let w = read(500, 2000, " upgrade ").unwrap();
        assert_eq!(
            (w.reason.as_str(), w.holds(t(499)), w.holds(t(500)), w.holds(t(2000))),
            ("upgrade", false, true, false)
        );
        for (from, to, reason) in [
            (2000, 2000, "x"),
            (1, 1000, "x"),
            (1000, 1001 + 14 * 86_400, "x"),
            (1000 + 367 * 86_400, 1001 + 367 * 86_400, "x"),
            (1000, 2000, " "),
        ] {
            assert!(read(from, to, reason).is_err(), "{from} {to} {reason}");
        }
    }
}
