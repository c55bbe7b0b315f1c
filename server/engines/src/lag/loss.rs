//! When retention takes what a group has not read.

use super::{ends::Channel, group::Pair, partition::Partition};
use std::collections::HashMap;
use weir_domain::{
    Timestamp,
    lag::{Ahead, Loss, PartitionStanding, Unread, first_loss},
};

/// Lag is foretold at these times from now, in seconds.
const AHEAD_S: [f64; 16] = [
    0.0,
    300.0,
    900.0,
    1_800.0,
    3_600.0,
    7_200.0,
    14_400.0,
    28_800.0,
    43_200.0,
    86_400.0,
    172_800.0,
    345_600.0,
    604_800.0,
    1_209_600.0,
    2_592_000.0,
    7_776_000.0,
];

/// The group's first loss on a channel, and each partition's.
pub(super) fn of_pair(
    pair: &Pair,
    channel: Option<&Channel>,
    partitions: &[PartitionStanding],
    now: Timestamp,
) -> (Option<Loss>, HashMap<i32, Timestamp>) {
    let none = (None, HashMap::new());
    let Some(channel) = channel else { return none };
    let Some(kept) = channel.keeps.as_ref().filter(|k| k.deletes) else { return none };
    let unread: Vec<(i32, Unread)> = partitions
        .iter()
        .filter(|p| p.lag.is_some_and(|lag| lag > 0))
        .filter_map(|p| Some((p.partition, unread(p, pair.partitions.get(&p.partition)?, channel, now)?)))
        .collect();
    if unread.is_empty() {
        return none;
    }
    let lag = partitions.iter().filter_map(|p| p.lag).fold(0, u64::saturating_add);
    let ahead = pair.profile.ahead(now, lag, &AHEAD_S);
    let all: Vec<Unread> = unread.iter().map(|(_, u)| *u).collect();
    let Some(loss) = first_loss(now, kept, &all, &ahead) else { return none };
    let total: f64 = all.iter().map(|u| u.in_per_s).sum();
    let each = unread.iter().filter_map(|(number, u)| {
        let share = if total > 0.0 { u.in_per_s / total } else { 1.0 / all.len() as f64 };
        let part = |a: &Ahead| Ahead {
            at: a.at,
            mid: a.mid * share,
            low: a.low * share,
            high: a.high * share,
            arrived: a.arrived * share,
        };
        let ahead: Vec<Ahead> = ahead.iter().map(part).collect();
        Some((*number, first_loss(now, kept, &[*u], &ahead)?.first))
    });
    let each = each.collect();
    (Some(loss), each)
}

fn unread(standing: &PartitionStanding, p: &Partition, channel: &Channel, now: Timestamp) -> Option<Unread> {
    let ends = channel.partitions.get(&standing.partition)?;
    let oldest = standing.time_lag.ms().and_then(|ms| i64::try_from(ms).ok());
    Some(Unread {
        start: ends.start?,
        next: p.next?,
        end: p.end?,
        bytes: ends.bytes,
        oldest: oldest.map(|ms| now.plus_micros(ms.saturating_mul(-1_000))),
        in_per_s: standing.in_per_s.unwrap_or(0.0),
        out_per_s: standing.out_per_s.unwrap_or(0.0),
        deleted_per_s: ends.deleted_per_s(now),
    })
}
