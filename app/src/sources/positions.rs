use super::{gaps::reason_words, state::dimmed};
use crate::{
    Env,
    ui::{Pill, Time, TimeForm, Tone, format, sort_by_key},
};
use leptos::prelude::*;
use weir_domain::{
    ChannelId, Position,
    capture::SourceState,
    sources::{PartitionShown, SourceDetail},
};

/// Rows drawn at most; one channel at a time shows the others.
const MOST: usize = 200;

/// Where the tap stands in every partition, in the broker's own numbers; `only` narrows it to one channel.
pub(super) fn positions(d: &SourceDetail, only: Option<ChannelId>, env: Env) -> AnyView {
    let mut all: Vec<(&str, &PartitionShown)> = d
        .channels
        .iter()
        .filter(|c| only.is_none_or(|only| only == c.id))
        .flat_map(|c| c.partitions.iter().map(|p| (c.name.as_str(), p)))
        .collect();
    // What stands in the way comes first; else by channel and number.
    sort_by_key(&mut all, |(_, p)| (p.closed.is_some(), p.error.is_none() && p.held.is_none()));
    let n = all.len();
    let note = if n > MOST {
        format!("{MOST} of {}: choose one channel to see all of its own", format::exact(n as u64))
    } else {
        format::exact(n as u64)
    };
    let note = match d.more_partitions {
        0 => note,
        more => format!("{note}; {} more of this source are not listed", format::exact(more.into())),
    };
    let rows: Vec<AnyView> = all.into_iter().take(MOST).map(|(channel, p)| row(channel, p, d.source.state)).collect();
    let narrowed = only.and_then(|only| d.channels.iter().find(|c| c.id == only)).map(|c| c.name.clone());
    let all_shown = narrowed.is_none();
    view! {
        <section class="panel" aria-labelledby="positions">
            <div class="panel__head">
                <h2 class="panel__title" id="positions">
                    "Positions"
                </h2>
                <span class="panel__note">{format!("per partition, in the broker's own numbers; {note}")}</span>
                <span class="push row" hidden=all_shown>
                    <span class="mono small">{narrowed.unwrap_or_default()}</span>
                    <a class="btn btn--sm" href=env.link(&format!("/sources/{}#positions", d.source.id))>
                        "All channels"
                    </a>
                </span>
            </div>
            <div class="tablewrap tablewrap--high" tabindex="0" role="region" aria-label="Positions, per partition">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"Channel"</th>
                            <th scope="col" class="num">"Partition"</th>
                            <th scope="col" class="num hide-m">"Broker's start"</th>
                            <th scope="col" class="num">"Next to read"</th>
                            <th scope="col" class="num">"Broker's end"</th>
                            <th scope="col" class="num">"Behind"</th>
                            <th scope="col">"State"</th>
                            <th scope="col" class="hide-m">"As of"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn row(channel: &str, p: &PartitionShown, source: SourceState) -> AnyView {
    let at = match p.updated_at {
        Some(at) => view! { <Time at form=TimeForm::Clock /> }.into_any(),
        None => format::UNKNOWN.into_any(),
    };
    view! {
        <tr class=dimmed("", p.closed.is_some())>
            <th scope="row" class="mono">
                {channel.to_owned()}
            </th>
            <td class="num">{p.number.to_string()}</td>
            <td class="num hide-m">{position(p.start)}</td>
            <td class="num">{position(p.next)}</td>
            <td class="num">{position(p.end)}</td>
            <td class="num">{format::exact_or_unknown(p.behind)}</td>
            <td>{state(p, source)}</td>
            <td class="hide-m">{at}</td>
        </tr>
    }
    .into_any()
}

fn position(p: Option<Position>) -> String {
    p.map_or_else(|| format::UNKNOWN.into(), |p| format::exact_signed(p.0))
}

/// Closed, failing, held back by a transaction, or simply read, as far as its source is.
fn state(p: &PartitionShown, source: SourceState) -> AnyView {
    let (tone, icon, word, text) = if let Some(reason) = p.closed {
        (Tone::Idle, "stall", "CLOSED", format!(" {}", reason_words(reason)))
    } else if let Some(error) = &p.error {
        (Tone::Bad, "stop", "ERROR", format!(" {error}"))
    } else if let Some(held) = &p.held {
        let by = match &held.transactional_id {
            Some(id) => format!("the transaction of {id}"),
            None => "an open transaction".into(),
        };
        (Tone::Stall, "stall", "HELD", format!(" by {by} since "))
    } else {
        return if source == SourceState::Up { "reading" } else { "waiting" }.into_any();
    };
    let since = match (&p.held, p.closed.is_none() && p.error.is_none()) {
        (Some(held), true) => view! { <Time at=held.since form=TimeForm::Date /> }.into_any(),
        _ => ().into_any(),
    };
    view! {
        <span>
            <Pill tone icon text=word />
            {text}
            {since}
        </span>
    }
    .into_any()
}
