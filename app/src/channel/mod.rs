//! One channel, at `/channels/{id}`: how much comes in, how large it is, who reads it, and who is behind. Drawn by the
//! server; `js/lag.js` keeps it up to date.

mod facts;
mod readers;

use crate::{
    Failure, RequestContext,
    drawn::{self, Address, DrawnPage},
    events::{line, visible::plain},
    lag::chart::{Chart, Measure},
    ui::{Icon, format},
};
use leptos::prelude::*;
use weir_domain::{
    ChannelId,
    access::{Caller, Permission},
    capture::SourceState,
    catalog::{ChannelPage, Hours, Measured, Production},
};

const RANGES: &[(Hours, &str)] = &[(Hours::Six, "6 h"), (Hours::Day, "24 h")];

pub(crate) async fn channel(cx: &RequestContext, id: &str, address: &Address) -> DrawnPage {
    let Ok(id) = id.parse::<ChannelId>() else { return drawn::page("Not found", crate::help::not_found) };
    let asked = async {
        let caller = cx.caller_in(address.environment())?;
        let found = cx.told(cx.cases.catalog.channel(&caller, id).await)?;
        Ok::<_, Failure>(found.map(|found| (found, caller)))
    };
    match asked.await {
        Err(failure) => drawn::not_known("Channel", failure),
        Ok(None) => drawn::page("Not found", crate::help::not_found),
        Ok(Some((found, caller))) => drawn::page(&plain(&found.facts.name), || {
            view! { <div class="page lag channel" data-live="10">{body(&found, &caller, address)}</div> }.into_any()
        }),
    }
}

/// To its events.
fn events(of: &ChannelPage) -> String {
    format!("/events?channel=%23{}", of.facts.id)
}

fn body(of: &ChannelPage, caller: &Caller, address: &Address) -> AnyView {
    view! {
        {top(of)} {troubles(of)}
        <section class="panel" aria-label="How much comes in">
            <div class="lag__charts">
                <div class="panel__body stack">{production(of, address)}</div>
                <div class="panel__body stack lag__heat">
                    <h2 class="h-sect">"How large it is"</h2>
                    {facts::facts(of)}
                </div>
            </div>
        </section>
        {readers::readers(of, address)} {elsewhere(of, caller)} {facts::partitions(of)}
    }
    .into_any()
}

fn top(of: &ChannelPage) -> AnyView {
    let f = &of.facts;
    let source = view! { <a href=format!("/sources/{}", f.source.id)>{line(&f.source.name)}</a> };
    let seen = f.observed.as_ref().map(|(seen, _)| u64::from(seen.partitions)).filter(|n| *n > 0);
    let partitions = seen.unwrap_or(f.partitions.len() as u64 + u64::from(f.more_partitions));
    let partitions = (partitions > 0).then(|| format!(", {}", format::count(partitions, "partition", "partitions")));
    view! {
        <div class="page__head">
            <h1 class="page__title mono">{line(&f.name)}</h1>
            <span class="page__sub">
                "channel of " {source} ", " {line(&f.source.environment_name)} {partitions}
            </span>
            <div class="push row row--wrap">
                <a class="btn btn--sm" href=format!("{}&tail=1", events(of))>
                    <Icon name="play" small=true />
                    "Follow"
                </a>
                <a class="btn btn--sm btn--primary" href=events(of)>
                    <Icon name="events" small=true />
                    "Events"
                </a>
            </div>
        </div>
    }
    .into_any()
}

/// Why what is shown is old, or not all.
fn troubles(of: &ChannelPage) -> AnyView {
    let source = &of.facts.source;
    let state = match source.state {
        SourceState::Down => Some("can't be reached"),
        SourceState::Paused => Some("is paused"),
        SourceState::Off => Some("is not read here"),
        SourceState::Up | SourceState::Starting => None,
    };
    let still = state.map(|state| {
        let reason = source.reason.as_deref().map(|why| format!(" {}", plain(why)));
        let since = source.since.map(|at| view! { " since " {drawn::time(at)} });
        trouble(
            view! { {line(&source.name)} " " {state} {since} "." {reason} " Figures are of before that." }.into_any(),
        )
    });
    let observed = of.readers.as_ref().and_then(|r| r.observed.as_ref());
    let unseen = observed.filter(|_| state.is_none()).and_then(|o| o.failed.as_ref().map(|why| (why, o.observed_at)));
    let unseen = unseen.map(|(why, at)| {
        let as_of = at.map(|at| view! { " Who reads it is shown as of " {drawn::time(at)} "." });
        trouble(view! { "Groups of " {line(&source.name)} " can't be observed: " {plain(why)} {as_of} }.into_any())
    });
    let problem = of.facts.observed.as_ref().and_then(|(seen, _)| seen.problem.as_ref());
    let problem =
        problem.map(|why| trouble(view! { "Its broker does not tell how it stands: " {plain(why)} }.into_any()));
    view! { {still} {unseen} {problem} }.into_any()
}

fn trouble(text: AnyView) -> AnyView {
    view! {
        <div class="banner banner--warn lag__trouble" role="status">
            <Icon name="warn" />
            <p>{text}</p>
        </div>
    }
    .into_any()
}

