//! What needs a person, in words, ranked by what becomes irreversible first: capture that stands
//! still may lose what the broker drops meanwhile; a gap is lost already and must be known.

use super::held::HeldPartition;
use crate::views::Sight;
use weir_domain::{
    Timestamp,
    capture::{BudgetStanding, Fill, GapReason, SourceState},
    figures::{bytes, exact, lasting},
    overview::{Attention, Summary},
    sources::{GapShown, SourceShown},
    verify::ChannelVerified,
};

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// After this long without a report a source's figures are stale (design: "Stale").
const STALE: i64 = 10_000_000;
/// Behind by less than this is no news, however slow the source.
const BEHIND_LEAST: u64 = 1_000;
/// Behind by more than this many seconds of the source's own rate needs a look.
const BEHIND_SECS: f64 = 60.0;
/// What a page can show; more would only be scrolled past.
const MOST: usize = 50;

pub(super) fn ranked(
    summary: &Summary,
    held: &[HeldPartition],
    differing: &[ChannelVerified],
    sight: &Sight,
    now: Timestamp,
) -> Vec<Attention> {
    let mut lines: Vec<(u8, Attention)> = Vec::new();
    for source in summary.sources.iter().filter(|s| !s.orphan) {
        lines.extend(down(source).map(|a| (0, a)));
        lines.extend(stale(source, now).map(|a| (4, a)));
        if source.state == SourceState::Paused {
            // On purpose, so the last of all, until much waits.
            let much = source.behind.is_some_and(|n| n >= BEHIND_LEAST);
            lines.push((if much { 3 } else { 5 }, paused(source)));
        } else {
            lines.extend(behind(source).map(|a| (3, a)));
        }
    }
    // What somebody switched off is no surprise.
    let surprising = |g: &&GapShown| now.micros_since(g.found_at) <= DAY && g.reason != GapReason::CaptureOff;
    let new_gaps = summary.recent_gaps.iter().filter(surprising);
    lines.extend(new_gaps.map(|g| (1, gap(g, sight))));
    lines.extend(differing.iter().map(|channel| (1, differs(channel, sight))));
    let long = held.iter().filter(|h| now.micros_since(h.held.since) > MINUTE);
    lines.extend(long.map(|h| (2, held_back(h))));
    lines.sort_by_key(|(rank, a)| (*rank, a.since.unwrap_or(now)));
    lines.truncate(MOST);
    lines.into_iter().map(|(_, a)| a).collect()
}

/// The store's budget: once it is full, what is given up for want of room is gone for good.
pub(super) fn budget(standing: &BudgetStanding) -> Option<Attention> {
    let (fill, used, budget) = (standing.fill()?, standing.used?, standing.setting.bytes?);
    let used = format!("{} of {} are used.", bytes(used), bytes(budget));
    let (title, detail) = match fill {
        Fill::Room if standing.withheld == 0 => return None,
        Fill::Room => ("Channels keep metadata only".to_owned(), "For want of room, until there is enough again."),
        Fill::Warn => (
            format!("The store's budget is used up to {} %", standing.per_cent()?),
            "From 95 % on channels give up their oldest payloads. Raise the budget, or keep less.",
        ),
        Fill::Full if standing.by_metadata_alone() => (
            "Metadata alone fills the store's budget".to_owned(),
            "No channel keeps payloads, and what holds keep and metadata are not given up. Raise the budget, keep metadata for fewer days, or end holds.",
        ),
        Fill::Full => (
            "The store's budget is used up: channels give way".to_owned(),
            "They give up their oldest payloads and then keep metadata only, in the order that is set.",
        ),
    };
    Some(Attention {
        kind: "budget".into(),
        title,
        detail: format!("{used} {detail}"),
        since: None,
        link: "/capture".into(),
    })
}

fn differs(channel: &ChannelVerified, sight: &Sight) -> Attention {
    let source = sight.channel(channel.channel).map(|e| e.source_name.as_str()).unwrap_or_default();
    let events = match channel.differences {
        1 => "1 event is".to_owned(),
        n => format!("{} events are", exact(n)),
    };
    let first = channel.latest.first().map(|d| {
        format!(" The last found: position {} of partition {} {}.", d.position, d.partition_number, d.kind.words())
    });
    Attention {
        kind: "differs".into(),
        title: format!("{} of {source} differs from its broker", channel.name),
        detail: format!(
            "{events} not stored as the broker has them.{} Run weir verify to compare all of it.",
            first.unwrap_or_default()
        ),
        since: channel.latest.iter().map(|d| d.found_at).min(),
        link: source_page(channel.source),
    }
}

/// "production source" where it counts double.
fn called(source: &SourceShown) -> String {
    let production = if source.production { " (production)" } else { "" };
    format!("{}{production}", source.name)
}

fn source_page(id: weir_domain::SourceId) -> String {
    format!("/sources/{id}")
}

