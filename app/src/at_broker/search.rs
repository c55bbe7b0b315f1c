//! A channel searched in its broker, step by step.

use crate::{
    Failure, RequestContext,
    drawn::{self, Address, DrawnPage, head, time},
    events::{Place, keyed, line, visible},
    help,
    ui::{ErrorPanel, format},
};
use leptos::prelude::*;
use weir_cases::events::BrokerAsked;
use weir_domain::{
    CaseError, ChannelId, EventId, Position,
    events::{BrokerFound, BrokerLimits, BrokerRange, BrokerRow, Masked, PartitionSearched, TimeRange},
};

const TITLE: &str = "Search in the broker";
/// A page that is not there by then is drawn once more, and would be read twice.
const MOST_SECONDS: u32 = 4;
/// Partitions told of, at most.
const MOST_PARTS: usize = 100;

/// `/channels/{id}/at-broker`: the form, and with `go=1` what one step found.
pub(crate) async fn search(cx: &RequestContext, id: &str, address: &Address) -> DrawnPage {
    let Ok(channel) = id.parse::<ChannelId>() else { return drawn::page("Not found", help::not_found) };
    let mut range = TimeRange::default();
    // Refused like any page of a channel that may not be seen, before a form is shown.
    let answer = match (wanted(cx, channel, address), address.given("go")) {
        (Ok(asked), Some(_)) => {
            range = asked.range.time;
            Some(found(cx, asked, address).await)
        }
        (Err(failure), Some(_)) => Some(Err(failure)),
        (_, None) => None,
    };
    if let Some(Ok(None)) = answer {
        return drawn::page("Not found", help::not_found);
    }
    drawn::page(TITLE, || {
        let back = view! {
            <a class="btn btn--ghost btn--sm" href=format!("/events?channel=%23{channel}")>
                "Its events"
            </a>
        };
        let told = match &answer {
            None => intro(),
            Some(Ok(Some(found))) => shown(found, address, range),
            Some(Ok(None)) => ().into_any(),
            Some(Err(failure)) => view! { <ErrorPanel failure=failure.clone() /> }.into_any(),
        };
        view! {
            <div class="page">
                {head(TITLE, "read live, not stored; times in UTC", back.into_any())}
                <section class="panel" aria-label="What to look for">
                    {form(channel, address)}
                </section>
                {told}
            </div>
        }
        .into_any()
    })
}

async fn found(cx: &RequestContext, asked: BrokerAsked, address: &Address) -> Result<Option<BrokerFound>, Failure> {
    let caller = cx.caller_in(address.environment())?;
    cx.told(cx.cases.events.from_broker(&caller, asked).await)
}

fn wanted(cx: &RequestContext, channel: ChannelId, address: &Address) -> Result<BrokerAsked, Failure> {
    let wrong = |name: &str| {
        let what = format!("{name} is no such number.");
        cx.told::<()>(Err(CaseError::Invalid { what, what_to_do: "Write a whole number, or leave it out.".into() }))
    };
    let number = |name: &'static str, label: &str| match address.given(name).map(str::parse::<i64>) {
        None => Ok(None),
        Some(Ok(n)) if n >= 0 => Ok(Some(n)),
        Some(_) => wrong(label).map(|()| None),
    };
    let text = |name: &str| address.given(name).map(str::to_owned);
    let place = Place { from: text("from"), to: text("to"), ..Place::default() };
    let time = cx.told(place.range(cx.cases.events.now()))?;
    let usual = BrokerLimits::USUAL;
    let at_most = |n: Option<i64>, usual: u32| n.map_or(usual, |n| u32::try_from(n).unwrap_or(u32::MAX));
    let limits = BrokerLimits {
        events: at_most(number("events", "The most events")?, usual.events),
        bytes: number("mib", "The most MiB")?.map_or(usual.bytes, |mib| mib.unsigned_abs().saturating_mul(1 << 20)),
        seconds: at_most(number("seconds", "The most seconds")?, MOST_SECONDS).min(MOST_SECONDS),
    };
    let position = |n: Option<i64>| n.map(Position);
    Ok(BrokerAsked {
        channel,
        query: text("q"),
        range: BrokerRange {
            time,
            from: position(number("first", "The first offset")?),
            to: position(number("last", "The last offset")?.map(|n| n.saturating_add(1))),
            partition: number("partition", "The partition")?.map(|n| i32::try_from(n).unwrap_or(i32::MAX)),
        },
        limits,
        after: address.given("after").and_then(|text| text.parse::<EventId>().ok()),
    })
}

