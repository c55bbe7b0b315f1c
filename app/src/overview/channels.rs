use super::page::Newest;
use crate::{
    Env, address,
    env::use_env,
    events::visible,
    ui::{Empty, SourceBadge, channel_name, format, last_event, sort_by, sort_by_key, spark_last_hour, varying},
};
use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_query_map};
use weir_domain::{
    ChannelId,
    overview::{ChannelLine, Summary},
};

/// Rows drawn at most; the filter finds the others.
const MOST: usize = 100;

/// The channels by rate. Rows keep their place while figures change: nothing moves under the pointer.
#[component]
pub(super) fn Channels(summary: Newest) -> impl IntoView {
    let query = use_query_map();
    let env = use_env();
    let wanted = move || visible::carried(&query.with(|q| q.get("channels")).unwrap_or_default());
    // By rate when the page opens; channels that join later come last.
    let order = StoredValue::new(Vec::<ChannelId>::new());
    let newest = summary.clone();
    let body = move || {
        newest.with(|s| {
            order.update_value(|o| *o = ordered(o, &s.channels));
            order.with_value(|o| matching(s, o, &wanted(), env))
        })
    };
    let filter = view! { <Filter /> }.into_any();
    view! {
        <section class="panel" aria-labelledby="channels" hidden=varying(move || summary.with(|s| s.sources.is_empty()))>
            <div class="panel__head">
                <h2 class="panel__title" id="channels">
                    "Channels"
                </h2>
                <span class="panel__note">"by rate"</span>
                {filter}
            </div>
            {varying(body)}
        </section>
    }
    .into_any()
}

fn matching(s: &Summary, order: &[ChannelId], wanted: &str, env: Env) -> AnyView {
    if s.channels.is_empty() {
        return view! {
            <Empty title="No channel is captured yet">
                <p>
                    "Weir looks for channels every 30 s and begins at the newest event unless the source says otherwise. As soon as something is sent, it appears here."
                </p>
            </Empty>
        }
        .into_any();
    }
    let small = format::lower_case(wanted);
    let find = |id: &ChannelId| s.channels.iter().find(|c| c.id == *id);
    let found: Vec<&ChannelLine> =
        order.iter().filter_map(find).filter(|c| format::lower_case(&c.name).contains(&small)).collect();
    if found.is_empty() {
        return view! { <p class="quiet">{format!("No channel's name contains “{wanted}”.")}</p> }.into_any();
    }
    let more = match found.len().saturating_sub(MOST) {
        0 => String::new(),
        n => format!("{} more: type a part of the name to find them", format::exact(n as u64)),
    };
    let none_more = more.is_empty();
    let rows: Vec<AnyView> = found.into_iter().take(MOST).map(|c| row(c, env)).collect();
    view! {
        <div class="tablewrap">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"Channel"</th>
                        <th scope="col" class="hide-m">"Source"</th>
                        <th scope="col" class="num">"Events/s"</th>
                        <th scope="col">"Last hour"</th>
                        <th scope="col" class="num">"Behind"</th>
                        <th scope="col" class="hide-m">"Last event"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <p class="panel__foot" hidden=none_more>
                {more}
            </p>
        </div>
    }
    .into_any()
}

fn ordered(before: &[ChannelId], channels: &[ChannelLine]) -> Vec<ChannelId> {
    let mut by_rate: Vec<&ChannelLine> = channels.iter().collect();
    sort_by(&mut by_rate, |a, b| b.events_per_s_x100.cmp(&a.events_per_s_x100).then_with(|| a.name.cmp(&b.name)));
    let mut ids: Vec<ChannelId> = by_rate.iter().map(|c| c.id).collect();
    // Stable: those known keep their order, new ones follow by rate.
    sort_by_key(&mut ids, |id| before.iter().position(|b| b == id).unwrap_or(usize::MAX));
    ids
}

/// A plain form (`?channels=`) that, once the page is alive, filters as one types.
#[component]
fn Filter() -> impl IntoView {
    let env = use_env();
    let navigate = address::navigator();
    let here = address::here();
    let query = use_query_map();
    let wanted = move || visible::carried(&query.with(|q| q.get("channels")).unwrap_or_default());
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
            <input
                type="hidden"
                name="env"
                value=varying(move || env.get().map(|id| id.to_string()).unwrap_or_default())
                disabled=varying(move || env.get().is_none())
            />
            <input
                class="input input--sm"
                type="search"
                name="channels"
                aria-label="Filter channels by name"
                placeholder="Filter channels"
                value=untrack(wanted)
                prop:value=wanted
                on:input=typed
            />
        </form>
    }
    .into_any()
}

fn row(c: &ChannelLine, env: Env) -> AnyView {
    #[expect(clippy::cast_precision_loss, reason = "a rate for people; f64 is exact to 2^53 hundredths")]
    let rate = format::rate_or_unknown(c.events_per_s_x100.map(|x| x as f64 / 100.0));
    view! {
        <tr>
            {channel_name(&format!("/events?channel=%23{}", c.id), c.name.clone(), env)}
            <td class="hide-m">
                <SourceBadge kind=c.source_kind.clone() name=c.source_name.clone() />
            </td>
            <td class="num">{rate}</td>
            <td>{spark_last_hour(&c.spark, false)}</td>
            <td class="num">{format::exact_or_unknown(c.behind)}</td>
            {last_event(c.last_event)}
        </tr>
    }
    .into_any()
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
        let first = ordered(&[], &[line(1, Some(5)), line(2, Some(50)), line(3, None)]);
        assert_eq!(first, [2, 1, 3].map(ChannelId));
        let later = ordered(&first, &[line(1, Some(500)), line(2, Some(1)), line(4, Some(9)), line(3, None)]);
        assert_eq!(later, [2, 1, 3, 4].map(ChannelId));
        assert_eq!(ordered(&first, &[line(3, None)]), [ChannelId(3)]);
    }
}