fn production(of: &ChannelPage, address: &Address) -> AnyView {
    let hours = if address.value("hours") == "24" { Hours::Day } else { Hours::Six };
    let ranges = RANGES.iter().map(|&(h, text)| {
        let to = address.put("hours", &h.hours().to_string()).text();
        view! { <a href=to aria-current=(h == hours).then_some("true")>{text}</a> }
    });
    let now = of.facts.now(of.readers.as_ref(), of.at);
    let lead = match now {
        Some((per_s, measured)) => view! {
            <p class="channel__now">
                <b class="num">{format!("{}/s", format::rate(per_s))}</b>
                " "
                <span class="muted">{now_by(measured)}</span>
            </p>
        }
        .into_any(),
        None => view! {
            <p class="channel__now">
                <b>{format::UNKNOWN}</b>
                " "
                <span class="muted">"how much comes in now is not known"</span>
            </p>
        }
        .into_any(),
    };
    let made = of.facts.production(hours);
    view! {
        <div class="row">
            <h2 class="h-sect">"How much comes in"</h2>
            <nav class="seg push" aria-label="How far back">
                {ranges.collect_view()}
            </nav>
        </div>
        {lead}
        {history(made.as_ref(), hours)}
    }
    .into_any()
}

/// The chart, or why there is none.
fn history(made: Option<&Production>, hours: Hours) -> AnyView {
    let words = match made {
        Some(made) if made.known() > 1 => return chart(made, hours),
        Some(made) => {
            let so_far = made.span().map(|(_, mean, _)| format!(" So far {}/s came in on the average.", format::rate(mean)));
            format!("It is drawn once two steps of {} min are known.{}", made.slot_s / 60, so_far.unwrap_or_default())
        }
        None => "No history yet: it is drawn from what is captured, and from where the channel's ends stood when groups were observed.".to_owned(),
    };
    view! { <p class="small muted">{words}</p> }.into_any()
}

const fn now_by(measured: Measured) -> &'static str {
    match measured {
        Measured::AtBroker => "now, as the channel's ends move at the broker",
        Measured::Captured => "captured in the last minute",
    }
}

fn chart(made: &Production, hours: Hours) -> AnyView {
    let slot_us = made.slot_s * 1_000_000;
    let middle = |i: usize| made.from.plus_micros(slot_us * i64::try_from(i).unwrap_or(0) + slot_us / 2);
    // In thousandths: a rate of less than one a second is no nothing.
    let thousandths = |per_s: f64| (per_s * 1_000.0).round() as u64;
    let points = made.per_s.iter().enumerate().map(|(i, v)| (middle(i), v.map(thousandths))).collect();
    let until = made.from.plus_secs(hours.hours() * 3_600);
    let told = made.span().map(|(least, mean, most)| {
        let [least, mean, most] = [least, mean, most].map(format::rate);
        format!("{least} to {most} events/s over {} h, {mean}/s on the average", hours.hours())
    });
    let told = told.unwrap_or_default();
    let by = match made.measured {
        Measured::AtBroker => "as the channel's ends moved at the broker",
        Measured::Captured => "by when they were captured",
    };
    let drawn = Chart {
        label: format!("Events a second over time: {told}"),
        measure: Measure::Rate,
        from: made.from,
        now: until,
        until,
        points,
        ahead: Vec::new(),
        restart: Vec::new(),
        limit: None,
        crossed: None,
        marks: Vec::new(),
        bad: false,
    };
    view! {
        {drawn.draw()}
        <p class="small soft">{format!("{told}, {by}, in steps of {} min.", made.slot_s / 60)}</p>
    }
    .into_any()
}

/// What is one click away.
fn elsewhere(of: &ChannelPage, caller: &Caller) -> AnyView {
    let f = &of.facts;
    let own = |rest: &str| format!("/channels/{}/{rest}", f.id);
    let may = |p| caller.may(p);
    let all = [
        (true, format!("/changes?channel={}", f.id), "What changed", "of this channel"),
        (true, own("capture"), "What is kept", "capture, retention and cost of it"),
        (true, own("content"), "Content", "fill what was not kept from what the broker still has"),
        (
            may(Permission::EventsPayload),
            own("at-broker"),
            "At the broker",
            "search what the broker has, stored or not",
        ),
        (may(Permission::LagSee), "/alerts".to_owned(), "Alerts", "of the groups that read it"),
        (may(Permission::EventsErase), "/holds".to_owned(), "Holds", "what must neither go nor be erased"),
        (may(Permission::EventsErase), "/erasures".to_owned(), "Erasures", "what was asked to be forgotten"),
    ];
    let links = all.into_iter().filter(|a| a.0).map(|(_, href, text, what)| {
        view! {
            <li>
                <a href=href>{text}</a>
                " "
                <span class="muted">{what}</span>
            </li>
        }
    });
    view! {
        <section class="panel" aria-labelledby="elsewhere">
            <div class="panel__head">
                <h2 class="panel__title" id="elsewhere">
                    "More of it"
                </h2>
            </div>
            <ul class="panel__body channel__more small">{links.collect_view()}</ul>
        </section>
    }
    .into_any()
}
