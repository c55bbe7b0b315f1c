//! What an observation comes to for one group on one channel.

use super::{
    ends::{Channel, Ends},
    group::Pair,
    loss,
    partition::Partition,
    time,
    tracker::{out_per_s, unread_from},
};
use std::{cmp::Reverse, collections::HashMap};
use weir_domain::{
    EnvironmentId, SourceId, Timestamp,
    figures::{exact, exact_signed},
    lag::{
        Forecast, GroupKind, GroupSeen, GroupState, Loss, PairSeen, PartitionStanding, Standing, Status, TimeLag,
        Verdict, positions_expire,
        rules::{Context, Observations, burrow, weir},
        worst_time,
    },
};

/// Whose standing it is.
pub(super) struct Of<'a> {
    pub group: &'a GroupSeen,
    pub name: &'a str,
    pub environment: EnvironmentId,
    pub source: SourceId,
    pub source_name: &'a str,
    pub channel: &'a str,
    pub ends: Option<&'a Channel>,
    /// Client id and host by partition.
    pub holders: Option<&'a HashMap<i32, (String, String)>>,
    /// Its alarms are raised.
    pub alarms: bool,
    /// Why the last observation did not tell of it: what is known is of the one before.
    pub not_told: Option<&'a str>,
    pub at: Timestamp,
}

/// Two days.
const FAR_US: i64 = 2 * 86_400 * 1_000_000;

pub(super) fn stands(of: &Of<'_>, pair: &Pair) -> PairSeen {
    let mut numbers: Vec<i32> = pair.partitions.keys().copied().collect();
    numbers.sort_unstable();
    let mut partitions = Vec::with_capacity(numbers.len());
    for number in numbers {
        let Some(partition) = pair.partitions.get(&number) else { continue };
        let ends = of.ends.and_then(|c| c.partitions.get(&number));
        partitions.push(one(of, number, partition, ends));
    }
    let verdict = of_group(of, &partitions);
    let lag = sum(&partitions, |p| p.lag);
    let forecast = pair.profile.forecast(of.at, lag.unwrap_or(0));
    let reads = out_per_s(pair).is_some_and(|rate| rate > 0.0);
    // Nothing is said of who does well, so nothing is worked out for them.
    let (loss, lost_at) = match verdict.status {
        Status::Ok => Default::default(),
        _ => loss::of_pair(pair, of.ends, &partitions, of.at),
    };
    // Nor of who reads for days ahead, or before their past tells anything.
    let far = |l: &Loss| l.first.micros_since(of.at) > FAR_US || matches!(forecast, Forecast::Unknown { .. });
    let loss = loss.filter(|l| !(reads && far(l)));
    if loss.is_some() {
        partitions.iter_mut().for_each(|p| p.lost_at = lost_at.get(&p.partition).copied());
    }
    let held = |p: &&PartitionStanding| p.held_by.is_some();
    let active: std::collections::HashSet<_> =
        partitions.iter().filter(held).filter_map(|p| p.held_by.as_ref()).collect();
    let members = of.group.members.as_ref().map_or(0, Vec::len);
    let unknown = partitions.iter().filter(|p| p.problem.is_some() || p.end.is_none()).count();
    let at = match of.not_told {
        Some(_) => of.group.last_seen,
        None => of.at,
    };
    let standing = Standing {
        group: of.group.id,
        name: of.name.to_owned(),
        kind: of.group.kind,
        state: of.group.state,
        environment: of.environment,
        source: of.source,
        source_name: of.source_name.to_owned(),
        channel: of.channel.to_owned(),
        verdict,
        since: pair.since,
        partitions: count(partitions.len()),
        unknown_partitions: count(unknown),
        active_members: count(active.len()),
        members: count(members),
        lag,
        committed_lag: sum(&partitions, |p| p.committed_lag),
        time_lag: worst_time(partitions.iter().map(|p| &p.time_lag)),
        in_per_s: of.ends.and_then(Channel::in_per_s),
        out_per_s: out_per_s(pair),
        growing: pair.growing(),
        forecast,
        loss,
        // What is only reported the broker does not keep.
        positions_expire: match of.group.kind {
            GroupKind::Reported => None,
            _ => positions_expire(of.group.empty_since, of.ends.and_then(|c| c.positions_for_ms)),
        },
        alarms: of.alarms,
        owner: None,
        observed_at: at,
    };
    PairSeen { id: pair.id, standing, partitions, spark: pair.spark.iter().copied().collect(), learnt: None }
}

