use super::{Listed, Place, state::use_page, visible};
use crate::{Failure, palette::catalog_complete, ui::broker};
use leptos::prelude::*;
use std::collections::BTreeMap;
use weir_domain::catalog::{Completion, CompletionKind};

/// Names to filter by: the sources and channels of the environment, at most twenty each.
pub(super) type Names = Resource<Result<Vec<Completion>, Failure>>;

pub(super) fn names() -> Names {
    let env = crate::env::use_env();
    Resource::new(
        move || env.get(),
        |env| async move {
            let mut names = catalog_complete(env, "source:".into()).await?;
            names.extend(catalog_complete(env, "channel:".into()).await?);
            Ok(names)
        },
    )
}

/// The column beside the list, on wide screens: one click filters, a second one takes it back.
#[component]
pub(super) fn Facets(names: Names) -> impl IntoView {
    let page = use_page();
    view! {
        <aside class="ev__facets" aria-label="Filter by">
            <Transition>
                {move || Suspend::new(async move {
                    let names = names.await.unwrap_or_default();
                    let of = |kind| names.iter().filter(|c| c.kind == kind).cloned().collect::<Vec<_>>();
                    view! {
                        <Sources sources=of(CompletionKind::Source) />
                        <Channels channels=of(CompletionKind::Channel) />
                    }
                })}
            </Transition>
            <Transition>
                {move || Suspend::new(async move {
                    page.list.await.ok().map(|listed| view! { <Types listed /> })
                })}
            </Transition>
        </aside>
    }
    .into_any()
}

#[component]
fn Sources(sources: Vec<Completion>) -> impl IntoView {
    let place = use_page().place;
    let items = sources
        .into_iter()
        .filter_map(|c| {
            let id = c.source?.to_string();
            let (class, letter) = broker(c.note.split(',').next().unwrap_or_default());
            let name = visible::plain(&c.text);
            let mine = id.clone();
            let on = Memo::new(move |_| place.with(|p| p.source.as_deref() == Some(mine.as_str())));
            let next = move |p: &Place, on: bool| Place { source: (!on).then(|| id.clone()), ..p.first_page() };
            let label = view! {
                <span class=class>
                    <b aria-hidden="true">{letter}</b>
                    <span class="trunc">{name}</span>
                </span>
            };
            Some(item(on, next, label.into_any(), None))
        })
        .collect::<Vec<_>>();
    section("Source", items)
}

#[component]
fn Channels(channels: Vec<Completion>) -> impl IntoView {
    let place = use_page().place;
    let items = channels
        .into_iter()
        .filter_map(|c| {
            let id = c.channel?.to_string();
            let (mine, name) = (id.clone(), c.text.clone());
            let on = Memo::new(move |_| {
                place.with(|p| p.channel.as_deref().is_some_and(|asked| asked == mine || asked == name))
            });
            let next = move |p: &Place, on: bool| Place { channel: (!on).then(|| id.clone()), ..p.first_page() };
            Some(item(on, next, view! { <span class="trunc">{visible::plain(&c.text)}</span> }.into_any(), None))
        })
        .collect::<Vec<_>>();
    section("Channel", items)
}

/// Counts are of this page only, and say so: counting all would mean reading all.
#[component]
fn Types(listed: Listed) -> impl IntoView {
    let place = use_page().place;
    let mut counts = BTreeMap::<String, u64>::new();
    for row in listed.page.rows {
        *counts.entry(row.event_type).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    counts.truncate(12);
    let items = counts
        .into_iter()
        .map(|(name, n)| {
            let mine = name.clone();
            let on = Memo::new(move |_| place.with(|p| p.event_type.as_deref() == Some(mine.as_str())));
            let label = view! { <span class="trunc">{visible::plain(&name)}</span> }.into_any();
            let next = move |p: &Place, on: bool| Place { event_type: (!on).then(|| name.clone()), ..p.first_page() };
            item(on, next, label, Some(n))
        })
        .collect::<Vec<_>>();
    section("Type, on this page", items)
}

fn section(title: &'static str, items: Vec<AnyView>) -> impl IntoView {
    (!items.is_empty()).then(|| {
        view! {
            <div class="facet">
                <h2 class="facet__title">{title}</h2>
                {items}
            </div>
        }
    })
}

fn item(
    on: Memo<bool>,
    next: impl Fn(&Place, bool) -> Place + Send + Sync + 'static,
    label: AnyView,
    count: Option<u64>,
) -> AnyView {
    let place = use_page().place;
    view! {
        <a
            class="facet__item"
            href=move || place.with(|p| next(p, on.get()).href())
            aria-current=move || on.get().then_some("true")
        >
            {label}
            {count.map(|n| view! { <span class="muted">{n}</span> })}
        </a>
    }
    .into_any()
}
