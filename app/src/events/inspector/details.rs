use super::Spot;
use crate::{
    events::visible,
    ui::{CopyButton, Time, TimeForm, format},
};
use leptos::prelude::*;
use weir_domain::{
    capture::TimeKind,
    events::{EventDetail, TimeMark},
};

/// Where it lies and the three times (decision 2), each with what it means.
#[component]
pub(super) fn Details(detail: EventDetail, spot: Spot) -> impl IntoView {
    let row = detail.row;
    let id = row.id.to_string();
    let (channel, source, event_type) = (row.channel.to_string(), row.source.to_string(), row.event_type.clone());
    let kind = match detail.time_kind {
        TimeKind::Absent => "the broker gave none",
        TimeKind::Create => "set by the producer",
        TimeKind::Append => "set by the broker when it appended",
    };
    let sorted = match row.time_mark {
        TimeMark::Own => None,
        TimeMark::NoTime => Some("Without a time of its own, it is sorted by when Weir captured it."),
        TimeMark::Ahead => {
            Some("Its own time is over an hour ahead of its capture, so it is sorted by when Weir captured it.")
        }
    };
    let own = detail.broker_ms.filter(|_| detail.time_kind != TimeKind::Absent).map(|ms| {
        view! {
            {(ms >= 0).then(|| view! { <Time at=weir_domain::Timestamp::from_millis(ms) form=TimeForm::Full /> })}
            <span class="muted mono" title="Milliseconds since 1970, as the broker gave them">{format!("{ms} ms")}</span>
        }
    });
    let copy = row.possible_duplicate.then(|| {
        view! {
            <p class="small warn-t">
                "The broker sent this again and keeps no positions: it may be stored twice. Weir rather stores a copy than loses an event."
            </p>
        }
    });
    view! {
        <dl class="kv ev-kv">
            <dt>"Event"</dt>
            <dd class="mono">{id.clone()} <CopyButton text=Signal::stored(id) what="event's id" /></dd>
            <dt>"Type"</dt>
            <dd class="mono">
                <a class="ev-wrap" href=move || spot.list_href(|p| p.event_type = Some(event_type.clone()))>
                    {visible::line(&row.event_type)}
                </a>
            </dd>
            <dt>"Environment"</dt>
            <dd>{visible::line(&detail.environment_name)}</dd>
            <dt>"Source"</dt>
            <dd>
                <a href=move || spot.list_href(|p| p.source = Some(source.clone()))>{visible::line(&row.source_name)}</a>
                <span class="muted">{row.source_kind.clone()}</span>
            </dd>
            <dt>"Channel"</dt>
            <dd class="mono">
                <a class="ev-wrap" href=move || spot.list_href(|p| p.channel = Some(channel.clone()))>
                    {visible::line(&row.channel_name)}
                </a>
            </dd>
            <dt>"Partition"</dt>
            <dd class="mono">{row.partition_number}</dd>
            <dt>"Position"</dt>
            <dd class="mono">{format::exact_signed(row.id.position.0)}</dd>
            <dt>"Size"</dt>
            <dd>{format::bytes(row.size)} <span class="muted">"key, headers and payload"</span></dd>
            <dt>"Event time"</dt>
            <dd class="ev-times">{own} <span class="muted">{kind}</span></dd>
            <dt>"Captured at"</dt>
            <dd class="ev-times"><Time at=row.captured_at form=TimeForm::Full /> <span class="muted">"by Weir's clock"</span></dd>
            <dt>"CloudEvents time"</dt>
            <dd class="ev-times">
                {match detail.ce_time {
                    Some(at) => view! { <Time at form=TimeForm::Full /> }.into_any(),
                    None => view! { <span class="muted">"none"</span> }.into_any(),
                }}
            </dd>
        </dl>
        {sorted.map(|words| view! { <p class="small soft">{words}</p> })}
        {copy}
    }
    .into_any()
}
