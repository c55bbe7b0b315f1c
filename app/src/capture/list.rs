use super::{
    budget,
    words::{about, days, mode},
};
use crate::{
    Failure, RequestContext,
    drawn::{self, Address, DrawnPage, Echo, done, failure, head},
    events::{line, visible::plain},
    ui::{Empty, ErrorPanel, Pill, SourceBadge, Tone, format},
};
use leptos::prelude::*;
use weir_domain::{
    SourceId,
    capture::{CaptureList, ChannelCapture},
};

const TITLE: &str = "Capture";
const DONE: &[(&str, &str)] =
    &[("budget", "Saved. What is used is measured every minute, and what follows from it is done then.")];
/// Rows drawn at most; programs get all of them.
const MOST: usize = 500;

/// Every channel with its policy and cost, at `/capture`.
pub(crate) async fn list(cx: &RequestContext, address: &Address) -> DrawnPage {
    let found = match cx.caller_in(address.environment()) {
        Ok(caller) => cx.told(cx.cases.capture.with_budget(&caller).await),
        Err(failure) => Err(failure),
    };
    let (found, budget) = match found {
        Ok((list, budget)) => (Ok(list), Ok(budget)),
        Err(failure) => (Err(failure.clone()), Err(failure)),
    };
    drawn::page(TITLE, || {
        let body = match found {
            Ok(found) => table(&found, true),
            Err(failure) => view! { <ErrorPanel failure /> }.into_any(),
        };
        view! {
            <div class="page">
                {head(TITLE, "what is kept of each channel, and what it costs", ().into_any())}
                {done(address, DONE)} {failure(&Echo::here())} {budget::warning(&budget)} {budget::panel(&budget)}
                <section class="panel" aria-label="Channels">
                    {body}
                </section>
                <p class="soft small">
                    "Payloads: bytes of their blocks, exactly. Metadata: the channel's part, by number of events, of its tables with their indexes. Per day: the last 24 hours. Comes to: an estimate, once as much goes as comes at that rate."
                </p>
                {budget::order(&budget)} {budget::history(&budget)}
            </div>
        }
        .into_any()
    })
}

/// The same of one source, as a part of its page.
pub(crate) async fn of_source(cx: &RequestContext, id: &str, address: &Address) -> DrawnPage {
    let found = match id.parse() {
        Ok(id) => asked(cx, address, id).await,
        Err(_) => return drawn::page("Not found", crate::help::not_found),
    };
    let part = address.value("part") == "1";
    drawn::page(TITLE, || {
        let body = match &found {
            Ok(found) => table(found, false),
            Err(failure) => view! { <ErrorPanel failure=failure.clone() /> }.into_any(),
        };
        let panel = view! {
            <section class="panel" aria-labelledby="capture">
                <div class="panel__head">
                    <h2 class="panel__title" id="capture">
                        "What is kept, and what it costs"
                    </h2>
                    <a class="btn btn--ghost btn--sm push" href="/capture" rel="external">
                        "All channels"
                    </a>
                </div>
                {body}
            </section>
        };
        if part { panel.into_any() } else { view! { <div class="page">{panel}</div> }.into_any() }
    })
}

async fn asked(cx: &RequestContext, address: &Address, source: SourceId) -> Result<CaptureList, Failure> {
    let caller = cx.caller_in(address.environment())?;
    cx.told(cx.cases.capture.list(&caller, Some(source)).await)
}

