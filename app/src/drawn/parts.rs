//! What drawn pages are made of, besides the parts of every page.

use super::{Address, Echo, page::DrawnPage};
use crate::{
    Failure,
    ui::{Banner, ErrorPanel, Icon, TimeForm, Zone, time},
};
use leptos::prelude::*;
use weir_domain::Timestamp;

/// A moment in UTC; the page's script shows it in the zone that the person chose.
pub fn time(at: Timestamp) -> AnyView {
    view! {
        <time class="mono" datetime=time::iso(at) title=time::text(at, TimeForm::Full, Zone::Utc)>
            {time::text(at, TimeForm::Date, Zone::Utc)}
        </time>
    }
    .into_any()
}

/// A page's head: its title, a word about it, and what stands at the end of the line.
pub fn head(title: impl Into<String>, sub: impl Into<String>, end: AnyView) -> AnyView {
    view! {
        <div class="page__head">
            <h1 class="page__title">{title.into()}</h1>
            <span class="page__sub">{sub.into()}</span>
            <div class="push">{end}</div>
        </div>
    }
    .into_any()
}

/// Why the form that was sent could not be carried out, if one was.
pub fn failure(echo: &Echo) -> AnyView {
    let failed = echo.failure.clone().map(|e| view! { <ErrorPanel failure=Failure(e) /> }.into_any());
    failed.into_any()
}

/// What was just done, by the code that the address carries.
pub fn done(address: &Address, words: &'static [(&'static str, &'static str)]) -> AnyView {
    let said = words.iter().find(|(code, _)| *code == address.value("done")).map(|(_, words)| *words);
    said.map(|words| {
        view! {
            <div role="status">
                <Banner tone="banner--ok" icon="check">
                    {words}
                </Banner>
            </div>
        }
        .into_any()
    })
    .into_any()
}

/// A page whose data could not be had.
pub fn not_known(title: &'static str, failure: Failure) -> DrawnPage {
    super::page(title, || {
        view! {
            <div class="page">
                {head(title, "", ().into_any())} <section class="panel">
                    <ErrorPanel failure />
                </section>
            </div>
        }
        .into_any()
    })
}

/// A text that people take along, with a button that copies it. `what` is what the button says it copies.
pub fn copied(text: &str, what: &str) -> AnyView {
    let label = format!("Copy the {what}");
    view! {
        <div class="copied">
            <pre class="mono" tabindex="0">
                {text.to_owned()}
            </pre>
            <button type="button" class="btn btn--sm needs-script" data-copy="" title=label.clone() aria-label=label>
                <Icon name="copy" small=true />
                <span>"Copy"</span>
            </button>
        </div>
    }
    .into_any()
}

/// One of few, each with what it means: value, name, words. The first one, if nothing was chosen.
pub fn one_of(name: &'static str, choices: &[(&'static str, &'static str, &'static str)], chosen: &str) -> AnyView {
    let first = choices.first().map_or("", |c| c.0);
    let chosen = if chosen.is_empty() { first } else { chosen };
    let one = |&(value, label, means): &(&'static str, &'static str, &'static str)| {
        view! {
            <label class="check check--line">
                <input type="radio" name=name value=value checked=chosen == value required />
                <span>
                    <b class="med">{label}</b>
                    " "
                    <span class="muted">{means}</span>
                </span>
            </label>
        }
    };
    choices.iter().map(one).collect_view().into_any()
}
