//! Weir's own verdicts. They are Burrow's but for what is known to go wrong with those:
//!
//! | Burrow | here |
//! |---|---|
//! | ten commits, be they of ten seconds or of a day | commits of ten minutes, and at least three |
//! | a group that nobody is in must be watched for a while | stopped, if what is unread is older than ten minutes |
//! | one commit with nothing unread clears all ten | only commits since then count |
//! | one small dip clears lag that grows | growth counts unless half of it was made up for; a minute is the least |
//! | silent for longer than the ten commits took is a stop | two minutes, or three of its usual intervals |
//! | whoever idled is stopped as soon as something comes | silence counts while something is unread |
//! | standing still must fill all ten commits | two minutes, whatever was before |
//! | only the first rewind is looked at, however old | any of the last ten minutes |
//! | a handful of unread events, or young ones, are as bad as many | fine, but for old ones of who stopped or stands still |
//! | what is not known is fine | is unknown |
//! | whole seconds | milliseconds |

use super::{Commit, Context, Observations, between, events, unread, verdict};
use crate::{
    figures::{exact_signed, lasting},
    lag::{Status, Verdict, expectation::usual_interval},
};

const MINUTE: u64 = 60_000;
/// Commits of this time count,
const WINDOW: u64 = 10 * MINUTE;
/// and so many at least: fewer tell no direction.
const LEAST_COMMITS: usize = 3;
/// Growth over less than this is a moment.
const LEAST_GROWTH: u64 = MINUTE;
/// Whatever is unread, it is fine while it is younger than this;
const YOUNG: u64 = MINUTE;
/// where its age is not known, while there is less than this. So few are no growth and no rewind worth telling at any age.
const FEW: u64 = 100;
/// One unread position may be the end marker of a transaction, which nobody reads: it proves nothing.
const MARKER: u64 = 1;
/// Nobody is called stopped or stalled before that.
const LEAST_STANDSTILL: u64 = 2 * MINUTE;
/// Silent for so many of its usual intervals: stopped.
const INTERVALS: u64 = 3;

/// What Weir says of it.
pub fn weir(seen: &Observations, context: &Context) -> Verdict {
    let Some(last) = seen.commits.last() else { return uncommitted(seen, context) };
    let Some(lag) = seen.current_lag else {
        return verdict(Status::Unknown, "lag-unknown", "how much is unread is not known".into());
    };
    if lag <= seen.allowed_lag {
        let reason = match lag {
            0 => "nothing is unread".into(),
            _ => format!("{}, no more than is allowed", unread(lag)),
        };
        return verdict(Status::Ok, "drained", reason);
    }
    let case = Case { seen, context, last, lag, waiting: waiting(seen, context) };
    // The worst first.
    let rules = [Case::below_floor, Case::left_alone, Case::silent, Case::went_back, Case::stands_still, Case::grows];
    rules.iter().find_map(|rule| rule(&case)).unwrap_or_else(|| case.keeps_up())
}

/// Nobody committed anything that was seen.
fn uncommitted(seen: &Observations, context: &Context) -> Verdict {
    if context.group_active {
        let though = match &context.held_by {
            Some(member) => format!("{member} holds it"),
            None => "the group is active".into(),
        };
        return verdict(
            Status::Unknown,
            "uncommitted",
            format!("nothing is committed for this partition, though {though}"),
        );
    }
    match seen.current_lag {
        Some(lag) if lag > seen.allowed_lag => {
            verdict(Status::Unknown, "no-commits", format!("{}, and no commit was seen yet", unread(lag)))
        }
        Some(_) => verdict(Status::Ok, "drained", "nothing is unread".into()),
        None => verdict(Status::Ok, "no-commits", "nothing is committed, and nobody reads".into()),
    }
}

/// How long something has been unread, at least; `None`: not known. Without times of events the commits prove it: what was
/// unread at one of them still is, if the position has not moved since.
fn waiting(seen: &Observations, context: &Context) -> Option<u64> {
    if context.time_lag_ms.is_some() {
        return context.time_lag_ms;
    }
    let last = seen.commits.last()?;
    let still = seen.commits.iter().rev().take_while(|c| c.offset == last.offset);
    let proof = still
        .take_while(|c| c.lag.is_none_or(|lag| lag > seen.allowed_lag))
        .filter(|c| c.lag.is_some_and(|lag| lag > seen.allowed_lag.max(MARKER)))
        .last()?;
    Some(between(proof.at, seen.now))
}

/// Something is unread, and its position is known.
struct Case<'a> {
    seen: &'a Observations,
    context: &'a Context,
    last: &'a Commit,
    lag: u64,
    waiting: Option<u64>,
}

