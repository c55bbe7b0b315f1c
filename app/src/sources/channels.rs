use crate::{
    Env,
    overview::figures,
    ui::{Empty, HowCounted, channel_name, format, last_event, spark_last_hour},
};
use leptos::prelude::*;
use weir_domain::sources::{ChannelShown, SourceDetail};

/// Rows drawn at most; the Events page and the palette find the others by name.
const MOST: usize = 200;

/// The channels that are captured.
pub(super) fn channels(d: &SourceDetail, env: Env) -> AnyView {
    let n = d.channels.len();
    let shown = if n > MOST { format!("{MOST} of {}", format::exact(n as u64)) } else { n.to_string() };
    let hidden = match d.source.hidden_channels {
        0 => String::new(),
        n => format!(", {}", format::not_seen(n)),
    };
    let body = if n == 0 {
        view! {
            <Empty title="No channel is captured yet">
                <p>
                    "Weir looks for new channels every 30 s. If none appears, see below what is left out, and by which patterns."
                </p>
            </Empty>
        }
        .into_any()
    } else {
        table(d.channels.iter().take(MOST).map(|c| row(c, env)).collect())
    };
    view! {
        <section class="panel" aria-labelledby="channels">
            <div class="panel__head">
                <h2 class="panel__title" id="channels">
                    "Channels"
                </h2>
                <span class="panel__note">{format!("{shown} captured{hidden}")}</span>
            </div>
            {body}
        </section>
    }
    .into_any()
}

fn table(rows: Vec<AnyView>) -> AnyView {
    view! {
        <div class="tablewrap">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"Channel"</th>
                        <th scope="col" class="num">"Events/s"</th>
                        <th scope="col">"Last hour"</th>
                        <th scope="col" class="num">
                            <HowCounted figure=&figures::EVENTS_24H />
                        </th>
                        <th scope="col" class="num">"Behind"</th>
                        <th scope="col" class="num hide-m">"Partitions"</th>
                        <th scope="col" class="hide-m">"Last event"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(c: &ChannelShown, env: Env) -> AnyView {
    view! {
        <tr>
            {channel_name(&format!("/channels/{}", c.id), c.name.clone(), env)}
            <td class="num">{format::rate_or_unknown(c.events_per_s)}</td>
            <td>{spark_last_hour(&c.spark, false)}</td>
            <td class="num">{format::exact(c.events_24h)}</td>
            <td class="num">{format::exact_or_unknown(c.behind)}</td>
            <td class="num hide-m">
                <a href=env.link(&format!("?channel={}#positions", c.id))>
                    {format::exact(c.partitions.len() as u64)}
                </a>
            </td>
            {last_event(c.last_event)}
        </tr>
    }
    .into_any()
}