fn form(channel: ChannelId, address: &Address) -> AnyView {
    let (usual, most) = (BrokerLimits::USUAL, BrokerLimits::MOST);
    let field = |name: &'static str, label: String, placeholder: String| {
        let id = format!("broker-{name}");
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                <input
                    class="input input--mono"
                    id=id
                    name=name
                    value=address.value(name).to_owned()
                    placeholder=placeholder
                    maxlength="8192"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                />
            </div>
        }
        .into_any()
    };
    let (mib, most_mib) = (usual.bytes >> 20, most.bytes >> 20);
    view! {
        <form class="panel__body stack" method="get" action=format!("/channels/{channel}/at-broker") role="search">
            <input type="hidden" name="go" value="1" />
            {field("q", "Query".into(), "data.amount>900".into())} <div class="broker-form">
                {field("from", "From (UTC)".into(), "-1h".into())} {field("to", "To (UTC)".into(), "now".into())}
                {field("first", "First offset".into(), "the log's beginning".into())}
                {field("last", "Last offset".into(), "the log's end".into())}
                {field("partition", "Partition".into(), "all of them".into())}
            </div>
            <div class="broker-form">
                {field("events", format!("At most events a step, up to {}", format::exact(u64::from(most.events))), usual.events.to_string())}
                {field("mib", format!("MiB, up to {most_mib}"), mib.to_string())}
                {field("seconds", format!("Seconds, up to {MOST_SECONDS}"), MOST_SECONDS.to_string())}
            </div>
            <div class="row">
                <button type="submit" class="btn btn--primary">
                    "Search"
                </button>
            </div>
        </form>
    }
    .into_any()
}

fn intro() -> AnyView {
    view! {
        <p class="soft small">
            "For what the store does not have: payloads that were not kept, or are not kept any more. Weir reads the channel's partitions one after the other, oldest first, beside capture and within a quarter of its source's cap; each step ends at the first of its limits, and the next goes on there. Nothing that is read is stored. By time, what is stored tells where to begin and end, with ten minutes to spare."
        </p>
    }
    .into_any()
}

fn shown(found: &BrokerFound, address: &Address, range: TimeRange) -> AnyView {
    let s = &found.searched;
    let more = found.next.map(|at| {
        // The times as they were meant at first: "-1h" is later at the next step.
        let mut here = address.clone();
        for (name, time) in [("from", range.from), ("to", range.to)] {
            if let Some(time) = time {
                here = Address::parse(&here.with(name, &time.rfc3339()));
            }
        }
        view! {
            <a class="btn btn--primary btn--sm" href=here.with("after", &at.to_string())>
                "Go on from there"
            </a>
        }
    });
    let seconds = format!("{}.{}", s.millis / 1000, s.millis % 1000 / 100);
    let standing = match (s.complete, found.next.is_some()) {
        (true, _) if address.given("after").is_some() => "Read to the end, from where the step before stopped.",
        (true, _) => "Complete: every partition was read to its end.",
        (false, true) if s.partitions.iter().any(|p| !p.problems.is_empty()) => {
            "Something could not be read; it stands below with its partition."
        }
        (false, true) => "Stopped at a limit: there is more to read.",
        (false, false) => "Not complete.",
    };
    let kept_away = (s.kept_away > 0).then(|| {
        format!(
            " {} not looked into: erased, or never to be stored, as what the store does not know counts where its source keeps metadata only.",
            format::count(s.kept_away, "event was", "events were")
        )
    });
    let other = (s.other > 0).then(|| {
        format!(
            " {} not shown: another event is known at its offset.",
            format::count(s.other, "match is", "matches are")
        )
    });
    let unseen = (!s.unseen.is_empty())
        .then(|| format!(" Not looked into, because your roles do not show it: {}.", s.unseen.join(", ")));
    view! {
        <section class="panel" aria-labelledby="broker-found" data-complete=s.complete.to_string()>
            <div class="panel__head">
                <h2 class="panel__title" id="broker-found">
                    {format::count(found.rows.len() as u64, "event", "events")}
                    " in "
                    {visible::plain(&found.channel_name)}
                </h2>
                <span class="pill pill--info">"read live, not stored"</span>
            </div>
            <div class="panel__body stack">
                <p role="status">
                    {standing}
                    {format!(
                        " Read {}, {} in {seconds} s; {} of {} done.",
                        format::count(s.read, "event", "events"),
                        format::bytes(s.bytes),
                        s.done,
                        format::count(u64::from(s.of), "partition", "partitions"),
                    )}
                    {kept_away}
                    {other}
                    {unseen}
                </p>
                {parts(&s.partitions)}
                <div class="row">{more}</div>
            </div>
            {rows(&found.rows)}
        </section>
    }
    .into_any()
}

