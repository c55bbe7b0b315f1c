use super::{
    form::form,
    words::{about, days, given_up_why, lowered, mode},
};
use crate::{
    RequestContext,
    drawn::{Address, DrawnPage, Echo, done, failure, head, not_known, page, time},
    events::visible::plain,
    help,
    ui::{Banner, SourceBadge, format},
};
use leptos::prelude::*;
use weir_domain::capture::{CaptureDetail, ChannelCapture};

const DONE: &[(&str, &str)] = &[(
    "set",
    "Saved. It holds for what is captured from 10 s on; payloads that are given up go within minutes. A channel that was off is read again within half a minute.",
)];

/// One channel's policy and cost, at `/channels/<id>/capture`.
pub(crate) async fn detail(cx: &RequestContext, id: &str, address: &Address) -> DrawnPage {
    let Ok(id) = id.parse() else { return page("Not found", help::not_found) };
    let found = match cx.caller() {
        Ok(caller) => cx.told(cx.cases.capture.detail(&caller, id).await),
        Err(failure) => Err(failure),
    };
    match found {
        Ok(Some(found)) => page(&format!("{} · capture", found.capture.name), || shown(&found, address)),
        Ok(None) => page("Not found", help::not_found),
        Err(failure) => not_known("Capture", failure),
    }
}

fn shown(found: &CaptureDetail, address: &Address) -> AnyView {
    let (c, echo) = (&found.capture, Echo::here());
    let channel = format!("/channels/{}", c.channel);
    let all = view! {
        <div class="row">
            <a class="btn btn--ghost btn--sm" href=channel>
                "The channel"
            </a>
            <a class="btn btn--ghost btn--sm" href="/capture">
                "All channels"
            </a>
        </div>
    };
    let under = lowered(c).map(|words| {
        view! {
            <Banner tone="banner--warn" icon="lock">
                {words}
            </Banner>
        }
    });
    view! {
        <div class="page page--text">
            {head(plain(&c.name), "what is kept of it, and what it costs", all.into_any())} {done(address, DONE)}
            {failure(&echo)} {under} {withheld(c)} {costs(c)} {given_up(c)} {tombstones(c)} {form(found, &echo)}
        </div>
    }
    .into_any()
}

/// Its payloads are not kept, for want of room.
fn withheld(c: &ChannelCapture) -> AnyView {
    c.withheld
        .map(|since| {
            view! {
                <Banner tone="banner--bad" icon="warn">
                    "Only metadata is kept since "
                    {time(since)}
                    " UTC: the "
                    <a href="/capture">"store's budget"</a>
                    " is used up, and it was this channel's turn to give way. It ends by itself when there is room again."
                </Banner>
            }
        })
        .into_any()
}

/// Who approved what tombstones erase.
fn tombstones(c: &ChannelCapture) -> AnyView {
    c.tombstones
        .as_ref()
        .filter(|_| c.policy.erase_on_tombstone)
        .map(|(since, by)| {
            let (since, by) = (*since, plain(by));
            view! {
                <Banner tone="" icon="lock">
                    "Tombstones erase since "
                    {time(since)}
                    " UTC: the earlier events of their keys on this channel. "
                    {by}
                    " switched it on, and with that approved each of them. See "
                    <a href="/erasures">"erasures"</a>
                    "."
                </Banner>
            }
        })
        .into_any()
}

fn costs(c: &ChannelCapture) -> AnyView {
    let changed = match &c.changed {
        None => "Never".into_any(),
        Some((at, by)) => {
            let by = by.as_ref().map(|by| format!(" by {}", plain(by)));
            view! { <span>{time(*at)} {by}</span> }.into_any()
        }
    };
    let per_day = |events: Option<u64>, bytes: Option<u64>| match events {
        None => "not long enough to tell".to_owned(),
        Some(n) => format!("{} and {} a day", format::count(n, "event", "events"), about(bytes)),
    };
    view! {
        <section class="panel" aria-label="Cost">
            <dl class="panel__body facts">
                <dt>"Source"</dt>
                <dd>
                    <a href=format!("/sources/{}", c.source)>
                        <SourceBadge kind=c.source_kind.clone() name=plain(&c.source_name) />
                    </a>
                </dd>
                <dt>"Kept now"</dt>
                <dd>
                    {kept_now(c)} "; payloads " {days(c.policy.payload_days)} ", metadata "
                    {days(c.policy.metadata_days)}
                </dd>
                <dt>"Payloads on disk"</dt>
                <dd>{format::bytes(c.cost.payload_bytes)}</dd>
                <dt>"Metadata on disk"</dt>
                <dd>{about(Some(c.cost.metadata_bytes))} " for " {format::count(c.cost.events, "event", "events")}</dd>
                <dt>"The last 24 h"</dt>
                <dd>{per_day(c.cost.events_per_day, c.cost.per_day())}</dd>
                <dt>"Comes to"</dt>
                <dd>{about(c.steady())} ", an estimate: at that rate, once as much goes as comes"</dd>
                <dt>"Policy changed"</dt>
                <dd>{changed}</dd>
                <dt>"Not kept"</dt>
                <dd>
                    <a href=format!("/channels/{}/content", c.channel)>"Fill the content of a range"</a>
                    " from what the broker still has"
                </dd>
            </dl>
        </section>
    }
    .into_any()
}

fn kept_now(c: &ChannelCapture) -> String {
    match c.withheld {
        Some(_) => "metadata, for want of room".into(),
        None => mode(c.effective()),
    }
}

fn given_up(c: &ChannelCapture) -> AnyView {
    let each = c.given_up.iter().map(|g| {
        let words = format!(
            "{} of payloads were given up in the last 24 h, because {}.",
            format::bytes(g.bytes),
            given_up_why(g)
        );
        let last = g.last_at;
        view! {
            <Banner tone="banner--warn" icon="clock">
                {words}
                " The last at "
                {time(last)}
                " UTC. Rows, times and types of those events are still there."
            </Banner>
        }
    });
    each.collect_view().into_any()
}
