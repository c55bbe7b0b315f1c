use super::{
    pause::pause_button,
    state::{behind, dimmed, is_dim, state_pills, state_why},
};
use crate::{
    Env,
    env::use_env,
    help::HowToConnect,
    live::use_live_summary,
    overview::figures,
    shell::use_me,
    ui::{Empty, HowCounted, SkeletonRows, SourceBadge, Zone, format, spark_last_hour, use_zone, varying},
    wire::{self, Question},
};
use leptos::prelude::*;
use leptos_meta::Title;
use weir_domain::{
    access::Permission,
    sources::{SourceList, SourceShown},
};

/// Every source of the environment, and how capture stands there.
#[component]
pub fn Sources() -> impl IntoView {
    let env = use_env();
    let loaded = wire::load(move || Question::Sources { env: env.get() });
    // Made here, to live as long as the page: the table is drawn anew with each answer.
    let retry = loaded.retry();
    let table = wire::show(
        loaded,
        || view! { <SkeletonRows what="sources" rows=3 /> }.into_any(),
        move |first: SourceList| live_table(first, retry),
    );
    view! {
        <Title text="Sources · Weir" />
        <div class="page">
            <div class="page__head">
                <h1 class="page__title">"Sources"</h1>
                <span class="page__sub">"what Weir reads from"</span>
                <div class="push">{add()}</div>
            </div>
            <section class="panel" aria-label="Sources">
                {table}
            </section>
        </div>
    }
    .into_any()
}

/// For who may.
fn add() -> AnyView {
    use_me().show(|me| {
        let may = me.permissions.iter().any(|p| p == Permission::SourcesEdit.as_str());
        view! {
            <a class="btn" href="/sources/new" hidden=!may>
                "Add a source"
            </a>
        }
        .into_any()
    })
}

/// First use: what a source is and the one thing to do.
pub(crate) fn no_sources(env: Env, hidden: u32) -> AnyView {
    if hidden > 0 {
        let words =
            format!("{}. A grant says which ones a person sees; administrators give it.", format::not_seen(hidden));
        return view! { <Empty title="No source that you may see"><p>{words}</p></Empty> }.into_any();
    }
    let title = if env.get().is_some() { "No source in this environment" } else { "No source yet" };
    view! {
        <Empty title>
            <p>
                "A source is one connection to a broker, for example a Kafka cluster. Weir reads beside your consumers and takes nothing away from them."
            </p>
            <HowToConnect />
        </Empty>
    }
    .into_any()
}

/// The sources the page came with, then whatever the live stream brings.
fn live_table(first: SourceList, refetch: Callback<()>) -> AnyView {
    let (env, live, zone) = (use_env(), use_live_summary(), use_zone());
    // What was asked for a moment ago is newer than what the stream brought before.
    let at_first = live.last_untracked();
    let body = move || {
        if live.last() == at_first {
            return table(&first.sources, first.hidden_channels, env, refetch, zone);
        }
        live.with(|s| {
            let (sources, hidden) =
                s.map_or((&first.sources, first.hidden_channels), |s| (&s.sources, s.hidden_channels));
            table(sources, hidden, env, refetch, zone)
        })
    };
    view! { <div class="tablewrap" class:stale=varying(move || live.stale())>{varying(body)}</div> }.into_any()
}

fn table(sources: &[SourceShown], hidden: u32, env: Env, refetch: Callback<()>, zone: Signal<Zone>) -> AnyView {
    if sources.is_empty() {
        return no_sources(env, hidden);
    }
    let rows: Vec<AnyView> = sources.iter().map(|s| row(s, env, refetch, zone.get())).collect();
    view! {
        <table class="table table--two">
            <thead>
                <tr>
                    <th scope="col">"Source"</th>
                    <th scope="col">"State"</th>
                    <th scope="col" class="num">
                        <HowCounted figure=&figures::THROUGHPUT label="Events/s" />
                    </th>
                    <th scope="col">"Last hour"</th>
                    <th scope="col" class="num hide-m">
                        <HowCounted figure=&figures::BROKER_BYTES />
                    </th>
                    <th scope="col" class="num">
                        <HowCounted figure=&figures::BEHIND />
                    </th>
                    <th scope="col" class="num hide-m">"Gaps"</th>
                    <th scope="col" class="num hide-m">"Channels"</th>
                    <th scope="col"><span class="vh">"Acts"</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        <p class="panel__foot" hidden=hidden == 0>
            {format::not_seen(hidden)}
        </p>
    }
    .into_any()
}

fn row(s: &SourceShown, env: Env, refetch: Callback<()>, zone: Zone) -> AnyView {
    let place = if s.production { format!("{}, production", s.environment_name) } else { s.environment_name.clone() };
    let left_out = match s.left_out_total {
        0 => String::new(),
        n => format!("{} left out", format::exact(n.into())),
    };
    view! {
        <tr class=dimmed("", is_dim(s))>
            <th scope="row">
                <span class="cell2">
                    <a href=env.link(&format!("/sources/{}", s.id))>
                        <SourceBadge kind=s.kind.clone() name=s.name.clone() />
                    </a>
                    <span>{place}</span>
                </span>
            </th>
            <td class="src-state">
                <span class="cell2">
                    <span class="row">{state_pills(s)}</span>
                    <span class="src-why">{state_why(s, true)}</span>
                </span>
            </td>
            <td class="num">{format::rate_or_unknown(s.events_per_s)}</td>
            <td>{spark_last_hour(&s.spark, is_dim(s))}</td>
            <td class="num hide-m">{format::bytes_per_s_or_unknown(s.broker_bytes_per_s)}</td>
            <td class="num src-behind">{behind(s, zone)}</td>
            <td class="num hide-m">{format::exact(s.gaps.into())}</td>
            <td class="num hide-m">
                <span class="cell2">
                    <span>{format::exact(s.channels.into())}</span>
                    <span>{left_out}</span>
                </span>
            </td>
            <td class="num src-acts">{pause_button(s, refetch)}</td>
        </tr>
    }
    .into_any()
}