fn table(found: &CaptureList, with_source: bool) -> AnyView {
    if found.channels.is_empty() {
        let hidden =
            (found.hidden_channels > 0).then(|| format!("There are {}.", format::not_seen(found.hidden_channels)));
        return view! {
            <Empty title="No channel is captured yet">
                <p>"Channels appear here with their first look at the broker. " {hidden}</p>
            </Empty>
        }
        .into_any();
    }
    let rows = found.channels.iter().take(MOST).map(|c| row(c, with_source)).collect_view();
    let source = with_source.then(|| view! { <th scope="col">"Source"</th> });
    view! {
        <div class="tablewrap">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"Channel"</th>
                        {source}
                        <th scope="col">"Kept"</th>
                        <th scope="col" class="hide-m">"Payloads, metadata for"</th>
                        <th scope="col" class="num">"Payloads"</th>
                        <th scope="col" class="num hide-m">"Metadata"</th>
                        <th scope="col" class="num">"Per day"</th>
                        <th scope="col" class="num">"Comes to"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
                {total(found, with_source)}
            </table>
        </div>
        {rest(found)}
    }
    .into_any()
}

fn row(c: &ChannelCapture, with_source: bool) -> AnyView {
    let source = with_source.then(|| {
        view! {
            <td>
                <SourceBadge kind=c.source_kind.clone() name=plain(&c.source_name) />
            </td>
        }
    });
    let under = (c.effective() != c.policy.mode)
        .then(|| view! { " " <Pill tone=Tone::Warn icon="lock" text="lowered by the source" /> });
    let gone =
        (!c.given_up.is_empty()).then(|| view! { " " <Pill tone=Tone::Warn icon="clock" text="gives up payloads" /> });
    let full = c.withheld.map(|_| view! { " " <Pill tone=Tone::Bad icon="warn" text="no room" /> });
    let limit = c.policy.payload_limit.map(|n| format!(", at most {}", format::bytes(n)));
    view! {
        <tr>
            <th scope="row" class="mono">
                <a href=format!("/channels/{}/capture", c.channel)>{line(&c.name)}</a>
            </th>
            {source}
            <td>{mode(c.effective())} {under} {gone} {full}</td>
            <td class="hide-m">{days(c.policy.payload_days)} ", " {days(c.policy.metadata_days)} {limit}</td>
            <td class="num">{format::bytes(c.cost.payload_bytes)}</td>
            <td class="num hide-m">{about(Some(c.cost.metadata_bytes))}</td>
            <td class="num">{about(c.cost.per_day())}</td>
            <td class="num">{about(c.steady())}</td>
        </tr>
    }
    .into_any()
}

/// Of all of them, drawn or not.
fn total(found: &CaptureList, with_source: bool) -> AnyView {
    let sum = |of: fn(&ChannelCapture) -> u64| found.channels.iter().map(of).fold(0, u64::saturating_add);
    // Where one is unknown, so is the sum.
    let known = |of: fn(&ChannelCapture) -> Option<u64>| {
        found.channels.iter().map(of).try_fold(0_u64, |a, b| b.map(|b| a.saturating_add(b)))
    };
    let source = with_source.then(|| view! { <td></td> });
    view! {
        <tfoot>
            <tr>
                <th scope="row">{format::count(found.channels.len() as u64, "channel", "channels")}</th>
                {source}
                <td></td>
                <td class="hide-m"></td>
                <td class="num">{format::bytes(sum(|c| c.cost.payload_bytes))}</td>
                <td class="num hide-m">{about(Some(sum(|c| c.cost.metadata_bytes)))}</td>
                <td class="num">{about(known(|c| c.cost.per_day()))}</td>
                <td class="num">{about(known(ChannelCapture::steady))}</td>
            </tr>
        </tfoot>
    }
    .into_any()
}

/// What is not in the table.
fn rest(found: &CaptureList) -> AnyView {
    let more = found.channels.len().saturating_sub(MOST) as u64;
    let more =
        (more > 0).then(|| format!("{} that cost least are not drawn. ", format::count(more, "channel", "channels")));
    let hidden = (found.hidden_channels > 0).then(|| format!("There are {}.", format::not_seen(found.hidden_channels)));
    let any = more.is_some() || hidden.is_some();
    any.then(|| view! { <p class="capture-note small muted">{more} {hidden}</p> }).into_any()
}
