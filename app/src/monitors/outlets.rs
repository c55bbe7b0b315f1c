use super::words::{covers, ways};
use crate::{
    RequestContext,
    drawn::{self, Address, DrawnPage, Echo, head, time},
    events::line,
    ui::{Empty, Pill, Tone, format},
};
use leptos::prelude::*;
use weir_cases::monitors::outlets::OutletList;
use weir_domain::monitors::{OutletShown, Takes};

const TITLE: &str = "Outlets";
const DONE: &[(&str, &str)] = &[
    ("added", "The outlet is there. Send a test to see that it arrives."),
    ("changed", "The outlet is changed. What waited for it is tried now."),
    ("removed", "The outlet is gone, with what waited to be sent by it."),
    ("tested", "The test was taken. See that it arrived."),
    ("heartbeat", "The heartbeat is set."),
];

/// The page at `/alerts/outlets`, which also answers its forms.
pub(crate) async fn outlets(cx: &RequestContext, address: &Address) -> DrawnPage {
    let found = match cx.caller_in(address.environment()) {
        Ok(caller) => cx.told(cx.cases.monitors.outlets(&caller).await),
        Err(failure) => Err(failure),
    };
    match found {
        Ok(list) => drawn::page(TITLE, || shown(&list, address)),
        Err(failure) => drawn::not_known(TITLE, failure),
    }
}

fn shown(list: &OutletList, address: &Address) -> AnyView {
    let echo = Echo::here();
    let add = list.may_edit.then(|| {
        view! {
            <div class="row">
                <a class="btn btn--primary" href="/alerts/outlets/new">
                    "Add an outlet"
                </a>
            </div>
        }
    });
    view! {
        <div class="page">
            {head(TITLE, "where alerts are sent to", ways("/alerts/outlets"))} {drawn::done(address, DONE)}
            {drawn::failure(&echo)} {add} {all(list)} {heartbeat(list)}
        </div>
    }
    .into_any()
}

fn all(list: &OutletList) -> AnyView {
    if list.outlets.is_empty() {
        return view! {
            <section class="panel" aria-label="Outlets">
                <Empty title="Nobody is told yet">
                    <p>"An outlet takes alerts to a chat, a webhook of yours, PagerDuty or by mail."</p>
                </Empty>
            </section>
        }
        .into_any();
    }
    view! {
        <section class="panel" aria-label="Outlets">
            <ul class="alerts">{list.outlets.iter().map(|o| one(o, list.may_edit)).collect_view()}</ul>
        </section>
    }
    .into_any()
}

fn one(shown: &OutletShown, may_edit: bool) -> AnyView {
    let o = &shown.outlet;
    let pill = match (o.on, &shown.error, shown.delivered_at) {
        (false, ..) => view! { <Pill tone=Tone::Idle icon="pause" text="OFF" /> }.into_any(),
        (true, Some(_), _) if shown.arrived => view! { <Pill tone=Tone::Warn icon="warn" text="IN PART" /> }.into_any(),
        (true, Some(_), _) => view! { <Pill tone=Tone::Bad icon="stop" text="FAILS" /> }.into_any(),
        (true, None, Some(_)) => view! { <Pill tone=Tone::Ok icon="check" text="DELIVERS" /> }.into_any(),
        (true, None, None) => view! { <Pill tone=Tone::Idle icon="clock" text="NOT USED YET" /> }.into_any(),
    };
    let error = shown.error.as_deref().map(|e| view! { <p class="small bad-t wrap">{line(e)}</p> });
    let last = shown.delivered_at.map(|at| view! { " · last delivered " {time(at)} });
    let counts = [(shown.waiting, "waits", "wait"), (shown.given_up, "given up this week", "given up this week")];
    let counts: Vec<String> = counts
        .into_iter()
        .filter(|(n, ..)| *n > 0)
        .map(|(n, one, many)| format!(" · {}", format::count(n.into(), one, many)))
        .collect();
    let id = o.id.0.clone();
    let acts = may_edit.then(|| {
        view! {
            <div class="row row--wrap">
                <form method="post" action="/alerts/outlets/test">
                    <input type="hidden" name="id" value=id.clone() />
                    <button type="submit" class="btn btn--sm">
                        "Send a test" <span class="vh">{format!(" to {}", o.name)}</span>
                    </button>
                </form>
                <a class="btn btn--sm" href=format!("/alerts/outlets/{id}")>
                    "Change" <span class="vh">{format!(" {}", o.name)}</span>
                </a>
                <details class="sure">
                    <summary class="btn btn--sm btn--danger">
                        "Remove…" <span class="vh">{format!(" {}", o.name)}</span>
                    </summary>
                    <form method="post" action="/alerts/outlets/remove">
                        <input type="hidden" name="id" value=id.clone() />
                        <button type="submit" class="btn btn--sm btn--danger-solid">
                            "Remove it: nobody is told by it"
                        </button>
                    </form>
                </details>
            </div>
        }
    });
    view! {
        <li class="alerts__one">
            <div class="row row--wrap">
                {pill} <span class="strong">{line(&o.name)}</span> <span class="soft">{o.settings.kind().name()}</span>
                <span class="mono wrap">{line(&o.settings.leads_to())}</span>
            </div>
            <p class="small muted wrap">
                "takes " {taken(&o.takes)} " of " {line(&covers(&o.takes.scope))} {last} {counts.concat()}
            </p>
            {error}
            {acts}
        </li>
    }
    .into_any()
}

fn taken(takes: &Takes) -> &'static str {
    match (takes.page, takes.notify) {
        (true, true) => "what pages and what notifies",
        (true, false) => "what pages",
        (false, true) => "what notifies",
        (false, false) => "nothing",
    }
}

/// So that Weir's own silence is noticed.
fn heartbeat(list: &OutletList) -> AnyView {
    let standing = match &list.heartbeat {
        None => view! { <p class="muted">"None is called. If Weir itself stops, nobody is told."</p> }.into_any(),
        Some(h) => {
            let called = h.called_at.map(|at| view! { ", last called " {time(at)} });
            let error = h.error.as_deref().map(|e| view! { <p class="small bad-t wrap">{line(e)}</p> });
            view! {
                <p>
                    <span class="mono">{line(&h.shown)}</span>
                    {called}
                </p>
                {error}
            }
            .into_any()
        }
    };
    let form = list.may_edit.then(|| {
        view! {
            <form class="stack" method="post" action="/alerts/outlets/heartbeat">
                <div class="field">
                    <label for="heartbeat-url">"Address"</label>
                    <input
                        class="input"
                        id="heartbeat-url"
                        name="secret_url"
                        type="url"
                        autocomplete="off"
                        spellcheck="false"
                        placeholder="https://hc-ping.com/…"
                        aria-describedby="heartbeat-hint"
                    />
                    <span class="field__hint" id="heartbeat-hint">
                        "Kept sealed and not shown again. Left empty, none is called any longer."
                    </span>
                </div>
                <div class="row">
                    <button type="submit" class="btn">
                        "Keep the heartbeat"
                    </button>
                </div>
            </form>
        }
    });
    view! {
        <section class="panel" aria-label="Heartbeat">
            <div class="panel__head">
                <h2 class="panel__title">"Heartbeat"</h2>
                <span class="panel__note">"called every minute while rules are judged and groups are observed, so that Weir's own silence is noticed elsewhere"</span>
            </div>
            <div class="panel__body stack">{standing} {form}</div>
        </section>
    }
    .into_any()
}
