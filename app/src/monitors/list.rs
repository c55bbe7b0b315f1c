use super::words::{ago, in_hand, severity, state, ways};
use crate::{
    RequestContext,
    drawn::{self, Address, DrawnPage, head, time},
    events::line,
    ui::{Banner, Empty, format},
};
use leptos::prelude::*;
use weir_cases::monitors::alerts::AlertList;
use weir_domain::{
    Timestamp,
    monitors::{Alert, span},
};

const TITLE: &str = "Alerts";

/// The page at `/alerts`.
pub(crate) async fn list(cx: &RequestContext, address: &Address) -> DrawnPage {
    let found = match cx.caller_in(address.environment()) {
        Ok(caller) => cx.told(cx.cases.monitors.alerts(&caller).await),
        Err(failure) => Err(failure),
    };
    // What a group's page leads to is about that group.
    let group = address.given("group").map(str::to_owned);
    match found {
        Ok(mut list) => {
            if let Some(group) = &group {
                let of_it = |a: &Alert| a.group.as_ref().is_some_and(|(id, _)| id.to_string() == *group);
                list.open.retain(of_it);
                list.recent.retain(of_it);
            }
            drawn::page(TITLE, || shown(&list, group.as_deref()))
        }
        Err(failure) => drawn::not_known(TITLE, failure),
    }
}

fn shown(list: &AlertList, group: Option<&str>) -> AnyView {
    let sub = match list.open.len() as u64 + u64::from(list.open_left_out) {
        0 => "nothing is open".to_owned(),
        n => format!("{} open", format::count(n, "alert is", "alerts are")),
    };
    let narrowed = group.map(|group| {
        view! {
            <p class="small muted">
                "Of " <a href=format!("/lag/{}", leptos_router::location::Url::escape(group))>"one group"</a> " only. "
                <a href="/alerts">"Show all"</a>
            </p>
        }
    });
    view! {
        <div class="page">
            {head(TITLE, sub, ways("/alerts"))} {narrowed} {nobody_told(list)} {open(list)} {left_out(list.open_left_out)}
            {hidden(list.hidden)} {recent(list)} {left_out(list.recent_left_out)}
        </div>
    }
    .into_any()
}

/// Whether anybody hears of it.
fn nobody_told(list: &AlertList) -> AnyView {
    if list.outlets == 0 {
        return view! {
            <Banner tone="banner--warn" icon="warn">
                <p>
                    <b class="strong">"Nobody is told."</b>
                    " Alerts are raised, and there is no outlet that they are sent to. "
                    <a href="/alerts/outlets">"Add one"</a>
                    "."
                </p>
            </Banner>
        }
        .into_any();
    }
    if list.failing > 0 {
        let failing = format::count(list.failing.into(), "outlet does not take", "outlets do not take");
        return view! {
            <Banner tone="banner--bad" icon="stop">
                <p>
                    <b class="strong">{failing} " messages."</b>
                    " They are tried again for a day. "
                    <a href="/alerts/outlets">"See why"</a>
                    "."
                </p>
            </Banner>
        }
        .into_any();
    }
    ().into_any()
}

fn open(list: &AlertList) -> AnyView {
    if list.open.is_empty() {
        return view! {
            <section class="panel" aria-label="Open alerts">
                <Empty title="Nothing needs you">
                    <p>"No group stands still, falls behind or loses unread data, and every source is read."</p>
                </Empty>
            </section>
        }
        .into_any();
    }
    view! {
        <section class="panel" aria-label="Open alerts">
            <ul class="alerts">{list.open.iter().map(|a| one(a, list.now)).collect_view()}</ul>
        </section>
    }
    .into_any()
}

fn one(alert: &Alert, now: Timestamp) -> AnyView {
    let reason = alert.parts.first().map(|p| line(&p.reason));
    let more = alert.parts.len().saturating_sub(1);
    let more = (more > 0).then(|| view! { <span class="muted">{format!(" and {more} more channels")}</span> });
    let fading = alert.clear_since.map(|_| view! { <span class="ok-t">"no longer seen; over in a few minutes"</span> });
    view! {
        <li class="alerts__one">
            <div class="row row--wrap">
                {state(alert.state)} <a class="strong" href=alert.path()>
                    {line(&alert.title())}
                </a> {severity(alert.severity)} {in_hand(alert, now)} <span class="push muted small">{ago(alert.opened_at, now)}</span>
            </div>
            <p class="soft wrap">{reason} {more}</p>
            <p class="small muted">{place(alert)} " " {fading}</p>
        </li>
    }
    .into_any()
}

pub(super) fn place(alert: &Alert) -> AnyView {
    let owner = alert.owner.as_deref().map(|o| view! { " · owner " {line(o)} });
    view! { "source " {line(&alert.source_name)} " in " {line(&alert.environment_name)} {owner} }.into_any()
}

/// Beyond what the list above shows.
fn left_out(n: u32) -> AnyView {
    (n > 0)
        .then(|| {
            let said = format::count(n.into(), "more alert is", "more alerts are");
            view! { <p class="small muted">{said} " not shown. Choose an environment to see fewer at once."</p> }
        })
        .into_any()
}

fn hidden(n: u32) -> AnyView {
    (n > 0)
        .then(|| {
            let said = format::count(n.into(), "open alert is about channels", "open alerts are about channels");
            view! { <p class="small muted">{said} " that you may not see."</p> }
        })
        .into_any()
}

fn recent(list: &AlertList) -> AnyView {
    if list.recent.is_empty() {
        return ().into_any();
    }
    let row = |a: &Alert| {
        let over = a.resolved_at.unwrap_or(list.now);
        view! {
            <tr>
                <th scope="row" class="wrap">
                    <a href=a.path()>{line(&a.title())}</a>
                </th>
                <td>{state(a.state)}</td>
                <td class="wrap">{line(&a.source_name)}</td>
                <td>{time(a.opened_at)}</td>
                <td class="num">{span(over.micros_since(a.opened_at))}</td>
            </tr>
        }
    };
    view! {
        <section class="panel" aria-label="Over within a week">
            <div class="panel__head">
                <h2 class="panel__title">"Over within a week"</h2>
            </div>
            <div class="tablewrap" tabindex="0">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"Alert"</th>
                            <th scope="col">"State"</th>
                            <th scope="col">"Source"</th>
                            <th scope="col">"Raised"</th>
                            <th scope="col" class="num">
                                "Lasted"
                            </th>
                        </tr>
                    </thead>
                    <tbody>{list.recent.iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}
