use super::{
    list::place,
    words::{ago, in_hand, severity, state},
};
use crate::{
    RequestContext,
    drawn::{self, Address, DrawnPage, Echo, head, time},
    events::line,
    help,
    ui::{Banner, Pill, Tone, format},
};
use leptos::prelude::*;
use weir_cases::monitors::alert::AlertPage;
use weir_domain::{
    AlertId, Timestamp,
    monitors::{Alert, Cause, Delivery, DeliveryState, Part, span},
};

const TITLE: &str = "Alert";
const DONE: &[(&str, &str)] = &[
    ("acknowledged", "You have it in hand. Nobody is told again until it is over."),
    ("released", "Nobody has it in hand any longer. It is told again after four hours."),
    ("snoozed", "Snoozed. If it lasts, it is told again then."),
    ("woken", "No longer snoozed."),
];

/// The page at `/alerts/{id}`, which also answers its forms. It is what a notification leads to.
pub(crate) async fn detail(cx: &RequestContext, id: &str, address: &Address) -> DrawnPage {
    let found = match cx.caller_in(address.environment()) {
        Ok(caller) => cx.told(cx.cases.monitors.alert(&caller, &AlertId(id.to_owned())).await),
        Err(failure) => Err(failure),
    };
    match found {
        Ok(Some(page)) => drawn::page(TITLE, || shown(&page, address)),
        Ok(None) => drawn::page(TITLE, help::not_found),
        Err(failure) => drawn::not_known(TITLE, failure),
    }
}

fn shown(page: &AlertPage, address: &Address) -> AnyView {
    let (alert, now) = (&page.shown.alert, page.now);
    let echo = Echo::here();
    let back = view! {
        <a class="btn btn--ghost" href="/alerts">
            "Alerts"
        </a>
    };
    view! {
        <div class="page page--text alert-page">
            {head(alert.title(), "", back.into_any())} {drawn::done(address, DONE)} {drawn::failure(&echo)} {standing(alert, now)}
            {acts(page)} {reasons(alert)} {facts(alert, now)} {told(page)}
        </div>
    }
    .into_any()
}

/// The state in one line.
fn standing(alert: &Alert, now: Timestamp) -> AnyView {
    let since = match alert.resolved_at {
        Some(at) => {
            format!("over {}, after {}", ago(at, now), span(at.micros_since(alert.opened_at)))
        }
        None => format!("for {}", span(now.micros_since(alert.opened_at))),
    };
    let fading = alert.clear_since.filter(|_| alert.is_open()).map(|at| {
        view! {
            <Banner tone="banner--ok" icon="check">
                {format!("Not seen for {}. It is over once that has lasted five minutes.", span(now.micros_since(at)))}
            </Banner>
        }
    });
    let pill = match alert.is_open() {
        true => state(alert.state),
        false => view! { <Pill tone=Tone::Ok icon="check" text="OVER" /> }.into_any(),
    };
    view! {
        <p class="row row--wrap">
            {pill} {severity(alert.severity)} <span class="soft">{since}</span> {in_hand(alert, now)}
        </p>
        {fading}
    }
    .into_any()
}

/// One tap each.
fn acts(page: &AlertPage) -> AnyView {
    let (alert, now) = (&page.shown.alert, page.now);
    if !alert.is_open() {
        return ().into_any();
    }
    if !page.may_edit {
        return view! { <p class="small muted">"Taking it in hand and snoozing it take the permission monitors.edit."</p> }
            .into_any();
    }
    let path = alert.path();
    let in_hand = alert.acknowledged.is_some();
    let (value, word, class) =
        if in_hand { ("", "Give it back", "btn") } else { ("1", "Acknowledge", "btn btn--primary") };
    let snooze = |value: &'static str, word: &'static str, class: &'static str| {
        view! {
            <button type="submit" class=class name="for" value=value>
                {word}
            </button>
        }
    };
    let end = alert.is_snoozed(now).then(|| snooze("end", "End the snooze", "btn"));
    view! {
        <section class="alert-acts" aria-label="What to do about it">
            <form method="post" action=format!("{path}/acknowledge")>
                <input type="hidden" name="in_hand" value=value />
                <button type="submit" class=class>
                    {word}
                </button>
            </form>
            <form class="alert-acts__snooze" method="post" action=format!("{path}/snooze") aria-label="Snooze">
                {snooze("1h", "Snooze 1 h", "btn")} {snooze("4h", "Snooze 4 h", "btn")} {snooze("morning", "Until tomorrow", "btn")} {end}
            </form>
        </section>
    }
    .into_any()
}

