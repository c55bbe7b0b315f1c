use super::backfill::{pill, rate_shown};
use crate::{
    Failure, RequestContext,
    drawn::{self, Address, DrawnPage, Echo, time},
    events::{Place, visible},
    help,
    ui::{Banner, ErrorPanel, format},
};
use leptos::prelude::*;
use weir_cases::backfill::ContentStanding;
use weir_domain::{
    ChannelId,
    backfill::{ContentFill, FillState, Lacking, Times},
    events::TimeRange,
};

const TITLE: &str = "Fill content";
const DONE: &[(&str, &str)] = &[
    ("started", "It is being filled. This page tells how far it is when it is loaded again."),
    ("paused", "It stands still. It goes on where it stands."),
    ("stopped", "It is stopped. What was filled stays."),
];

/// `/channels/{id}/content`: events of a channel that are stored without their content, and filling it from the broker.
pub(crate) async fn content(cx: &RequestContext, id: &str, address: &Address) -> DrawnPage {
    let Ok(channel) = id.parse::<ChannelId>() else { return drawn::page("Not found", help::not_found) };
    let wanted = asked_range(cx, address);
    let found = match &wanted {
        Ok(range) => standing(cx, channel, *range, address).await,
        // A range that can't be read is told beside the page, not instead of it.
        Err(_) => standing(cx, channel, None, address).await,
    };
    match found {
        Ok(Some(found)) => drawn::page(TITLE, || whole(&found, wanted.err(), address)),
        Ok(None) => drawn::page("Not found", help::not_found),
        Err(failure) => drawn::not_known(TITLE, failure),
    }
}

async fn standing(
    cx: &RequestContext,
    channel: ChannelId,
    range: Option<TimeRange>,
    address: &Address,
) -> Result<Option<ContentStanding>, Failure> {
    let caller = cx.caller_in(address.environment())?;
    cx.told(cx.cases.backfill.content(&caller, channel, range).await)
}

/// `None`: nothing was asked for.
fn asked_range(cx: &RequestContext, address: &Address) -> Result<Option<TimeRange>, Failure> {
    // A form that failed keeps what it was about.
    let echo = Echo::here();
    let text = |name: &str| address.given(name).or_else(|| echo.typed(name)).map(str::to_owned);
    let place = Place { from: text("from"), to: text("to"), ..Place::default() };
    if place.from.is_none() {
        return Ok(None);
    }
    let now = cx.cases.events.now();
    let range = cx.told(place.range(now))?;
    // Up to now, where no end is given.
    Ok(Some(TimeRange { to: range.to.or(Some(now)), ..range }))
}

fn whole(found: &ContentStanding, wrong: Option<Failure>, address: &Address) -> AnyView {
    let back = view! {
        <a class="btn btn--ghost btn--sm" href=format!("/channels/{}/capture", found.channel)>
            "What is kept of it"
        </a>
    };
    let wrong = wrong.map(|failure| view! { <ErrorPanel failure /> });
    let under = found.lacking.as_ref().map(|(times, lacking)| counted(found, *times, lacking));
    view! {
        <div class="page page--text">
            {drawn::head(TITLE, visible::plain(&found.name), back.into_any())} {drawn::failure(&Echo::here())}
            {drawn::done(address, DONE)} {found.fill.as_ref().map(|fill| filled(found, fill))}
            <section class="panel" aria-label="Which events">
                {form(found.channel, address)}
            </section>
            {wrong}
            {under}
            <p class="soft small">
                "Events that were stored as metadata, left out of a sample, or whose content has expired or was given up can \
                 have it as long as their broker keeps them. Each record is held against what is known of the event (its time, \
                 size and key) and stored where they agree; what is there already stays as it is. What an erasure \
                 marked, or must never be stored, is not brought back. Reading stays within the part of the source's cap that is for reads \
                 beside capture. What is filled is kept from now on, for as long as payloads of this channel are, but no \
                 longer than its rows."
            </p>
        </div>
    }
    .into_any()
}

fn form(channel: ChannelId, address: &Address) -> AnyView {
    let field = |name: &'static str, label: &'static str, placeholder: &'static str| {
        let id = format!("content-{name}");
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                <input
                    class="input input--mono"
                    id=id
                    name=name
                    value=address.value(name).to_owned()
                    placeholder=placeholder
                    maxlength="64"
                    autocomplete="off"
                    spellcheck="false"
                    required=name == "from"
                />
            </div>
        }
    };
    view! {
        <form class="panel__body stack" method="get" action=format!("/channels/{channel}/content")>
            <div class="pair">
                {field("from", "From (UTC)", "-2h, or 2026-11-22T08:00")} {field("to", "To (UTC)", "now")}
            </div>
            <div class="row">
                <button type="submit" class="btn">
                    "Count"
                </button>
            </div>
        </form>
    }
    .into_any()
}

