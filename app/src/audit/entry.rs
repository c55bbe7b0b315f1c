//! One entry with everything of it.

use super::{
    rows::{all_of, object, outcome, person, remote},
    words,
};
use crate::{
    Failure, RequestContext, drawn,
    events::numbered,
    help,
    ui::{ErrorPanel, format},
};
use leptos::prelude::*;
use weir_domain::audit::{Entry, Facts, ObjectKind};

/// What the page needs; `Ok(None)`: there is no such entry.
pub(crate) struct Loaded(Result<Option<Entry>, Failure>);

pub(crate) async fn load_entry(cx: &RequestContext, id: &str) -> Loaded {
    let Ok(id) = id.parse() else { return Loaded(Ok(None)) };
    Loaded(match cx.caller() {
        Ok(caller) => cx.told(cx.cases.audit.detail(&caller, id).await),
        Err(failure) => Err(failure),
    })
}

pub(crate) fn entry(loaded: Loaded) -> AnyView {
    let body = match loaded.0 {
        Ok(Some(entry)) => whole(&entry),
        Ok(None) => return help::not_found(),
        Err(failure) => view! { <section class="panel"><ErrorPanel failure /></section> }.into_any(),
    };
    view! {
        <div class="page page--text">
            <div class="page__head">
                <h1 class="page__title">"Audit entry"</h1>
                <span class="page__sub">
                    <a href="/audit">"All entries"</a>
                </span>
            </div>
            {body}
        </div>
    }
    .into_any()
}

fn whole(e: &Entry) -> AnyView {
    let text = |t: &str| crate::events::line(t);
    let mut lines =
        vec![line("Number", e.id.to_string().into_any()), line("Time", drawn::time(e.at)), line("Person", person(e))];
    if let Some(person) = &e.person {
        let href = all_of(ObjectKind::Person.as_str(), &person.0);
        lines.push(line("Person's id", text(&person.0)));
        lines.push(line("Done to them", view! { <a href=href>"all about this person"</a> }.into_any()));
    }
    if let Some(via) = &e.via {
        lines.push(line("Came by", text(words::via(via))));
    }
    if let Some(token) = &e.token {
        // The entry of its making has its name.
        let href = all_of(ObjectKind::Token.as_str(), token);
        lines.push(line("Token", view! { <a href=href>{text(token)}</a> }.into_any()));
    }
    if !e.request.is_empty() {
        lines.push(line("Request", text(&e.request)));
    }
    lines.push(line("From", remote(e)));
    lines.push(line(
        "Act",
        view! {
            {words::act(&e.use_case)}
            " "
            <span class="mono muted">{e.use_case.clone()}</span>
        }
        .into_any(),
    ));
    lines.push(line("Outcome", outcome(&e.outcome)));
    if let Some(reason) = &e.reason {
        lines.push(line("Reason", text(reason)));
    }
    if e.object.is_some() {
        lines.push(line("About", object(e)));
    }
    if let Some(channel) = e.channel {
        lines.push(line("Channel", link_of("channel", &channel.to_string())));
    }
    if let Some(source) = e.source {
        lines.push(line("Source", link_of("source", &source.to_string())));
    }
    for (name, value) in words::facts(&e.shape) {
        lines.push(fact(&name, &value));
    }
    if let Some(count) = e.count {
        lines.push(line("Count", format::exact(count).into_any()));
    }
    if e.keys > 0 {
        let keys = format!("{}, kept as hashes", format::count(e.keys.into(), "key", "different keys"));
        lines.push(line("Keys shown or searched", keys.into_any()));
    }
    let change = (!e.before.is_empty() || !e.after.is_empty()).then(|| change(&e.before, &e.after));
    let masked = e.masked.then(|| {
        view! {
            <p class="panel__foot">
                "It is about a channel or a source that no grant of yours reaches: its name and what was changed are not shown."
            </p>
        }
    });
    view! {
        <section class="panel" aria-label="The entry">
            <dl class="panel__body kv au-entry">{lines}</dl>
            {masked}
        </section>
        {change}
    }
    .into_any()
}

fn line(name: &'static str, value: AnyView) -> AnyView {
    view! {
        <dt>{name}</dt>
        <dd>{value}</dd>
    }
    .into_any()
}

fn fact(name: &str, value: &str) -> AnyView {
    view! {
        <dt>{words::capital(name)}</dt>
        <dd>{crate::events::line(value)}</dd>
    }
    .into_any()
}

/// All entries of a channel or a source.
fn link_of(kind: &str, id: &str) -> AnyView {
    view! { <a href=all_of(kind, &numbered(id))>{format!("all of {kind} {}", numbered(id))}</a> }.into_any()
}

fn change(before: &Facts, after: &Facts) -> AnyView {
    let (before, after) = (words::facts(before), words::facts(after));
    let mut names: Vec<&String> = before.iter().chain(&after).map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    let of = |facts: &[(String, String)], name: &str| {
        let value = facts.iter().find(|(n, _)| n == name).map(|(_, v)| crate::events::line(v));
        value.unwrap_or_else(|| view! { <span class="muted">{format::UNKNOWN}</span> }.into_any())
    };
    let rows: Vec<_> = names
        .into_iter()
        .map(|name| {
            view! {
                <tr>
                    <th scope="row">{words::capital(name)}</th>
                    <td>{of(&before, name)}</td>
                    <td>{of(&after, name)}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <section class="panel" aria-labelledby="change">
            <div class="panel__head">
                <h2 class="panel__title" id="change">
                    "What was changed"
                </h2>
            </div>
            <div class="tablewrap">
                <table class="table au-change">
                    <thead>
                        <tr>
                            <th scope="col">"What"</th>
                            <th scope="col">"Before"</th>
                            <th scope="col">"After"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}
