//! The range to ask for, by the server's clock.

use super::range::End;
use weir_domain::{Timestamp, events::TimeRange};

/// Why a range can't be used; the page says it beside the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RangeProblem {
    From,
    To,
    Backwards,
}

impl RangeProblem {
    /// What is wrong, and what to do.
    pub(super) const fn words(self) -> (&'static str, &'static str) {
        const WRITE: &str = "Write it like 2026-11-22T14:30:00Z or -1h; times are in UTC.";
        match self {
            Self::From => ("The beginning of the range is not a time.", WRITE),
            Self::To => ("The end of the range is not a time.", WRITE),
            Self::Backwards => ("The range ends before it begins.", "Swap its two times."),
        }
    }
}

/// The range to ask for at `now`. Empty texts are open ends.
pub(super) fn resolve(from: Option<&str>, to: Option<&str>, now: Timestamp) -> Result<TimeRange, RangeProblem> {
    let end = |text: Option<&str>, problem| {
        text.filter(|t| !t.trim().is_empty()).map(|t| End::parse(t).map(|e| at(e, now)).ok_or(problem)).transpose()
    };
    TimeRange::new(end(from, RangeProblem::From)?, end(to, RangeProblem::To)?).map_err(|_| RangeProblem::Backwards)
}

const fn at(end: End, now: Timestamp) -> Timestamp {
    match end {
        End::Ago(secs) => now.plus_secs(-secs),
        End::At(t) => t,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_357_928_000_000);

    #[test]
    fn a_range_is_half_open_and_forward() {
        assert_eq!(resolve(Some("-1h"), None, NOW), Ok(TimeRange { from: Some(NOW.plus_secs(-3600)), to: None }));
        assert_eq!(resolve(Some(""), Some(" "), NOW), Ok(TimeRange::default()));
        assert_eq!(resolve(Some("x"), None, NOW), Err(RangeProblem::From));
        assert_eq!(resolve(None, Some("x"), NOW), Err(RangeProblem::To));
        assert_eq!(resolve(Some("-1h"), Some("-2h"), NOW), Err(RangeProblem::Backwards));
    }
}
