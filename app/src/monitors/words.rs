//! What the pages about alerts have in common.

use crate::{
    drawn::{Echo, one_of},
    ui::{Pill, Tone},
};
use leptos::prelude::*;
use weir_domain::{
    Timestamp,
    monitors::{Alert, AlertState, Scope, Severity, span},
};

pub(super) fn state(state: AlertState) -> AnyView {
    let (tone, icon) = match state {
        AlertState::Late | AlertState::TapBehind | AlertState::WillLose => (Tone::Warn, "warn"),
        AlertState::Stall => (Tone::Stall, "stall"),
        AlertState::Stop
        | AlertState::Loses
        | AlertState::Unobserved
        | AlertState::Silent
        | AlertState::Unreachable => (Tone::Bad, "stop"),
    };
    view! { <Pill tone icon text=state.words() /> }.into_any()
}

pub(super) fn severity(severity: Severity) -> AnyView {
    let class = match severity {
        Severity::Page => "tag tag--bad",
        Severity::Notify => "tag",
    };
    view! { <span class=class>{severity.as_str()}</span> }.into_any()
}

/// How long ago, in words.
pub(super) fn ago(at: Timestamp, now: Timestamp) -> String {
    format!("{} ago", span(now.micros_since(at)))
}

/// Who is at it, or until when it is quiet.
pub(super) fn in_hand(alert: &Alert, now: Timestamp) -> AnyView {
    let name = |act: &weir_domain::monitors::Act| act.name.clone();
    if alert.is_snoozed(now) {
        let until = alert.snoozed_until.map(|t| span(t.micros_since(now))).unwrap_or_default();
        return view! { <Pill tone=Tone::Idle icon="clock" text=format!("SNOOZED {until}") /> }.into_any();
    }
    match &alert.acknowledged {
        Some(act) => view! { <span class="muted">{format!("in hand: {}", name(act))}</span> }.into_any(),
        None => ().into_any(),
    }
}

/// What a scope covers, in words.
pub(super) fn covers(scope: &Scope) -> String {
    let parts = [("groups", &scope.group), ("sources", &scope.source), ("environments", &scope.environment)];
    let said: Vec<String> =
        parts.iter().filter(|(_, p)| p.as_str() != "*").map(|(what, p)| format!("{what} {p}")).collect();
    if said.is_empty() { "everything".into() } else { said.join(", ") }
}

/// Fields for a scope. `id` tells them from those of another form on the page.
pub(super) fn scope_fields(id: &str, echo: &Echo, kept: Option<&Scope>, groups: bool) -> AnyView {
    let field = |name: &'static str, label: &'static str, kept: Option<&String>| {
        let id = format!("{id}-{name}");
        let value = echo.typed(name).map(str::to_owned).or_else(|| kept.cloned()).unwrap_or_else(|| "*".into());
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                <input class="input mono" id=id name=name value=value maxlength="200" autocomplete="off" spellcheck="false" />
            </div>
        }
    };
    view! {
        <div class="scope">
            {groups.then(|| field("group", "Groups", kept.map(|s| &s.group)))}
            {field("source", "Sources", kept.map(|s| &s.source))}
            {field("environment", "Environments", kept.map(|s| &s.environment))}
        </div>
    }
    .into_any()
}

/// `page` or `notify`.
pub(super) fn severity_choice(chosen: &str) -> AnyView {
    let choices =
        [("page", "Page", "Somebody is woken for it."), ("notify", "Notify", "Somebody sees it when they look next.")];
    one_of("severity", &choices, chosen)
}

/// The ways between these pages; the one that is open is told.
pub(super) fn ways(here: &'static str) -> AnyView {
    let all = [
        ("/alerts", "Alerts"),
        ("/alerts/rules", "Rules"),
        ("/alerts/outlets", "Outlets"),
        ("/alerts/maintenance", "Maintenance"),
    ];
    view! {
        <nav class="seg" aria-label="Alerts and rules">
            {all
                .map(|(href, name)| {
                    let current = (href == here).then_some("page");
                    view! {
                        <a href=href aria-current=current>
                            {name}
                        </a>
                    }
                })
                .into_iter()
                .collect_view()}
        </nav>
    }
    .into_any()
}
