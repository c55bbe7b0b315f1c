use super::{attention::needs_attention, channels::Channels, gaps::recent_gaps, strip::strip, tiles::tiles};
use crate::{
    Failure,
    env::use_env,
    live::use_live_summary,
    sources::no_sources,
    ui::{ErrorPanel, SkeletonRows, format, varying},
    wire::{self, Question},
};
use leptos::prelude::*;
use leptos_meta::Title;
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

/// The page's figures: those it came with, then whatever the live stream brings.
fn figures(first: Summary) -> AnyView {
    let (env, live) = (use_env(), use_live_summary());
    let summary = Memo::new(move |_| live.with(|s| s.cloned()).unwrap_or_else(|| first.clone()));
    let body = move || {
        summary.with(|s| match s.sources.is_empty() {
            true => view! { <section class="panel">{no_sources(env)}</section> }.into_any(),
            false => sections(s, env),
        })
    };
    let channels = view! { <Channels summary /> }.into_any();
    view! {
        <div class="page" class:stale=varying(move || live.stale())>
            {varying(move || head(summary.with(sub)))}
            {varying(body)}
            {channels}
        </div>
    }
    .into_any()
}

fn sub(s: &Summary) -> String {
    let hidden = match s.hidden_channels {
        0 => String::new(),
        n => format!(", {} you may not see", format::count(n.into(), "channel", "channels")),
    };
    format!(
        "{}, {}{hidden}",
        format::count(s.sources.len() as u64, "source", "sources"),
        format::count(s.channels.len() as u64, "channel", "channels"),
    )
}

fn sections(s: &Summary, env: crate::Env) -> AnyView {
    view! {
        <div class="grid">
            {tiles(s, env)}
            {strip(s, env)}
            <div class="grid ov-top">
                {needs_attention(s, env)}
                {recent_gaps(s)}
            </div>
        </div>
    }
    .into_any()
}