fn reasons(alert: &Alert) -> AnyView {
    let part = |p: &Part| {
        let channel = p.channel.as_deref().map(|c| view! { <h3 class="mono">{line(c)}</h3> });
        let lag =
            p.lag.map(|n| view! { <p class="small muted">{format::count(n, "unread event", "unread events")}</p> });
        let forecast = p.forecast.as_deref().map(|f| view! { <p class="soft">{line(f)}</p> });
        let loss = p.loss.as_deref().filter(|l| *l != p.reason).map(|l| view! { <p class="bad-t">{line(l)}</p> });
        view! {
            <li class="alert-part">
                {channel} <p class="strong wrap">{line(&p.reason)}</p> {forecast} {loss} {lag}
            </li>
        }
    };
    view! {
        <section class="panel" aria-label="Reason and forecast">
            <div class="panel__head">
                <h2 class="panel__title">"Reason and forecast"</h2>
                <span class="panel__note">"as seen " {time(alert.seen_at)}</span>
            </div>
            <ul class="panel__body stack">{alert.parts.iter().map(part).collect_view()}</ul>
        </section>
    }
    .into_any()
}

fn facts(alert: &Alert, now: Timestamp) -> AnyView {
    let owner = match &alert.owner {
        Some(owner) => view! { <span class="strong">{line(owner)}</span> }.into_any(),
        None if alert.group.is_none() => view! { <span class="muted">"a source has none of its own"</span> }.into_any(),
        None => view! { <span class="muted">"nobody is named as the group's owner"</span> }.into_any(),
    };
    let group = alert.group.as_ref().map(|(_, name)| {
        view! {
            <dt>"Group"</dt>
            <dd class="mono wrap">{line(name)}</dd>
        }
    });
    let act = |word: &'static str, act: &Option<weir_domain::monitors::Act>| {
        act.as_ref().map(|a| {
            let name = line(&a.name);
            let at = time(a.at);
            view! {
                <dt>{word}</dt>
                <dd>{name} " " {at}</dd>
            }
        })
    };
    let until = alert.snoozed_until.filter(|t| *t > now).map(|t| {
        view! {
            <dt>"Quiet until"</dt>
            <dd>{time(t)}</dd>
        }
    });
    view! {
        <section class="panel" aria-label="About it">
            <dl class="facts panel__body">
                <dt>"Owner"</dt>
                <dd>{owner}</dd>
                {group}
                <dt>"Where"</dt>
                <dd class="wrap">
                    <a href=format!("/sources/{}", alert.source)>{place(alert)}</a>
                </dd>
                <dt>"Broker"</dt>
                <dd class="wrap">{line(&alert.broker)}</dd>
                <dt>"Raised"</dt>
                <dd>{time(alert.opened_at)}</dd>
                {act("In hand", &alert.acknowledged)}
                {until.is_some().then(|| act("Snoozed", &alert.snoozed))}
                {until}
                <dt>"Rule"</dt>
                <dd>
                    <a href="/alerts/rules">{alert.kind.name()}</a>
                </dd>
            </dl>
        </section>
    }
    .into_any()
}

/// Who was told, and who was not.
fn told(page: &AlertPage) -> AnyView {
    let deliveries = &page.shown.deliveries;
    if deliveries.is_empty() {
        let why = match page.shown.alert.told_at {
            Some(_) => "What was sent of it is forgotten after a month.",
            None => "Nobody was told yet: no outlet takes it, or it is quiet for now.",
        };
        return view! {
            <section class="panel" aria-label="Told">
                <p class="panel__body muted">{why}</p>
            </section>
        }
        .into_any();
    }
    view! {
        <section class="panel" aria-label="Told">
            <div class="panel__head">
                <h2 class="panel__title">"Told"</h2>
            </div>
            <ul class="alerts">{deliveries.iter().map(delivery).collect_view()}</ul>
        </section>
    }
    .into_any()
}

fn delivery(d: &Delivery) -> AnyView {
    let pill = match d.state {
        DeliveryState::Delivered => view! { <Pill tone=Tone::Ok icon="check" text="DELIVERED" /> }.into_any(),
        DeliveryState::Waiting if d.attempts == 0 => {
            view! { <Pill tone=Tone::Idle icon="clock" text="ON ITS WAY" /> }.into_any()
        }
        DeliveryState::Waiting => view! { <Pill tone=Tone::Warn icon="warn" text="TRIED AGAIN" /> }.into_any(),
        DeliveryState::GivenUp => view! { <Pill tone=Tone::Bad icon="stop" text="GIVEN UP" /> }.into_any(),
    };
    let what = match d.cause {
        Cause::Opened => "that it began",
        Cause::Worse => "that it became worse",
        Cause::Repeated => "that it still stands",
        Cause::Resolved => "that it is over",
        Cause::Test => "a test",
    };
    let next = (d.state == DeliveryState::Waiting && d.attempts > 0).then_some(d.next_at).flatten();
    let next = next.map(|at| view! { " next try " {time(at)} });
    let error = d.error.as_deref().map(|e| view! { <p class="small bad-t wrap">{line(e)} {next}</p> });
    view! {
        <li class="alerts__one">
            <div class="row row--wrap">
                {pill} <span class="strong">{line(&d.outlet_name)}</span> <span class="soft">{what}</span>
                <span class="push small">{time(d.ended_at.unwrap_or(d.queued_at))}</span>
            </div>
            {error}
        </li>
    }
    .into_any()
}