/// How far each partition came, those with problems first; at most as many as can be read.
fn parts(parts: &[PartitionSearched]) -> AnyView {
    let (problems, others): (Vec<_>, Vec<_>) = parts.iter().partition(|p| !p.problems.is_empty());
    let left_out = parts.len().saturating_sub(MOST_PARTS);
    let left_out = (left_out > 0).then(|| {
        let what = format::count(left_out as u64, "more partition", "more partitions");
        view! { <li>{format!("{what} not listed.")}</li> }
    });
    let lines = problems.into_iter().chain(others).take(MOST_PARTS).map(|p| {
        let end = p.end.map_or_else(|| "an end that is not known".to_owned(), |end| end.to_string());
        let problems =
            p.problems.iter().map(|problem| view! { <span class="broker-problem">" " {line(problem)}</span> });
        view! {
            <li>
                {format!("Partition {}: offsets {} to {} of {end}", p.number, p.from, p.next)}
                {if p.done { ", done." } else { "." }}
                {problems.collect_view()}
            </li>
        }
    });
    view! { <ul class="broker-parts small muted">{lines.collect_view()} {left_out}</ul> }.into_any()
}

fn rows(rows: &[BrokerRow]) -> AnyView {
    if rows.is_empty() {
        return ().into_any();
    }
    let rows = rows.iter().map(row).collect_view();
    view! {
        <div class="tablewrap">
            <table class="table broker-found">
                <thead>
                    <tr>
                        <th scope="col">"Time"</th>
                        <th scope="col" class="num">"Partition"</th>
                        <th scope="col" class="num">"Offset"</th>
                        <th scope="col">"Type"</th>
                        <th scope="col">"Key"</th>
                        <th scope="col">"Summary"</th>
                        <th scope="col">"In the store"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(found: &BrokerRow) -> AnyView {
    let row = &found.row;
    let key = keyed::whole(&row.key).map_or_else(|| "–".into_any(), |key| line(&key));
    let summary = match &row.summary {
        Masked::Shown(summary) if !summary.is_empty() => line(summary),
        _ => "–".into_any(),
    };
    let id = row.id.to_string();
    // What is known there has a page, from which its content can be read once more.
    let (offset, stored) = match (found.known, row.absent) {
        (true, Some(_)) => (link(&id, row.id.position), "metadata"),
        (true, None) => (link(&id, row.id.position), "all of it"),
        (false, _) => (row.id.position.to_string().into_any(), "nothing"),
    };
    view! {
        <tr>
            <td>{time(row.time)}</td>
            <td class="num">{row.partition_number}</td>
            <td class="num mono">{offset}</td>
            <td class="mono wrap">{line(&row.event_type)}</td>
            <td class="mono wrap">{key}</td>
            <td class="wrap">{summary}</td>
            <td>{stored}</td>
        </tr>
    }
    .into_any()
}

fn link(id: &str, position: Position) -> AnyView {
    view! { <a href=format!("/events/{id}")>{position.to_string()}</a> }.into_any()
}
