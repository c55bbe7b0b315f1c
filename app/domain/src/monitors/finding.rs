//! What a rule says of a group or a source now.

use super::{AlertState, Memory, Part, Rule, RuleKind, SourceHealth, words};
use crate::{
    Timestamp,
    capture::SourceState,
    lag::{Standing, Status},
};

/// A blip is no page: a source has to be away for this long.
const AWAY_US: i64 = 60_000_000;
/// An observation older than this is none of now.
const STALE_US: i64 = 300_000_000;
/// An open alert about time lag is over once it is below this share of its limit, in per cent.
const LATE_OVER: i64 = 80;
/// One about a loss, once it lies this much further ahead than its limit, in per cent.
const LOSS_OVER: i64 = 125;

/// Of one group on one channel, or of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Finding {
    Holds(AlertState, Part),
    Clear,
    /// Nothing can be said: whatever is open stays so, and nothing is opened.
    Unknown,
}

/// `open`: an alert of this rule is open, which takes more to be over than it took to be raised.
pub(super) fn of_group(
    rule: &Rule,
    s: &Standing,
    source: Option<&SourceHealth>,
    open: bool,
    memory: &Memory,
    now: Timestamp,
) -> Finding {
    // Nobody is told of a group that may stand still, as long as it may.
    if !s.alarms || source.is_some_and(|s| !s.wanted) {
        return Finding::Clear;
    }
    // What was seen long ago tells nothing of now.
    if now.micros_since(s.observed_at) > STALE_US {
        return Finding::Unknown;
    }
    let part = |reason: String| Part {
        channel: Some(s.channel.clone()),
        reason,
        forecast: Some(words::forecast(&s.forecast, now)),
        loss: s.loss.as_ref().map(|l| words::loss(l, now)),
        lag: s.lag,
    };
    match rule.kind {
        RuleKind::LosesUnread => match &s.loss {
            Some(loss) => {
                let left = loss.first.micros_since(now);
                let limit = if open { rule.limit_us() / 100 * LOSS_OVER } else { rule.limit_us() };
                match left {
                    n if n <= 0 => Finding::Holds(AlertState::Loses, part(words::loss(loss, now))),
                    n if n <= limit => Finding::Holds(AlertState::WillLose, part(words::loss(loss, now))),
                    _ => Finding::Clear,
                }
            }
            None if s.verdict.status == Status::Unknown => Finding::Unknown,
            None => Finding::Clear,
        },
        RuleKind::StandsStill => {
            let state = match s.verdict.status {
                Status::Stop => AlertState::Stop,
                Status::Stall => AlertState::Stall,
                Status::Unknown => return Finding::Unknown,
                Status::Ok | Status::Rewind | Status::Warn => return Finding::Clear,
            };
            let since = memory.still_since(s).unwrap_or(s.since);
            let long = now.micros_since(since);
            if !open && long < rule.limit_us() {
                return Finding::Clear;
            }
            let reason = format!("{} for {}: {}", s.verdict.status.as_str(), words::span(long), s.verdict.reason);
            Finding::Holds(state, part(reason))
        }
        RuleKind::TimeLag => {
            let Some(ms) = s.time_lag.ms() else { return Finding::Unknown };
            let late = i64::try_from(ms).unwrap_or(i64::MAX).saturating_mul(1000);
            let holds =
                if open { late > rule.limit_us() / 100 * LATE_OVER } else { late > rule.limit_us() && s.growing };
            if !holds {
                return Finding::Clear;
            }
            let grows = if s.growing { ", and it grows" } else { "" };
            Finding::Holds(
                AlertState::Late,
                part(format!("The oldest unread event is {} old{grows}.", words::span(late))),
            )
        }
        RuleKind::Source => Finding::Clear,
    }
}