impl Case<'_> {
    /// Commits that count.
    fn window(&self) -> &[Commit] {
        let all = &self.seen.commits;
        let recent = all.iter().rev().take_while(|c| between(c.at, self.seen.now) <= WINDOW).count();
        &all[all.len().saturating_sub(recent.max(LEAST_COMMITS))..]
    }

    /// Of those the ones since nothing was unread.
    fn behind<'c>(&self, commits: &'c [Commit]) -> &'c [Commit] {
        let drained = commits.iter().rposition(|c| c.lag.is_some_and(|lag| lag <= self.seen.allowed_lag));
        &commits[drained.map_or(0, |i| i + 1)..]
    }

    fn below_floor(&self) -> Option<Verdict> {
        match self.context.time_lag_ms {
            Some(age) if age < YOUNG => {
                let reason = format!("{}, none older than {}", unread(self.lag), lasting(age));
                Some(verdict(Status::Ok, "below-floor", reason))
            }
            None if self.lag < FEW && self.waiting.is_none_or(|w| w < YOUNG) => Some(self.few()),
            _ => None,
        }
    }

    fn few(&self) -> Verdict {
        verdict(Status::Ok, "below-floor", format!("{} only", unread(self.lag)))
    }

    /// An end of the last minutes lies where it stands: what is unread came since, and may yet be read.
    fn drained_lately(&self) -> bool {
        self.waiting.is_none() && self.seen.end_offsets.iter().any(|end| *end <= self.last.offset)
    }

    /// How far its commits usually lie apart, where that is learnt.
    fn learnt(&self) -> Option<u64> {
        self.context.usual_interval_ms.map(|ms| u64::try_from(ms).unwrap_or(0))
    }

    /// Nobody is in it, nothing was seen to move, and what is unread has waited for longer than any move could have been
    /// missed: there is no need to watch its silence.
    fn left_alone(&self) -> Option<Verdict> {
        let waiting = self.waiting.filter(|w| *w > WINDOW)?;
        let moved = self.seen.commits.iter().any(|c| c.offset != self.last.offset);
        if !self.context.group_empty || moved || self.learnt().is_some() {
            return None;
        }
        let reason = format!("nobody is in the group; {}, the oldest for {}", unread(self.lag), lasting(waiting));
        Some(verdict(Status::Stop, "left-alone", reason))
    }

    fn silent(&self) -> Option<Verdict> {
        let times = || self.seen.commits.iter().map(|c| c.at);
        let usual =
            self.learnt().or_else(|| usual_interval(times()).map(|ms| u64::try_from(ms).unwrap_or(0))).unwrap_or(0);
        let most = LEAST_STANDSTILL.max(usual.saturating_mul(INTERVALS));
        let silent = between(self.last.at, self.seen.now);
        if silent.min(self.waiting.unwrap_or(u64::MAX)) <= most {
            return None;
        }
        if self.drained_lately() {
            let reason = format!("{}, which came within the last minutes", unread(self.lag));
            return Some(verdict(Status::Ok, "drained-lately", reason));
        }
        let holds = self.context.held_by.as_ref().map(|m| format!(" though {m} holds it")).unwrap_or_default();
        let rest = match self.context.arrived {
            Some(n) if n > 0 => format!("{holds} while {} arrived", events(n)),
            _ => format!("{holds}; {}", unread(self.lag)),
        };
        Some(verdict(Status::Stop, "silent", format!("no commit for {}{rest}", lasting(silent))))
    }

    fn went_back(&self) -> Option<Verdict> {
        if self.lag < FEW {
            return None;
        }
        let window = self.window();
        let highest = window.iter().map(|c| c.offset).max()?;
        let fell = window.iter().rposition(|c| c.offset == highest)? + 1;
        let after = window.get(fell)?;
        let reason = format!(
            "position went back from {} to {} {} ago, and has not come that far again; {}",
            exact_signed(highest),
            exact_signed(after.offset),
            lasting(between(after.at, self.seen.now)),
            unread(self.lag)
        );
        Some(verdict(Status::Rewind, "went-back", reason))
    }

    fn stands_still(&self) -> Option<Verdict> {
        let behind = self.behind(&self.seen.commits);
        let still = behind.iter().rev().take_while(|c| c.offset == self.last.offset);
        let first = still.last()?;
        let stood = between(first.at, self.last.at);
        // Who is seen to stand at one place more often than it commits must not be taken for stalled between.
        let least = LEAST_STANDSTILL.max(self.learnt().unwrap_or(0).saturating_mul(INTERVALS));
        if stood.min(self.waiting.unwrap_or(u64::MAX)) < least || self.drained_lately() {
            return None;
        }
        let (stood, lag) = (lasting(between(first.at, self.seen.now)), unread(self.lag));
        let reason = match &self.context.held_by {
            Some(member) => format!("has not moved for {stood} though {member} holds it; {lag}"),
            None => format!("commits, but has not moved for {stood}; {lag}"),
        };
        Some(verdict(Status::Stall, "stands-still", reason))
    }

    /// What was unread at the commits that count.
    fn course(&self) -> Vec<(i64, u64)> {
        self.behind(self.window()).iter().filter_map(|c| Some((c.at, c.lag?))).collect()
    }

    fn grows(&self) -> Option<Verdict> {
        if self.lag < FEW {
            return None;
        }
        let course = self.course();
        let [(began, first), .., (ended, last)] = course[..] else { return None };
        let took = between(began, ended);
        if course.len() < LEAST_COMMITS || took < LEAST_GROWTH {
            return None;
        }
        let net = last.checked_sub(first)?;
        let gross = course.windows(2).fold(0u64, |sum, pair| sum.saturating_add(pair[1].1.saturating_sub(pair[0].1)));
        if net < gross.div_ceil(2) {
            return None;
        }
        let reason = match net {
            0 => format!("reads, but {} stayed unread for {}", events(last), lasting(took)),
            _ => format!(
                "reads, but what is unread grew from {} to {} in {}",
                events(first),
                events(last),
                lasting(took)
            ),
        };
        Some(verdict(Status::Warn, "lag-grows", reason))
    }

    fn keeps_up(&self) -> Verdict {
        if self.lag < FEW {
            return self.few();
        }
        let reason = match self.course()[..] {
            [(began, first), .., (ended, last)] if last < first => {
                let took = lasting(between(began, ended));
                format!("what is unread fell from {} to {} in {took}", events(first), events(last))
            }
            _ => format!("{}, and nothing says that it falls behind", unread(self.lag)),
        };
        verdict(Status::Ok, "keeps-up", reason)
    }
}