fn down(source: &SourceShown) -> Option<Attention> {
    if source.state != SourceState::Down {
        return None;
    }
    let reason = source.reason.as_deref().unwrap_or("No reason was given.");
    Some(Attention {
        kind: "down".into(),
        title: format!("{} can't be reached", called(source)),
        detail: format!("{reason} Events wait at the broker for as long as it keeps them; Weir tries again by itself."),
        since: source.since,
        link: source_page(source.id),
    })
}

fn paused(source: &SourceShown) -> Attention {
    let wait = match source.behind {
        Some(1) => "At least 1 event waits".to_owned(),
        Some(n) => format!("At least {} events wait", exact(n)),
        None => "What is sent meanwhile waits".into(),
    };
    Attention {
        kind: "paused".into(),
        title: format!("{} is paused", called(source)),
        detail: format!("{wait} at the broker, for as long as it keeps them. Resume it to read on."),
        since: source.since,
        link: source_page(source.id),
    }
}

fn stale(source: &SourceShown, now: Timestamp) -> Option<Attention> {
    let silent = matches!(source.state, SourceState::Up | SourceState::Starting | SourceState::Down);
    let last = source.reported_at.or(source.since)?;
    if !silent || now.micros_since(last) <= STALE {
        return None;
    }
    let detail = match source.reported_at {
        Some(at) => format!(
            "No tap has reported since {}. Its figures are as old as that; see whether weir serve runs, and whether it may read (/readyz).",
            at.rfc3339()
        ),
        None => "No tap has reported yet. See whether weir serve runs, and whether it may read (/readyz).".into(),
    };
    Some(Attention {
        kind: "stale".into(),
        title: format!("No news of {}", called(source)),
        detail,
        since: Some(last),
        link: source_page(source.id),
    })
}

fn behind(source: &SourceShown) -> Option<Attention> {
    let behind = source.behind.filter(|n| *n >= BEHIND_LEAST)?;
    let rate = source.events_per_s.filter(|r| r.is_finite() && *r > 0.0);
    #[expect(clippy::cast_precision_loss, reason = "a figure for people; f64 is exact to 2^53 events")]
    let seconds = rate.map(|r| behind as f64 / r);
    if seconds.is_some_and(|s| s < BEHIND_SECS) {
        return None;
    }
    let pace = match seconds {
        Some(s) => format!("about {} at the present rate", duration(s)),
        None => "and nothing is being read".into(),
    };
    let why = if source.throttled_ms > 0 {
        format!(" The broker throttles the tap ({} ms).", source.throttled_ms)
    } else {
        String::new()
    };
    Some(Attention {
        kind: "behind".into(),
        title: format!("The tap of {} is behind", called(source)),
        detail: format!("{} events not read yet, {pace}.{why}", exact(behind)),
        since: None,
        link: source_page(source.id),
    })
}

fn gap(gap: &GapShown, sight: &Sight) -> Attention {
    let why = match gap.reason {
        GapReason::RetentionTrimmed => "the broker removed them before they were read",
        GapReason::Truncated => "the broker's log was cut back",
        GapReason::Recreated => "the channel was deleted and made again",
        GapReason::Deleted => "the channel was deleted",
        GapReason::CaptureOff => "the channel's capture was switched off",
        GapReason::CaptureLimit => "a limit of capture left them out",
    };
    let lost = match gap.to {
        Some(to) => {
            format!("Positions {} to {} of partition {}", gap.from, to.0.saturating_sub(1), gap.partition_number)
        }
        None => format!("Positions from {} on of partition {}", gap.from, gap.partition_number),
    };
    let link = sight.channel(gap.channel).map_or_else(|| "/sources".to_owned(), |e| source_page(e.source));
    Attention {
        kind: "gap".into(),
        title: format!("Events of {} are missing", gap.channel_name),
        detail: format!("{lost}: {why}."),
        since: Some(gap.found_at),
        link,
    }
}

fn held_back(partition: &HeldPartition) -> Attention {
    let by = match &partition.held.transactional_id {
        Some(id) => format!("the open transaction of {id}"),
        None => "an open transaction".into(),
    };
    Attention {
        kind: "held".into(),
        title: format!("{} waits for a transaction", partition.channel_name),
        detail: format!(
            "Partition {} is held back by {by}: no consumer that reads committed events gets past it.",
            partition.number
        ),
        since: Some(partition.held.since),
        link: source_page(partition.source),
    }
}

/// In words, of whole seconds: what is reckoned from a rate is no finer.
fn duration(seconds: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped just before")]
    let s = seconds.clamp(1.0, 1e12) as u64;
    lasting(s * 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_durations_read_as_people_write_them() {
        for (n, want) in [(0, "0"), (999, "999"), (1000, "1,000"), (12_345_678, "12,345,678")] {
            assert_eq!(exact(n), want);
        }
        for (s, want) in [
            (0.4, "1 s"),
            (59.0, "59 s"),
            (2531.0, "42 min 11 s"),
            (78_600.0, "21 h 50 min"),
            (1e18, "11,574,074 days 1 h"),
        ] {
            assert_eq!(duration(s), want);
        }
    }
}