pub(super) fn of_source(rule: &Rule, s: &SourceHealth, open: bool, memory: &Memory, now: Timestamp) -> Finding {
    if !s.wanted {
        return Finding::Clear;
    }
    let holds = |state, reason: String| {
        Finding::Holds(state, Part { channel: None, reason, forecast: None, loss: None, lag: None })
    };
    let limit = rule.limit_us();
    let long = s.since.map(|at| now.micros_since(at));
    let quiet = s.reported_at.map(|at| now.micros_since(at));
    // What a tap said long ago holds no longer: that none speaks is what is known.
    if quiet.is_none_or(|us| us >= limit) && long.is_none_or(|us| us >= limit) {
        let told = s.reported_at.map(|at| format!(" since {}", words::moment(at))).unwrap_or_default();
        return holds(AlertState::Silent, format!("No tap has reported of it{told}."));
    }
    match s.state {
        SourceState::Down | SourceState::Starting => {
            let enough = if s.state == SourceState::Down { AWAY_US.min(limit) } else { limit };
            let Some(long) = long.filter(|us| open || *us >= enough) else { return Finding::Clear };
            if s.state == SourceState::Starting && !open && long < limit {
                return Finding::Clear;
            }
            let why = s.reason.as_deref().unwrap_or("no reason was given").trim_end_matches('.');
            holds(AlertState::Unreachable, format!("It can't be reached for {}: {why}.", words::span(long)))
        }
        SourceState::Off => {
            let Some(long) = long.filter(|us| open || *us >= limit) else { return Finding::Clear };
            holds(AlertState::Silent, format!("Nothing is read of it for {}: its taps are off.", words::span(long)))
        }
        SourceState::Paused => Finding::Clear,
        SourceState::Up => {
            if let Some(blind) = unobserved(s, open, limit, memory, now) {
                return blind;
            }
            let behind = memory.marks.behind_for(&s.behind, now);
            if behind >= if open { limit / 100 * LATE_OVER } else { limit } {
                let many: i64 = s.behind.iter().map(|p| p.end.0.saturating_sub(p.next.0).max(0)).sum();
                let reason = format!("Its tap is {} behind, with {many} events to read.", words::span(behind));
                return holds(AlertState::TapBehind, reason);
            }
            // Just begun: how long what is unread has been there is not known yet.
            if open && !s.behind.is_empty() && now.micros_since(memory.since) < limit {
                return Finding::Unknown;
            }
            Finding::Clear
        }
    }
}

/// For how long an observation of groups may be missing: longer than it takes to be of no use, because observing goes
/// down to once in that time (`lag_every_s`).
const UNOBSERVED_US: i64 = STALE_US + AWAY_US;

/// Of a source that is read: its groups are not observed, so that nothing is raised of them and nothing ends.
fn unobserved(s: &SourceHealth, open: bool, limit: i64, memory: &Memory, now: Timestamp) -> Option<Finding> {
    let patience = limit.max(UNOBSERVED_US);
    let old = |at: Timestamp| now.micros_since(at) >= patience;
    if !s.has_groups || s.lag_observed_at.is_some_and(|at| !old(at)) {
        return None;
    }
    // Whoever has just begun, or just got the source back, gives observing the same time.
    if !old(memory.since) || s.since.is_some_and(|at| !old(at)) {
        return open.then_some(Finding::Unknown);
    }
    let since = s.lag_observed_at.map(|at| format!(" since {}", words::moment(at))).unwrap_or_default();
    let why = s.lag_failed.as_deref().map(|w| format!(": {}", w.trim_end_matches('.'))).unwrap_or_default();
    let reason = format!(
        "Its groups have not been observed{since}{why}. Until they are, nothing is told of them. Look whether a process \
         of Weir that observes groups runs, and whether the source's user may describe groups and read their positions."
    );
    let part = Part { channel: None, reason, forecast: None, loss: None, lag: None };
    Some(Finding::Holds(AlertState::Unobserved, part))
}

/// Nobody would be told of any group: of every source whose groups are to be observed, the last observation is of no use.
pub fn is_blind(sources: &[SourceHealth], now: Timestamp) -> bool {
    let mut wanted = sources.iter().filter(|s| s.wanted && s.has_groups).peekable();
    let old = |s: &SourceHealth| s.lag_observed_at.is_none_or(|at| now.micros_since(at) >= UNOBSERVED_US);
    wanted.peek().is_some() && wanted.all(old)
}
