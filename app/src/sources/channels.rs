use crate::{
    env::use_env,
    overview::figures,
    ui::{Empty, HowCounted, Spark, Time, TimeForm, format},
};
use leptos::prelude::*;
use weir_domain::{
    ChannelId,
    sources::{ChannelShown, SourceDetail},
};

/// Rows drawn at most; the Events page and the palette find the others by name.
const MOST: usize = 200;

/// The channels that are captured.
#[component]
pub(super) fn Channels(detail: RwSignal<SourceDetail>) -> impl IntoView {
    let ids = Memo::new(move |_| detail.with(|d| d.channels.iter().take(MOST).map(|c| c.id).collect::<Vec<_>>()));
    let note = move || {
        detail.with(|d| {
            let n = d.channels.len();
            let shown = if n > MOST { format!("{MOST} of {}", format::exact(n as u64)) } else { n.to_string() };
            let hidden = match d.hidden_channels {
                0 => String::new(),
                n => format!(", {} you may not see", format::count(n.into(), "channel", "channels")),
            };
            format!("{shown} captured{hidden}")
        })
    };
    view! {
        <section class="panel" aria-labelledby="channels">
            <div class="panel__head">
                <h2 class="panel__title" id="channels">
                    "Channels"
                </h2>
                <span class="panel__note">{note}</span>
            </div>
            <Show
                when=move || !ids.with(Vec::is_empty)
                fallback=|| {
                    view! {
                        <Empty title="No channel is captured yet">
                            <p>
                                "Weir looks for new channels every 30 s. If none appears, see below what is left out, and the patterns in weir.toml."
                            </p>
                        </Empty>
                    }
                }
            >
                <div class="tablewrap">
                    <table class="table">
                        <thead>
                            <tr>
                                <th scope="col">"Channel"</th>
                                <th scope="col" class="num">
                                    "Events/s"
                                </th>
                                <th scope="col">"Last hour"</th>
                                <th scope="col" class="num">
                                    <HowCounted figure=&figures::EVENTS_24H />
                                </th>
                                <th scope="col" class="num">
                                    "Behind"
                                </th>
                                <th scope="col" class="num hide-m">
                                    "Partitions"
                                </th>
                                <th scope="col" class="hide-m">
                                    "Last event"
                                </th>
                            </tr>
                        </thead>
                        <tbody>
                            <For each=move || ids.get() key=|id| *id let:id>
                                <Row detail id />
                            </For>
                        </tbody>
                    </table>
                </div>
            </Show>
        </section>
    }
    .into_any()
}

#[component]
fn Row(detail: RwSignal<SourceDetail>, id: ChannelId) -> impl IntoView {
    let env = use_env();
    let channel = Memo::new(move |_| detail.with(|d| d.channels.iter().find(|c| c.id == id).cloned()));
    let figure = move |f: fn(&ChannelShown) -> String| move || channel.with(|c| c.as_ref().map(f));
    view! {
        <tr>
            <th scope="row">
                <a class="mono" href=move || env.link(&format!("/events?channel={id}"))>
                    {figure(|c| c.name.clone())}
                </a>
            </th>
            <td class="num">{figure(|c| format::rate_or_unknown(c.events_per_s))}</td>
            <td>
                <Spark
                    values=Signal::derive(move || channel.with(|c| c.as_ref().map(|c| c.spark.clone())).unwrap_or_default())
                    label=Signal::stored("Events per minute, last hour".to_owned())
                />
            </td>
            <td class="num">{figure(|c| format::exact(c.events_24h))}</td>
            <td class="num">{figure(|c| format::exact_or_unknown(c.behind))}</td>
            <td class="num hide-m">
                <a href=move || env.link(&format!("?channel={id}#positions"))>
                    {figure(|c| format::exact(c.partitions.len() as u64))}
                </a>
            </td>
            <td class="hide-m">
                {move || {
                    channel
                        .with(|c| c.as_ref().and_then(|c| c.last_event))
                        .map_or_else(
                            || format::UNKNOWN.into_any(),
                            |at| view! { <Time at form=TimeForm::Date /> }.into_any(),
                        )
                }}
            </td>
        </tr>
    }
    .into_any()
}