fn counted(found: &ContentStanding, times: Times, lacking: &Lacking) -> AnyView {
    let range = view! { <span>{time(times.from)} " to " {time(times.to)} " UTC"</span> };
    if lacking.events == 0 && lacking.whole {
        return view! {
            <section class="panel">
                <p class="quiet">
                    "All that is stored from " {range} " has its content, or must not have it: there is nothing to fill."
                </p>
            </section>
        }
        .into_any();
    }
    let least = if lacking.whole { "" } else { "At least " };
    let erased = lacking.erased_before.then(|| {
        view! {
            <Banner tone="banner--warn" icon="warn">
                "Events of this channel were erased before. An erasure finds events by their content: those that had none by \
                 then were not found, and if the broker still has them, filling stores them."
            </Banner>
        }
    });
    let rate = Echo::here().typed("rate").unwrap_or("1").to_owned();
    let start = found.may_edit.then(|| {
        view! {
            <form method="post" action=format!("/channels/{}/content", found.channel) class="row">
                <input type="hidden" name="from" value=times.from.rfc3339() />
                <input type="hidden" name="to" value=times.to.rfc3339() />
                <label class="small">
                    "MB/s "
                    <input class="input" name="rate" value=rate inputmode="decimal" size="4" required />
                </label>
                <button type="submit" class="btn btn--primary">
                    "Fill their content"
                </button>
            </form>
        }
    });
    let may_not = (!found.may_edit).then(|| {
        view! { <p class="soft small">"Filling needs the permission to change what is captured (capture.edit)."</p> }
    });
    view! {
        <section class="panel" aria-label="Lacking content">
            <div class="panel__body stack">
                <p>
                    {least} <b class="num">{format::count(lacking.events, "event", "events")}</b>
                    " have no content from " {range} "; it had " {format::bytes(lacking.raw_bytes)}
                    ". The broker may have deleted some of them."
                </p>
                {erased}
                {start}
                {may_not}
            </div>
        </section>
    }
    .into_any()
}

/// What is filled, or was last.
fn filled(found: &ContentStanding, fill: &ContentFill) -> AnyView {
    let (tone, word) = pill(fill.state);
    let by = fill.asked_by.as_deref().unwrap_or("somebody whose account is gone").to_owned();
    let left_out =
        |n: u64, why: &'static str| (n > 0).then(|| view! { <dd>{format::count(n, "event", "events")} {why}</dd> });
    view! {
        <section class="panel" aria-label="Filled">
            <dl class="panel__body facts">
                <dt>"State"</dt>
                <dd>
                    <span class=tone>{word}</span>
                    " "
                    <span class="small muted">{fill.reason.clone()}</span>
                </dd>
                <dt>"Range"</dt>
                <dd>{time(fill.times.from)} " to " {time(fill.times.to)} " UTC"</dd>
                <dt>"Filled"</dt>
                <dd>
                    <b class="num">{format::count(fill.done.events, "event", "events")}</b>
                    {fill.lacking.map(|n| format!(" of {}", format::exact(n.max(fill.done.events))))}
                    ", "
                    {format::bytes(fill.done.raw_bytes)}
                </dd>
                {(fill.done.gone + fill.done.other + fill.done.unreadable > 0).then(|| view! { <dt>"Left as they are"</dt> })}
                {left_out(fill.done.gone, " that the broker has no more")}
                {left_out(fill.done.other, ": the broker has something else at their position")}
                {left_out(fill.done.unreadable, ": what is stored beside them can't be read")}
                <dt>"Asked for"</dt>
                <dd>{time(fill.asked_at)} " by " {visible::plain(&by)} ", at most " {format::bytes(fill.bytes_per_s)} "/s"</dd>
            </dl>
            {found.may_edit.then(|| acts(fill))}
        </section>
    }
    .into_any()
}

fn acts(fill: &ContentFill) -> AnyView {
    let channel = fill.channel;
    let held = |path: &'static str, label: &'static str| {
        view! {
            <form method="post" action=format!("/channels/{channel}/content{path}")>
                <button type="submit" class="btn btn--sm">
                    {label}
                </button>
            </form>
        }
        .into_any()
    };
    let on = |label: &'static str| {
        view! {
            <form method="post" action=format!("/channels/{channel}/content")>
                <input type="hidden" name="from" value=fill.times.from.rfc3339() />
                <input type="hidden" name="to" value=fill.times.to.rfc3339() />
                <input type="hidden" name="rate" value=rate_shown(fill.bytes_per_s) />
                <button type="submit" class="btn btn--sm">
                    {label}
                </button>
            </form>
        }
        .into_any()
    };
    let buttons = match fill.state {
        FillState::Running => vec![held("/pause", "Pause"), held("/stop", "Stop")],
        FillState::Paused => vec![on("Resume"), held("/stop", "Stop")],
        FillState::Stopped | FillState::Failed => vec![on("Go on")],
        FillState::Done => return ().into_any(),
    };
    view! { <div class="panel__body row">{buttons}</div> }.into_any()
}
