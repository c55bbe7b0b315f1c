//! The filter: a plain form that asks for the same page.

use super::{Asked, words};
use crate::events::{End, field_value};
use leptos::prelude::*;
use weir_domain::{
    Timestamp,
    access::{Audit, USE_CASES},
    audit::{ObjectKind, Outcome},
};

/// What is offered with one click.
const RANGES: &[(&str, &str)] =
    &[("-1h", "Last hour"), ("-24h", "Last day"), ("-7d", "Last 7 days"), ("-30d", "Last 30 days")];

pub(super) fn filters(asked: &Asked, now: Timestamp) -> AnyView {
    let acts = USE_CASES.iter().filter(|c| c.audit != Audit::Quiet).map(|c| (c.name, words::capital(c.did)));
    let kinds = ObjectKind::ALL.iter().map(|k| (k.as_str(), words::capital(kind_word(*k))));
    let outcomes = Outcome::ALL.iter().map(|o| (o.as_str(), words::capital(o.as_str())));
    view! {
        <form class="au-filter" method="get" action="/audit" role="search" aria-label="Filter of the audit log">
            {hidden("env", &asked.env)}
            {hidden("seen", &asked.seen)}
            {text("person", "Person", "log-in name", &asked.person)}
            {select("act", "Act", "any act", acts.collect(), &asked.act)}
            {select("kind", "About", "anything", kinds.collect(), &asked.kind)}
            {text("object", "Its number or name", "for example 12-4711", &asked.object)}
            {text("key", "Key", "for example ord-4711", &asked.key)}
            {select("outcome", "Outcome", "any outcome", outcomes.collect(), &asked.outcome)}
            {moment("from", "From, UTC", &asked.from, now)}
            {moment("to", "To, UTC", &asked.to, now)}
            <div class="au-filter__acts">
                <button type="submit" class="btn btn--primary">
                    "Show"
                </button>
                <a class="btn btn--ghost" href=asked.bare().href()>
                    "Clear"
                </a>
            </div>
        </form>
        <nav class="au-ranges small" aria-label="Ranges">
            {RANGES
                .iter()
                .map(|(from, label)| {
                    let here = asked.from.as_deref() == Some(*from) && asked.to.is_none();
                    let to = Asked { from: Some((*from).to_owned()), to: None, before: None, ..asked.clone() };
                    view! {
                        <a href=to.href() aria-current=here.then_some("true")>
                            {*label}
                        </a>
                    }
                })
                .collect_view()}
        </nav>
    }
    .into_any()
}

const fn kind_word(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Erasure => "erasure",
        ObjectKind::Hold => "hold",
        ObjectKind::Group => "consumer group",
        ObjectKind::Entry => "audit entry",
        ObjectKind::Template => "link template",
        kind => kind.as_str(),
    }
}

fn hidden(name: &'static str, value: &Option<String>) -> AnyView {
    value.clone().map(|value| view! { <input type="hidden" name=name value=value /> }).into_any()
}

fn text(name: &'static str, label: &'static str, hint: &'static str, value: &Option<String>) -> AnyView {
    view! {
        <div class="field">
            <label for=format!("au-{name}")>{label}</label>
            <input
                class="input"
                id=format!("au-{name}")
                name=name
                value=value.clone()
                placeholder=hint
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
            />
        </div>
    }
    .into_any()
}

fn select(
    name: &'static str,
    label: &'static str,
    any: &'static str,
    options: Vec<(&'static str, String)>,
    value: &Option<String>,
) -> AnyView {
    let options: Vec<_> = options
        .into_iter()
        .map(
            |(option, words)| view! { <option value=option selected=value.as_deref() == Some(option)>{words}</option> },
        )
        .collect();
    view! {
        <div class="field">
            <label for=format!("au-{name}")>{label}</label>
            <select class="select" id=format!("au-{name}") name=name>
                <option value="">{any}</option>
                {options}
            </select>
        </div>
    }
    .into_any()
}

fn moment(name: &'static str, label: &'static str, value: &Option<String>, now: Timestamp) -> AnyView {
    // A range that moves with the clock stands in the form as what it means now.
    let value = value.as_deref().and_then(End::parse).map(|end| field_value(end.at(now)));
    view! {
        <div class="field">
            <label for=format!("au-{name}")>{label}</label>
            <input class="input" id=format!("au-{name}") name=name type="datetime-local" step="1" value=value />
        </div>
    }
    .into_any()
}
