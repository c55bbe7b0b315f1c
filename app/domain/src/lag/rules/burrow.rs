//! Burrow's verdicts, those of its evaluator since a rewind counts until it is caught up with (pull request 716) and an
//! allowed lag counts as none (591).

use super::{Commit, Observations, between, events, unread, verdict};
use crate::{
    figures::{exact_signed, lasting},
    lag::{Status, Verdict},
};

/// Commits that Burrow keeps of a partition, as it is set without `intervals`.
const KEPT: usize = 10;

/// What Burrow says of it.
pub fn burrow(seen: &Observations) -> Verdict {
    let commits = &seen.commits[seen.commits.len().saturating_sub(KEPT)..];
    let [first, .., last] = commits else {
        return match commits {
            [only] => rules(seen, commits, only, only),
            _ => {
                verdict(Status::Ok, "no-commits", "nothing was committed, of which Burrow says that it is fine".into())
            }
        };
    };
    rules(seen, commits, first, last)
}

fn rules(seen: &Observations, commits: &[Commit], first: &Commit, last: &Commit) -> Verdict {
    let Some(lag) = seen.current_lag else {
        return verdict(
            Status::Ok,
            "lag-allowed",
            "what is unread is not known, which Burrow takes for nothing".into(),
        );
    };
    if lag <= seen.allowed_lag {
        let reason = match lag {
            0 => "nothing is unread".into(),
            _ => format!("{}, no more than is allowed", unread(lag)),
        };
        return verdict(Status::Ok, "lag-allowed", reason);
    }
    // Its clock has whole seconds.
    let now = seen.now.div_euclid(1000).saturating_mul(1000);
    let silent = now.saturating_sub(last.at);
    let drained = seen.end_offsets.iter().any(|end| *end <= last.offset);
    if silent > last.at.saturating_sub(first.at) && !drained {
        let silent = lasting(between(last.at, now));
        let reason = match commits.len() {
            1 => format!("no commit for {silent} after the only one; {}", unread(lag)),
            n => format!(
                "no commit for {silent}, longer than its last {n} took ({})",
                lasting(between(first.at, last.at))
            ),
        };
        return verdict(Status::Stop, "stopped", reason);
    }
    if let Some((from, to)) = rewind(commits) {
        let reason =
            format!("position went back from {} to {} and not yet past it again", exact_signed(from), exact_signed(to));
        return verdict(Status::Rewind, "rewind", reason);
    }
    if commits.iter().filter_map(|c| c.lag).any(|lag| lag <= seen.allowed_lag) {
        let reason = format!("one of its last {} commits had nothing unread", commits.len());
        return verdict(Status::Ok, "lag-zero", reason);
    }
    if commits.iter().all(|c| c.offset == first.offset) {
        let reason = format!("{}; {}", same(commits.len()), unread(lag));
        return verdict(Status::Stall, "stalled", reason);
    }
    let lags: Vec<u64> = commits.iter().filter_map(|c| c.lag).collect();
    if lags.is_sorted() {
        let reason = match lags[..] {
            [first, .., last] => format!("unread went from {} to {} and never fell", events(first), events(last)),
            _ => format!("nothing says that what is unread ever fell; {}", unread(lag)),
        };
        return verdict(Status::Warn, "lag-not-decreasing", reason);
    }
    verdict(Status::Ok, "lag-decreases", format!("what is unread fell at one of its last {} commits", commits.len()))
}

/// From where to where the position first went back, unless it came that far again. Later ones are not looked for.
fn rewind(commits: &[Commit]) -> Option<(i64, i64)> {
    let at = commits.windows(2).position(|pair| pair[1].offset < pair[0].offset)?;
    let (before, after) = (commits[at].offset, &commits[at + 1..]);
    let caught_up = after.iter().any(|c| c.offset >= before);
    (!caught_up).then_some((before, after[0].offset))
}

fn same(commits: usize) -> String {
    if commits == 1 {
        "there is one commit only".into()
    } else {
        format!("its {commits} commits have the same position")
    }
}
