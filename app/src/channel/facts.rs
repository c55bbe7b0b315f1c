//! Sizes, retention and partitions of a channel.

use crate::{drawn, events::visible::plain, ui::format};
use leptos::prelude::*;
use weir_domain::{
    Timestamp,
    catalog::{ChannelPage, Oldest},
    sources::PartitionShown,
};

pub(super) fn facts(of: &ChannelPage) -> AnyView {
    let f = &of.facts;
    let average = match f.average_size() {
        Some(bytes) => format!("{} on the average, as sent, of the last 24 h", format::bytes(bytes)),
        // Steps are counted when they are over.
        None if f.last_event.is_some_and(|at| at >= f.counted_to) => {
            "not counted yet: in five minutes at most".to_owned()
        }
        None => "no event was captured in the last 24 h".to_owned(),
    };
    let last = match f.last_event {
        Some(at) => drawn::time(at),
        None => view! { <span class="muted">"none was captured"</span> }.into_any(),
    };
    view! {
        <dl class="facts lag__facts">
            <dt>"Last event"</dt>
            <dd>{last}</dd>
            <dt>"An event"</dt>
            <dd>{average}</dd>
            {at_broker(of)}
            <dt>"Reaches back"</dt>
            <dd>{back(f.oldest, of.at)}</dd>
            {here(of)}
        </dl>
    }
    .into_any()
}

fn at_broker(of: &ChannelPage) -> AnyView {
    let Some((seen, at)) = &of.facts.observed else {
        return view! {
            <dt>"At the broker"</dt>
            <dd class="muted">"not known: its size is asked for when a group reads it"</dd>
        }
        .into_any();
    };
    let compacted = seen.keeps.as_ref().is_some_and(|k| k.compacted);
    let tiered = seen.keeps.as_ref().is_some_and(|k| k.tiered);
    let size = seen.bytes.map(format::bytes);
    // Compaction leaves holes between positions, and of what lies elsewhere the bytes are not counted.
    let each = seen.bytes.zip(seen.events).filter(|_| !compacted && !tiered);
    let each = each.and_then(|(bytes, events)| bytes.checked_div(events)).filter(|n| *n > 0);
    let each = each.map(|n| format!(", {} an event", format::bytes(n)));
    let events = seen.events.map(|n| match compacted {
        true => format!("{} positions, some of them empty by compaction", format::exact(n)),
        false => format::count(n, "event", "events"),
    });
    let keeps = match &seen.keeps {
        None => "not known".to_owned(),
        Some(k) if k.compacted => match k.deletes {
            true => format!("keeps the latest per key; {}", k.words()),
            false => "keeps the latest per key".to_owned(),
        },
        Some(k) => k.words(),
    };
    let sized = match (size, events) {
        (Some(size), Some(events)) => format!("{size}{}; {events}", each.unwrap_or_default()),
        (size, events) => size.or(events).unwrap_or_else(|| "not known".to_owned()),
    };
    let old = (of.at.micros_since(*at) > 600_000_000)
        .then(|| view! { <span class="warn-t">" as of " {drawn::time(*at)}</span> });
    view! {
        <dt>"At the broker"</dt>
        <dd>{sized} {old}</dd>
        <dt>"Retention"</dt>
        <dd>{plain(&keeps)}</dd>
    }
    .into_any()
}

fn back(oldest: Oldest, now: Timestamp) -> AnyView {
    let ago = |at: Timestamp| {
        let ms = u64::try_from(now.micros_since(at) / 1_000).unwrap_or(0);
        format!(" ({} ago)", format::duration_ms(ms))
    };
    match oldest {
        Oldest::Unknown => view! {
            <span class="muted">"not known: the oldest event at the broker is not stored here"</span>
        }
        .into_any(),
        Oldest::Empty => "the broker has no event of it".into_any(),
        Oldest::At(at) => view! { "to " {drawn::time(at)} {ago(at)} }.into_any(),
        Oldest::AtLeast(at) => view! { "at least to " {drawn::time(at)} {ago(at)} }.into_any(),
    }
}

fn here(of: &ChannelPage) -> AnyView {
    let Some(c) = &of.capture else { return ().into_any() };
    let days = |n: i16| format::count(u64::try_from(n).unwrap_or(0), "day", "days");
    let kept = format!(
        "payloads {} for {}, metadata {} for {}",
        format::bytes(c.cost.payload_bytes),
        days(c.policy.payload_days),
        format::bytes(c.cost.metadata_bytes),
        days(c.policy.metadata_days)
    );
    view! {
        <dt>"Stored here"</dt>
        <dd>
            {format::count(c.cost.events, "event", "events")} "; " {kept} ". "
            <a href=format!("/channels/{}/capture", of.facts.id)>"Change"</a>
        </dd>
    }
    .into_any()
}

/// Rows drawn without being asked for.
const FEW: usize = 12;

pub(super) fn partitions(of: &ChannelPage) -> AnyView {
    let f = &of.facts;
    if f.partitions.is_empty() {
        return ().into_any();
    }
    let more = (f.more_partitions > 0).then(|| {
        view! { <p class="capture-note small muted">{format!("and {} more", format::exact(f.more_partitions.into()))}</p> }
    });
    let high = if f.partitions.len() > FEW { "tablewrap tablewrap--high" } else { "tablewrap" };
    view! {
        <section class="panel">
            <div class="panel__head">
                <h2 class="panel__title" id="kept-range">
                    "Partitions"
                </h2>
                <span class="panel__note">"what the broker has of each, and how far it is captured"</span>
            </div>
            <div class=high tabindex="0" role="region" aria-labelledby="kept-range">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col" class="num">"Partition"</th>
                            <th scope="col" class="num">"First"</th>
                            <th scope="col" class="num">"End"</th>
                            <th scope="col" class="num">"Between"</th>
                            <th scope="col" class="num hide-m">"Captured up to"</th>
                            <th scope="col" class="num">"Capture behind"</th>
                        </tr>
                    </thead>
                    <tbody>{f.partitions.iter().map(|p| partition(of, p)).collect_view()}</tbody>
                </table>
            </div>
            {more}
        </section>
    }
    .into_any()
}

fn partition(of: &ChannelPage, p: &PartitionShown) -> AnyView {
    let position = |at: Option<weir_domain::Position>| {
        at.map_or_else(|| format::UNKNOWN.to_owned(), |p| format::exact_signed(p.0))
    };
    let between = p.start.zip(p.end).map(|(s, e)| u64::try_from(e.0.saturating_sub(s.0)).unwrap_or(0));
    let href = format!("/events?channel=%23{}&q=partition%3D{}", of.facts.id, p.number);
    let why = p.error.as_ref().map(|e| view! { " " <span class="bad-t">{plain(e)}</span> });
    view! {
        <tr>
            <th scope="row" class="num">
                <a href=href>{p.number}</a>
                {why}
            </th>
            <td class="num">{position(p.start)}</td>
            <td class="num">{position(p.end)}</td>
            <td class="num">{format::exact_or_unknown(between)}</td>
            <td class="num hide-m">{position(p.next)}</td>
            <td class="num">{format::exact_or_unknown(p.behind)}</td>
        </tr>
    }
    .into_any()
}
