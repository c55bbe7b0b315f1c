//! What one observation tells of where a group stands.

use super::{
    ends::{Changed, Channel},
    group::Tracked,
    partition::{Moved, Partition},
};
use std::collections::{HashMap, HashSet};
use weir_broker::{GroupObserved, LagObserved};
use weir_domain::{
    GroupId, Timestamp,
    lag::{GroupKind, Happening, HappeningKind, Place},
};

/// What one observation tells of positions of a group.
pub(super) fn positions(
    group: &mut Tracked,
    told: &GroupObserved,
    observed: &LagObserved,
    channels: &HashMap<String, Channel>,
    changed: &HashMap<&str, Vec<Changed>>,
    at: Timestamp,
    happened: &mut Vec<(GroupId, Happening)>,
) {
    let id = group.seen.id;
    if told.problem.is_some() && told.positions.is_empty() {
        return;
    }
    let mut seen_on: HashMap<&str, HashSet<i32>> = HashMap::new();
    for position in &told.positions {
        let Some(channel) = observed.channels.get(position.channel) else { continue };
        let Some(pair) = group.pairs.get_mut(&channel.name) else { continue };
        if seen_on.insert(&channel.name, HashSet::new()).is_none()
            && let Some(news) = changed.get(channel.name.as_str())
        {
            for one in news {
                if *one == Changed::Recreated {
                    pair.partitions.clear();
                }
                happened.push((id, told_of(one, &channel.name, at)));
            }
        }
        let ends = channels.get(&channel.name).and_then(|c| c.partitions.get(&position.partition));
        let end = ends.and_then(|e| e.end);
        let start = ends.and_then(|e| e.start);
        let place = match position.lag {
            Some(lag) => Place { next: position.next, end, lag: Some(lag) },
            None if told.kind == GroupKind::Share => Place { next: position.next, end, lag: None },
            // What was deleted unread is lost, and not to be read any more.
            None => Place {
                lag: Place::between(position.next.max(position.next.and(start)), end).lag,
                next: position.next,
                end,
            },
        };
        let is_held = group.holders.get(&channel.name).is_some_and(|h| h.contains_key(&position.partition));
        let partition = pair.partitions.entry(position.partition).or_default();
        let before = partition.next;
        let moved = partition.see(at, place.next, place.end, place.lag, is_held);
        partition.problem.clone_from(&position.problem);
        let say = |kind, text: String| {
            let channel = Some(channel.name.clone());
            (id, Happening { at, kind, channel, partition: Some(position.partition), text })
        };
        if let Moved::Back { from, to } = moved {
            happened.push(say(HappeningKind::Reset, format!("position moved back from {from} to {to}")));
        }
        // Deleted before it was read: the log began behind where the group stood.
        if let (Some(next), Some(start), Some(had)) = (before, start, partition.start)
            && start > had
            && start > next
        {
            let lost = start - next.max(had);
            happened.push(say(HappeningKind::Lost, format!("{lost} events were deleted before they were read")));
        }
        partition.start = start.or(partition.start);
    }
    // Partitions without a position: those that an active group holds, or of a channel that it reads.
    for (name, pair) in &mut group.pairs {
        let Some(channel) = channels.get(name) else { continue };
        let told_here: HashSet<i32> = told
            .positions
            .iter()
            .filter(|p| observed.channels.get(p.channel).is_some_and(|c| c.name == *name))
            .map(|p| p.partition)
            .collect();
        pair.partitions.retain(|number, _| told_here.contains(number) || channel.partitions.contains_key(number));
        for (number, ends) in &channel.partitions {
            if !told_here.contains(number) {
                let partition = pair.partitions.entry(*number).or_default();
                partition.see(at, None, ends.end, None, false);
                partition.problem = None;
            }
        }
        let places: Vec<Place> = pair.partitions.values().map(Partition::place).collect();
        pair.sums(at, &places);
    }
}

fn told_of(changed: &Changed, channel: &str, at: Timestamp) -> Happening {
    let (kind, text) = match changed {
        Changed::PartitionsAdded { before, now } => {
            (HappeningKind::PartitionsAdded, format!("{channel} has {now} partitions, {before} before"))
        }
        Changed::Recreated => (HappeningKind::Recreated, format!("{channel} was deleted and made again")),
    };
    Happening { at, kind, channel: Some(channel.to_owned()), partition: None, text }
}