fn one(of: &Of<'_>, number: i32, p: &Partition, ends: Option<&Ends>) -> PartitionStanding {
    let unread = unread_from(p, ends);
    let arrival_times = of.ends.and_then(|c| c.keeps.as_ref()).is_some_and(|k| k.arrival_times);
    let nothing = time::nothing(p, unread);
    let time_lag = match (p.lag, unread) {
        (Some(0), _) => TimeLag::None,
        _ if nothing => TimeLag::None,
        (_, Some(position)) => time::of_position(p, ends, position, arrival_times, of.at),
        (None, None) if p.next > p.end && p.end.is_some() => {
            TimeLag::Unknown { why: "its position lies beyond the end".to_owned() }
        }
        (Some(_), None) => TimeLag::Unknown { why: "positions do not tell what is unread".to_owned() },
        (None, None) => TimeLag::Unknown { why: "not committed".to_owned() },
    };
    let held_by = of.holders.and_then(|h| h.get(&number)).cloned();
    let seen = Observations {
        now: of.at.millis(),
        allowed_lag: if nothing { p.lag.unwrap_or(0) } else { 0 },
        current_lag: p.lag,
        end_offsets: p.ends.iter().copied().collect(),
        commits: p.commits.iter().copied().collect(),
    };
    let context = Context {
        group_active: of.group.members.as_ref().is_some_and(|m| !m.is_empty()),
        group_empty: of.group.state == GroupState::Empty,
        held_by: held_by.as_ref().map(|(client, host)| format!("{client} at {host}")),
        usual_interval_ms: p.usual_interval_ms(),
        // One unread position may be the mark at a transaction's end: when that was written tells nothing.
        time_lag_ms: time_lag.ms().filter(|_| !(p.lag == Some(1) && matches!(time_lag, TimeLag::About { .. }))),
        arrived: p.arrived(),
    };
    // Beside a position that is known, a problem says what holds of it.
    let of_position = p.problem.clone().filter(|_| p.next.is_none());
    let problem = of_position.or_else(|| ends.and_then(|e| e.problem.clone()));
    let mut verdict = match (of.not_told, &problem) {
        (Some(why), _) => unknown("not-observed", why),
        (None, Some(why)) => unknown("not-observed", why),
        (None, None) if p.end.is_none() => unknown("not-observed", "its end is not known"),
        (None, None) if p.next > p.end => beyond(p.next, p.end),
        (None, None) => weir(&seen, &context),
    };
    if nothing && p.lag.is_some_and(|lag| lag > 0) {
        verdict.reason = "nothing is unread but marks of transactions".to_owned();
    }
    // Until it commits again nothing says that whoever reads knows.
    let lost = p.next.zip(ends.and_then(|e| e.start)).map_or(0, |(next, start)| start.saturating_sub(next));
    if lost > 0 && verdict.status != Status::Unknown {
        let lost = exact(lost.unsigned_abs());
        verdict.reason = format!("{}; {lost} of them were deleted before they were read", verdict.reason);
    }
    let committed = |e: &Ends| Some(u64::try_from(e.stable_end?.saturating_sub(p.next?)).unwrap_or(0));
    PartitionStanding {
        partition: number,
        start: ends.and_then(|e| e.start),
        end: p.end,
        stable_end: ends.and_then(|e| e.stable_end),
        next: p.next,
        lag: p.lag,
        committed_lag: match of.group.kind {
            GroupKind::Share => p.lag,
            _ => ends.and_then(committed),
        },
        time_lag,
        verdict,
        burrow: burrow(&seen),
        in_per_s: ends.and_then(Ends::in_per_s),
        out_per_s: p.out_per_s(),
        held_by,
        last_moved: p.last_moved,
        lost_at: None,
        problem: problem.or_else(|| p.problem.clone()),
    }
}

fn unknown(rule: &str, why: &str) -> Verdict {
    Verdict { status: Status::Unknown, rule: rule.to_owned(), reason: why.to_owned() }
}

/// A position behind the end: the channel was cut or made anew, or somebody committed what is none of its.
fn beyond(next: Option<i64>, end: Option<i64>) -> Verdict {
    let number = |n: Option<i64>| n.map_or_else(String::new, exact_signed);
    let (next, end) = (number(next), number(end));
    let why = "the channel was cut or made anew, or the position is none of its";
    unknown("beyond-end", &format!("position {next} lies beyond the end, {end}: {why}"))
}

/// The worst of its partitions; what kept the group from being told comes first.
fn of_group(of: &Of<'_>, partitions: &[PartitionStanding]) -> Verdict {
    if let Some(why) = of.not_told.or(of.group.problem.as_deref()) {
        return unknown("not-observed", why);
    }
    if let Some(why) = of.ends.and_then(|c| c.problem.as_ref()) {
        return unknown("not-observed", why);
    }
    let worst = partitions.iter().max_by_key(|p| (p.verdict.status, Reverse(p.partition)));
    let Some(worst) = worst else { return unknown("no-partitions", "it has no partitions") };
    let alike = partitions.iter().filter(|p| p.verdict.status == worst.verdict.status).count();
    let mut verdict = worst.verdict.clone();
    if partitions.len() > 1 && verdict.status != Status::Ok {
        verdict.reason = match alike {
            1 => format!("partition {}: {}", worst.partition, verdict.reason),
            n if n == partitions.len() => format!("all {n} partitions; {}: {}", worst.partition, verdict.reason),
            n => format!("{n} of {} partitions; {}: {}", partitions.len(), worst.partition, verdict.reason),
        };
    }
    verdict
}

fn sum(partitions: &[PartitionStanding], of: fn(&PartitionStanding) -> Option<u64>) -> Option<u64> {
    partitions.iter().filter_map(of).reduce(u64::saturating_add)
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
