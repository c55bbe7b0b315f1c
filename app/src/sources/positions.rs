use super::gaps::reason_words;
use crate::{
    env::use_env,
    ui::{Pill, Time, TimeForm, Tone, format},
};
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_query_map};
use weir_domain::{
    ChannelId, Position,
    sources::{PartitionShown, SourceDetail},
};

/// Rows drawn at most; one channel at a time shows the others.
const MOST: usize = 200;

/// Where the tap stands in every partition, in the broker's own numbers; `?channel=` narrows it to one channel.
#[component]
pub(super) fn Positions(detail: RwSignal<SourceDetail>) -> impl IntoView {
    let query = use_query_map();
    let only = Memo::new(move |_| query.with(|q| q.get_str("channel").and_then(|c| c.parse::<ChannelId>().ok())));
    // What stands in the way comes first; else by channel and number.
    let rows = Memo::new(move |_| {
        detail.with(|d| {
            let mut rows: Vec<(String, PartitionShown)> = d
                .channels
                .iter()
                .filter(|c| only.get().is_none_or(|only| only == c.id))
                .flat_map(|c| c.partitions.iter().map(|p| (c.name.clone(), p.clone())))
                .collect();
            rows.sort_by_key(|(_, p)| (p.closed.is_some(), p.error.is_none() && p.held.is_none()));
            rows
        })
    });
    let name = move || {
        let only = only.get()?;
        detail.with(|d| d.channels.iter().find(|c| c.id == only).map(|c| c.name.clone()))
    };
    let note = move || {
        let n = rows.with(Vec::len);
        if n > MOST {
            format!("{MOST} of {}: choose one channel to see all of its own", format::exact(n as u64))
        } else {
            format::exact(n as u64)
        }
    };
    let env = use_env();
    let here = use_location().pathname;
    view! {
        <section class="panel" aria-labelledby="positions">
            <div class="panel__head">
                <h2 class="panel__title" id="positions">
                    "Positions"
                </h2>
                <span class="panel__note">"per partition, in the broker's own numbers; " {note}</span>
                {move || {
                    name()
                        .map(|name| {
                            view! {
                                <span class="push row">
                                    <span class="mono small">{name}</span>
                                    <a class="btn btn--sm" href=move || env.link(&format!("{}#positions", here.get()))>
                                        "All channels"
                                    </a>
                                </span>
                            }
                        })
                }}
            </div>
            <div class="tablewrap tablewrap--high">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"Channel"</th>
                            <th scope="col" class="num">
                                "Partition"
                            </th>
                            <th scope="col" class="num hide-m">
                                "Broker's start"
                            </th>
                            <th scope="col" class="num">
                                "Next to read"
                            </th>
                            <th scope="col" class="num">
                                "Broker's end"
                            </th>
                            <th scope="col" class="num">
                                "Behind"
                            </th>
                            <th scope="col">"State"</th>
                            <th scope="col" class="hide-m">
                                "As of"
                            </th>
                        </tr>
                    </thead>
                    <tbody>
                        {move || {
                            rows.with(|rows| {
                                rows.iter()
                                    .take(MOST)
                                    .map(|(channel, p)| row(channel.clone(), p))
                                    .collect_view()
                            })
                        }}
                    </tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn row(channel: String, p: &PartitionShown) -> impl IntoView + use<> {
    let at = p.updated_at.map(|at| view! { <Time at form=TimeForm::Clock /> });
    view! {
        <tr class:dim=p.closed.is_some()>
            <th scope="row" class="mono">
                {channel}
            </th>
            <td class="num">{p.number}</td>
            <td class="num hide-m">{position(p.start)}</td>
            <td class="num">{position(p.next)}</td>
            <td class="num">{position(p.end)}</td>
            <td class="num">{format::exact_or_unknown(p.behind)}</td>
            <td>{state(p)}</td>
            <td class="hide-m">{at}</td>
        </tr>
    }
}

fn position(p: Option<Position>) -> String {
    p.map_or_else(|| format::UNKNOWN.into(), |p| format::exact_signed(p.0))
}

/// Closed, failing, held back by a transaction, or simply read.
fn state(p: &PartitionShown) -> AnyView {
    if let Some(reason) = p.closed {
        return view! {
            <Pill tone=Tone::Idle icon="stall" text="CLOSED" />
            " "
            {reason_words(reason)}
        }
        .into_any();
    }
    if let Some(error) = p.error.clone() {
        return view! {
            <Pill tone=Tone::Bad icon="stop" text="ERROR" />
            " "
            {error}
        }
        .into_any();
    }
    if let Some(held) = p.held.clone() {
        let by =
            held.transactional_id.map_or_else(|| "an open transaction".into(), |id| format!("the transaction of {id}"));
        return view! {
            <Pill tone=Tone::Stall icon="stall" text="HELD" />
            " by "
            {by}
            " since "
            <Time at=held.since form=TimeForm::Date />
        }
        .into_any();
    }
    "reading".into_any()
}
