use super::{attention::needs_attention, changes::what_changed, channels::Channels, strip::strip, tiles::tiles};
use crate::{
    Failure,
    env::use_env,
    live::{LiveSummary, use_live_summary},
    sources::no_sources,
    ui::{ErrorPanel, SkeletonRows, format, varying},
    wire::{self, Question},
};
use leptos::prelude::*;
use leptos_meta::Title;
use std::sync::Arc;
use weir_domain::overview::Summary;

#[component]
pub fn Overview() -> impl IntoView {
    let env = use_env();
    let loaded = wire::load(move || Question::Summary { env: env.get() });
    let page = wire::show_or(loaded, skeleton, figures, failed);
    view! {
        <Title text="Overview · Weir" />
        {page}
    }
    .into_any()
}

fn skeleton() -> AnyView {
    page(
        String::new(),
        view! {
            <section class="panel">
                <SkeletonRows what="the figures" />
            </section>
        }
        .into_any(),
    )
}

fn failed(failure: Failure, retry: Callback<()>) -> AnyView {
    page(String::new(), view! { <ErrorPanel failure retry /> }.into_any())
}

fn page(sub: String, body: AnyView) -> AnyView {
    view! {
        <div class="page">
            {head(sub)}
            {body}
        </div>
    }
    .into_any()
}

fn head(sub: String) -> AnyView {
    view! {
        <div class="page__head">
            <h1 class="page__title">"Overview"</h1>
            <span class="page__sub">{sub}</span>
        </div>
    }
    .into_any()
}

/// The figures that the page came with, until the live stream brings newer ones. No memo: those are never the same, and
/// comparing them costs the browser 4 KB.
#[derive(Clone)]
pub(super) struct Newest {
    first: Arc<Summary>,
    live: LiveSummary,
}

impl Newest {
    pub fn with<T>(&self, f: impl FnOnce(&Summary) -> T) -> T {
        self.live.with(|s| f(s.unwrap_or(&self.first)))
    }
}

/// The page's figures: those it came with, then whatever the live stream brings.
fn figures(first: Summary) -> AnyView {
    let (env, live) = (use_env(), use_live_summary());
    let newest = Newest { first: Arc::new(first), live };
    let (heading, summary) = (newest.clone(), newest.clone());
    let body = move || {
        newest.with(|s| match s.sources.is_empty() {
            true => view! { <section class="panel">{no_sources(env, s.hidden_channels)}</section> }.into_any(),
            false => sections(s, env),
        })
    };
    let channels = view! { <Channels summary /> }.into_any();
    view! {
        <div class="page" class:stale=varying(move || live.stale())>
            {varying(move || head(heading.with(sub)))}
            {varying(body)}
            {channels}
        </div>
    }
    .into_any()
}

fn sub(s: &Summary) -> String {
    let joint = if s.hidden_channels == 0 { "" } else { ", " };
    format!(
        "{}, {}{joint}{}",
        format::count(s.sources.len() as u64, "source", "sources"),
        format::count(s.channels.len() as u64, "channel", "channels"),
        format::not_seen(s.hidden_channels),
    )
}

fn sections(s: &Summary, env: crate::Env) -> AnyView {
    view! {
        <div class="grid">
            {tiles(s, env)}
            {strip(s, env)}
            <div class="grid ov-top">
                {needs_attention(s, env)}
                {what_changed(s, env)}
            </div>
        </div>
    }
    .into_any()
}
