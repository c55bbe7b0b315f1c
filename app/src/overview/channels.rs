use crate::{
    env::use_env,
    ui::{Empty, SourceBadge, Spark, Time, TimeForm, format},
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate, use_query_map},
};
use weir_domain::{
    ChannelId,
    overview::{ChannelLine, Summary},
};

/// Rows drawn at most; the filter finds the others.
const MOST: usize = 100;

/// The channels by rate. Rows keep their place while figures change: nothing moves under the pointer.
#[component]
pub(super) fn Channels(summary: Memo<Summary>) -> impl IntoView {
    let query = use_query_map();
    let wanted = Memo::new(move |_| query.with(|q| q.get("channels")).unwrap_or_default());
    // By rate when the page opens; channels that join later come last.
    let order = Memo::new(move |before: Option<&Vec<ChannelId>>| summary.with(|s| ordered(before, &s.channels)));
    let matching = Memo::new(move |_| {
        let wanted = wanted.get().to_lowercase();
        summary.with(|s| {
            let fits = |id: &&ChannelId| {
                s.channels.iter().find(|c| c.id == **id).is_some_and(|c| c.name.to_lowercase().contains(&wanted))
            };
            order.with(|o| o.iter().filter(fits).copied().collect::<Vec<_>>())
        })
    });
    let shown = Memo::new(move |_| matching.with(|m| m.iter().take(MOST).copied().collect::<Vec<_>>()));
    let note = move || {
        let (shown, all) = (shown.with(Vec::len) as u64, summary.with(|s| s.channels.len()) as u64);
        format!("{} of {}, by rate", format::exact(shown), format::exact(all))
    };
    let any = Memo::new(move |_| summary.with(|s| !s.channels.is_empty()));
    view! {
        <section class="panel" aria-labelledby="channels">
            <div class="panel__head">
                <h2 class="panel__title" id="channels">
                    "Channels"
                </h2>
                <span class="panel__note">{note}</span>
                <Filter wanted />
            </div>
            <Show
                when=move || any.get()
                fallback=|| {
                    view! {
                        <Empty title="No channel is captured yet">
                            <p>
                                "Weir looks for channels every 30 s and begins at the newest event unless the source says otherwise. As soon as something is sent, it appears here."
                            </p>
                        </Empty>
                    }
                }
            >
                <Show
                    when=move || !shown.with(Vec::is_empty)
                    fallback=move || {
                        view! {
                            <p class="quiet">
                                {move || format!("No channel's name contains “{}”.", wanted.get())}
                            </p>
                        }
                    }
                >
                    <div class="tablewrap">
                        <table class="table">
                            <thead>
                                <tr>
                                    <th scope="col">"Channel"</th>
                                    <th scope="col" class="hide-m">
                                        "Source"
                                    </th>
                                    <th scope="col" class="num">
                                        "Events/s"
                                    </th>
                                    <th scope="col">"Last hour"</th>
                                    <th scope="col" class="num">
                                        "Behind"
                                    </th>
                                    <th scope="col" class="hide-m">
                                        "Last event"
                                    </th>
                                </tr>
                            </thead>
                            <tbody>
                                <For each=move || shown.get() key=|id| *id let:id>
                                    <Row summary id />
                                </For>
                            </tbody>
                        </table>
                    </div>
                </Show>
            </Show>
        </section>
    }
    .into_any()
}

fn ordered(before: Option<&Vec<ChannelId>>, channels: &[ChannelLine]) -> Vec<ChannelId> {
    let mut by_rate: Vec<&ChannelLine> = channels.iter().collect();
    by_rate.sort_by(|a, b| b.events_per_s_x100.cmp(&a.events_per_s_x100).then_with(|| a.name.cmp(&b.name)));
    let mut ids: Vec<ChannelId> = by_rate.iter().map(|c| c.id).collect();
    if let Some(before) = before {
        // Stable: those known keep their order, new ones follow by rate.
        ids.sort_by_key(|id| before.iter().position(|b| b == id).unwrap_or(usize::MAX));
    }
    ids
}

/// A plain form (`?channels=`) that, once the page is alive, filters as one types.
#[component]
fn Filter(wanted: Memo<String>) -> impl IntoView {
    let env = use_env();
    let navigate = use_navigate();
    let here = use_location().pathname;
    let typed = move |e| {
        let text: String = event_target_value(&e);
        let here = here.get_untracked();
        let path = if text.is_empty() {
            here
        } else {
            format!("{here}?channels={}", leptos_router::location::Url::escape(&text))
        };
        let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        navigate(&untrack(|| env.link(&path)), options);
    };
    view! {
        <form class="push" method="get" role="search" aria-label="Channels" on:submit=|e| e.prevent_default()>
            {move || env.get().map(|env| view! { <input type="hidden" name="env" value=env.to_string() /> })}
            <input
                class="input input--sm"
                type="search"
                name="channels"
                aria-label="Filter channels by name"
                placeholder="Filter channels"
                value=wanted.get_untracked()
                prop:value=move || wanted.get()
                on:input=typed
            />
        </form>
    }
    .into_any()
}

#[component]
fn Row(summary: Memo<Summary>, id: ChannelId) -> impl IntoView {
    let env = use_env();
    let find = move |s: &Summary| s.channels.iter().find(|c| c.id == id).cloned();
    summary.with_untracked(find).map(|known| {
        let (name, kind, source) = (known.name.clone(), known.source_kind.clone(), known.source_name.clone());
        let line = Memo::new(move |_| summary.with(find).unwrap_or_else(|| known.clone()));
        #[expect(clippy::cast_precision_loss, reason = "a rate for people; f64 is exact to 2^53 hundredths")]
        let rate = move || line.with(|c| format::rate_or_unknown(c.events_per_s_x100.map(|x| x as f64 / 100.0)));
        view! {
            <tr>
                <th scope="row">
                    <a class="mono" href=move || env.link(&format!("/events?channel={id}"))>
                        {name}
                    </a>
                </th>
                <td class="hide-m">
                    <SourceBadge kind name=source />
                </td>
                <td class="num">{rate}</td>
                <td>
                    <Spark
                        values=Signal::derive(move || line.with(|c| c.spark.clone()))
                        label=Signal::stored("Events per minute, last hour".to_owned())
                    />
                </td>
                <td class="num">{move || line.with(|c| format::exact_or_unknown(c.behind))}</td>
                <td class="hide-m">
                    {move || {
                        line.with(|c| c.last_event)
                            .map_or_else(
                                || format::UNKNOWN.into_any(),
                                |at| view! { <Time at form=TimeForm::Date /> }.into_any(),
                            )
                    }}
                </td>
            </tr>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: i64, rate: Option<u64>) -> ChannelLine {
        ChannelLine {
            id: ChannelId(id),
            name: format!("channel-{id}"),
            source_name: String::new(),
            source_kind: String::new(),
            events_per_s_x100: rate,
            spark: Vec::new(),
            behind: None,
            last_event: None,
        }
    }

    #[test]
    fn rows_keep_their_place_and_new_ones_come_last() {
        let first = ordered(None, &[line(1, Some(5)), line(2, Some(50)), line(3, None)]);
        assert_eq!(first, [2, 1, 3].map(ChannelId));
        let later = ordered(Some(&first), &[line(1, Some(500)), line(2, Some(1)), line(4, Some(9)), line(3, None)]);
        assert_eq!(later, [2, 1, 3, 4].map(ChannelId));
        assert_eq!(ordered(Some(&first), &[line(3, None)]), [ChannelId(3)]);
    }
}
