use crate::{
    RequestContext,
    drawn::{self, Address, DrawnPage, Echo, head, time},
    events::line,
    ui::{Empty, Pill, Tone, format},
};
use leptos::prelude::*;
use weir_cases::holds::list::HoldShown;
use weir_domain::{Timestamp, holds::Held};

const TITLE: &str = "Holds";
const DONE: &[(&str, &str)] = &[
    ("placed", "The hold stands. What it keeps is neither dropped nor erased."),
    ("ended", "The hold has ended. What is past its retention goes within a minute or two."),
];

/// The page at `/holds`, which also answers the form that ends one.
pub(crate) async fn page(cx: &RequestContext, address: &Address) -> DrawnPage {
    let found = match cx.caller_in(address.environment()) {
        Ok(caller) => cx.told(cx.cases.holds.list(&caller).await),
        Err(failure) => Err(failure),
    };
    match found {
        Ok((all, now)) => drawn::page(TITLE, || shown(&all, now, address)),
        Err(failure) => drawn::not_known(TITLE, failure),
    }
}

fn shown(all: &[HoldShown], now: Timestamp, address: &Address) -> AnyView {
    let echo = Echo::here();
    let acts = view! {
        <div class="row">
            <a class="btn" href="/erasures">
                "Erasures"
            </a>
            <a class="btn btn--primary" href="/holds/new">
                "Place a hold"
            </a>
        </div>
    };
    let (stand, ended): (Vec<_>, Vec<_>) = all.iter().partition(|h| h.hold.stands(now));
    view! {
        <div class="page">
            {head(TITLE, "events that stay past their retention, and that nobody erases", acts.into_any())}
            {drawn::done(address, DONE)} {drawn::failure(&echo)} {standing(&stand)} {over(&ended)}
            <p class="soft small">
                "A hold keeps whole stretches of the store, of every channel that was stored beside: its cost is what those take on disk once their retention has passed. What is gone already it does not bring back, and the broker keeps its own time."
            </p>
        </div>
    }
    .into_any()
}

fn standing(holds: &[&HoldShown]) -> AnyView {
    if holds.is_empty() {
        return view! {
            <section class="panel" aria-label="Holds that stand">
                <Empty title="No hold stands">
                    <p>"A hold keeps a channel, a key or single events until a day, for a dispute or an investigation."</p>
                </Empty>
            </section>
        }
        .into_any();
    }
    table("Standing", holds.iter().map(|h| row(h, true)).collect_view().into_any())
}

fn over(holds: &[&HoldShown]) -> AnyView {
    if holds.is_empty() {
        return ().into_any();
    }
    table("Ended", holds.iter().map(|h| row(h, false)).collect_view().into_any())
}

fn table(title: &'static str, rows: AnyView) -> AnyView {
    view! {
        <section class="panel" aria-label=title>
            <div class="panel__head">
                <h2 class="panel__title">{title}</h2>
            </div>
            <div class="tablewrap">
                <table class="table table--two">
                    <thead>
                        <tr>
                            <th scope="col">"Hold"</th>
                            <th scope="col">"Keeps"</th>
                            <th scope="col" class="num">"On disk"</th>
                            <th scope="col">"Placed"</th>
                            <th scope="col">"Ends"</th>
                            <th scope="col">
                                <span class="vh">"Change"</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn row(shown: &HoldShown, stands: bool) -> AnyView {
    let hold = &shown.hold;
    let cost = match hold.pinned_buckets {
        0 => "nothing yet".to_owned(),
        _ => format::bytes(hold.pinned_bytes),
    };
    let end = hold.ended_at.unwrap_or(hold.ends_at);
    let by = hold.ended_name.as_deref().map(|name| view! { <span>"by " {line(name)}</span> });
    // Opening it is the question whether one means it.
    let act = stands.then(|| {
        view! {
            <details class="sure">
                <summary class="btn btn--sm btn--danger">
                    "End…" <span class="vh">{format!(" {}", hold.name)}</span>
                </summary>
                <form method="post" action="/holds/end">
                    <input type="hidden" name="id" value=hold.id.0.clone() />
                    <button type="submit" class="btn btn--sm btn--danger-solid">
                        "End it now"
                    </button>
                </form>
            </details>
        }
    });
    view! {
        <tr>
            <th scope="row" class="wrap">
                <div class="stack">
                    {line(&hold.name)} <span class="small muted">{line(&hold.reason)}</span>
                </div>
            </th>
            <td class="wrap">{kept(shown)}</td>
            <td class="num">{if stands { cost } else { format::UNKNOWN.to_owned() }}</td>
            <td>
                <div class="stack">{line(&hold.made_name)} {time(hold.made_at)}</div>
            </td>
            <td>
                <div class="stack">{time(end)} {by}</div>
            </td>
            <td class="num">{act}</td>
        </tr>
    }
    .into_any()
}

fn kept(shown: &HoldShown) -> AnyView {
    match &shown.hold.held {
        Held::Channel { from, to, .. } => {
            let name = match &shown.channel_name {
                Some(name) => view! { <span>{line(name)}</span> }.into_any(),
                None => view! { <span class="muted">"a channel you may not see"</span> }.into_any(),
            };
            let from = from.map(|t| view! { <span class="small">"from " {time(t)}</span> });
            let to = to.map(|t| view! { <span class="small">"to " {time(t)}</span> });
            view! { <div class="stack">{name} {from} {to}</div> }.into_any()
        }
        Held::Key(_) => view! { <Pill tone=Tone::Idle icon="lock" text="one key" /> }.into_any(),
        Held::Events(ids) => view! { <span>{format::count(ids.len() as u64, "event", "events")}</span> }.into_any(),
    }
}
