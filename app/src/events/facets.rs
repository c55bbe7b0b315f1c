use super::{Place, numbered, state::Page, visible};
use crate::{
    ui::{broker, format, varying},
    wire::{self, Loaded, Question},
};
use leptos::prelude::*;
use weir_domain::catalog::{Completion, Completions};

/// Names to filter by: the sources and channels of the environment, at most twenty each.
#[derive(Clone, Copy)]
pub(super) struct Names {
    pub sources: Loaded,
    channels: Loaded,
}

impl Names {
    pub fn load() -> Self {
        let env = crate::env::use_env();
        let of =
            move |kind: &'static str| wire::load(move || Question::Complete { env: env.get(), text: kind.to_owned() });
        Self { sources: of("source:"), channels: of("channel:") }
    }
}

/// Draws an answer if there is one; a failure of a mere help is not worth a message.
pub(super) fn if_there<T: serde::de::DeserializeOwned + 'static>(
    loaded: Loaded,
    ready: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    wire::show_or(loaded, || ().into_any(), ready, |_, _| ().into_any())
}

/// The column beside the list, on wide screens: one click filters, a second one takes it back.
pub(super) fn facets(page: Page, names: Names) -> AnyView {
    let sources = if_there(names.sources, move |found: Completions| {
        section("Source", found.lines.into_iter().filter_map(|c| source(page, &c)).collect(), 0)
    });
    let channels = if_there(names.channels, move |found: Completions| {
        let items = found.lines.into_iter().filter_map(|c| channel(page, &c)).collect();
        section("Channel", items, found.hidden_channels)
    });
    view! {
        <aside class="ev__facets" aria-label="Filter by">
            {sources}
            {channels}
            // The most frequent types and keys of all that is found: `js/parts.js` puts them here.
            <div id="ev-found"></div>
        </aside>
    }
    .into_any()
}

fn source(page: Page, c: &Completion) -> Option<AnyView> {
    let id = numbered(c.source?);
    let (class, letter) = broker(c.note.split(',').next().unwrap_or_default());
    let label = view! {
        <span class=class>
            <b aria-hidden="true">{letter}</b>
            <span class="trunc">{visible::plain(&c.text)}</span>
        </span>
    };
    let item = Item { names: vec![id.clone()], now: |p| &p.source, set: |p, value| p.source = value, value: id };
    Some(item.draw(page, label.into_any()))
}

fn channel(page: Page, c: &Completion) -> Option<AnyView> {
    let id = numbered(c.channel?);
    let item = Item {
        names: vec![id.clone(), c.text.clone()],
        now: |p| &p.channel,
        set: |p, value| p.channel = value,
        value: id,
    };
    Some(item.draw(page, named(&c.text)))
}

fn named(name: &str) -> AnyView {
    view! { <span class="trunc">{visible::plain(name)}</span> }.into_any()
}

fn section(title: &'static str, items: Vec<AnyView>, hidden: u32) -> AnyView {
    if items.is_empty() && hidden == 0 {
        return ().into_any();
    }
    view! {
        <div class="facet">
            <h2 class="facet__title">{title}</h2>
            {items}
            <p class="small muted">{format::not_seen(hidden)}</p>
        </div>
    }
    .into_any()
}

/// One value to filter by.
struct Item {
    /// What the address may say for it.
    names: Vec<String>,
    now: fn(&Place) -> &Option<String>,
    set: fn(&mut Place, Option<String>),
    value: String,
}

impl Item {
    fn draw(self, page: Page, label: AnyView) -> AnyView {
        let Self { names, now, set, value } = self;
        let on = Memo::new(move |_| page.place.with(|p| now(p).as_ref().is_some_and(|asked| names.contains(asked))));
        let href = move || {
            page.href(|p| {
                let mut next = p.first_page();
                set(&mut next, (!on.get()).then(|| value.clone()));
                next
            })
        };
        view! {
            <a class="facet__item" href=varying(href) aria-current=varying(move || on.get().then_some("true"))>
                {label}
            </a>
        }
        .into_any()
    }
}
