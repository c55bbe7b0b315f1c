//! Which partition or member falls behind the others.

use crate::{events::visible::plain, ui::format};
use leptos::prelude::*;
use std::collections::BTreeMap;
use weir_domain::lag::{GroupOnChannel, PartitionStanding};

/// Of one partition: so many times its share of what arrives, or of what is unread, is worth a word.
const TIMES: f64 = 1.5;
/// Less unread than this is nobody's fault.
const LEAST: u64 = 100;

pub(super) fn told(on: &GroupOnChannel) -> AnyView {
    let said = [hot(&on.partitions), slow(&on.partitions)];
    let said: Vec<AnyView> =
        said.into_iter().flatten().map(|text| view! { <p class="small soft">{text}</p> }.into_any()).collect();
    said.into_any()
}

/// One partition gets more than its share: one hot key, most often.
fn hot(partitions: &[PartitionStanding]) -> Option<String> {
    let known: Vec<(i32, f64)> = partitions.iter().filter_map(|p| Some((p.partition, p.in_per_s?))).collect();
    let all: f64 = known.iter().map(|k| k.1).sum();
    let (number, most) = known.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let share = all / known.len() as f64;
    (known.len() > 1 && all >= 1.0 && most > TIMES * share).then(|| {
        let times = format::fixed(most / share, 1);
        format!(
            "Partition {number} takes {times}× its share of what arrives ({}/s of {}/s): one hot key, most often.",
            format::rate(most),
            format::rate(all)
        )
    })
}

/// One member has most of what is unread, though it holds no more than others.
fn slow(partitions: &[PartitionStanding]) -> Option<String> {
    let mut by_member: BTreeMap<&(String, String), (u64, u64)> = BTreeMap::new();
    for p in partitions {
        if let (Some(holder), Some(lag)) = (&p.held_by, p.lag) {
            let (unread, held) = by_member.entry(holder).or_default();
            (*unread, *held) = (unread.saturating_add(lag), *held + 1);
        }
    }
    let (unread, held) = by_member.values().fold((0_u64, 0), |(u, h), (a, b)| (u.saturating_add(*a), h + b));
    let ((client, host), (most, holds)) = by_member.iter().max_by_key(|(_, v)| v.0)?;
    let share = unread as f64 * *holds as f64 / held.max(1) as f64;
    (by_member.len() > 1 && unread >= LEAST && *most as f64 > TIMES * share && *most * 2 > unread).then(|| {
        format!(
            "{} at {} has {} of the {} unread events, with {holds} of {held} partitions: it is slower than the others.",
            plain(client),
            plain(host),
            format::exact(*most),
            format::exact(unread)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::lag::{Status, TimeLag, Verdict};

    fn partition(number: i32, in_per_s: f64, lag: u64, member: &str) -> PartitionStanding {
        let verdict = Verdict { status: Status::Ok, rule: String::new(), reason: String::new() };
        PartitionStanding {
            partition: number,
            start: None,
            end: None,
            stable_end: None,
            next: None,
            lag: Some(lag),
            committed_lag: None,
            time_lag: TimeLag::None,
            burrow: verdict.clone(),
            verdict,
            in_per_s: Some(in_per_s),
            out_per_s: None,
            held_by: Some((member.into(), "h".into())),
            last_moved: None,
            lost_at: None,
            problem: None,
        }
    }

    #[test]
    fn one_hot_partition_and_one_slow_member_are_named() {
        let even = [partition(0, 10.0, 500, "a"), partition(1, 11.0, 480, "b")];
        assert_eq!((hot(&even), slow(&even)), (None, None));
        let skewed = [partition(0, 10.0, 5, "a"), partition(1, 10.0, 5, "a"), partition(2, 40.0, 5_000, "b")];
        assert!(hot(&skewed).unwrap().starts_with("Partition 2 takes 2.0× its share"));
        assert!(slow(&skewed).unwrap().starts_with("b at h has 5,000 of the 5,010 unread events, with 1 of 3"));
        assert_eq!((hot(&[]), slow(&[])), (None, None));
    }
}
