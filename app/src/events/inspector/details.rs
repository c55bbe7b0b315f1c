use super::Spot;
use crate::{
    events::{numbered, visible},
    ui::{CopyButton, Time, TimeForm, format, once::link},
};
use leptos::prelude::*;
use weir_domain::{
    Timestamp,
    capture::TimeKind,
    events::{EventDetail, TimeMark},
};

/// Where it lies and the three times (decision 2), each with what it means.
pub(super) fn details(detail: &EventDetail, spot: Spot) -> AnyView {
    let row = &detail.row;
    let id = row.id.to_string();
    let copy = view! {
        {id.clone()}
        <CopyButton text=Signal::stored(id) what="event's id" />
    };
    let (channel, source, event_type) = (row.channel, numbered(row.source), row.event_type.clone());
    let lines = vec![
        line("Event", copy.into_any(), ""),
        line(
            "Type",
            link(
                "ev-wrap",
                move || spot.list_href(|p| p.event_type = Some(event_type.clone())),
                visible::line(&row.event_type),
            ),
            "",
        ),
        line("Environment", visible::line(&detail.environment_name), ""),
        line(
            "Source",
            link("", move || spot.list_href(|p| p.source = Some(source.clone())), visible::line(&row.source_name)),
            &row.source_kind,
        ),
        line("Channel", link("ev-wrap", move || format!("/channels/{channel}"), visible::line(&row.channel_name)), ""),
        line("Partition", row.partition_number.to_string().into_any(), ""),
        line("Position", format::exact_signed(row.id.position.0).into_any(), ""),
        line("Size", format::bytes(row.size).into_any(), "key, headers and payload"),
        own_time(detail),
        line("Captured at", full(row.captured_at), "by Weir's clock"),
        match detail.ce_time {
            Some(at) => line("CloudEvents time", full(at), "as the event itself says"),
            None => line("CloudEvents time", ().into_any(), "none"),
        },
    ];
    let sorted = match row.time_mark {
        TimeMark::Own => "",
        TimeMark::NoTime => "Without a time of its own, it is sorted by when Weir captured it.",
        TimeMark::Ahead => {
            "Its own time is over an hour ahead of its capture, so it is sorted by when Weir captured it."
        }
    };
    let doubt = match row.possible_duplicate {
        false => "",
        true => {
            "The broker sent this again and keeps no positions: it may be stored twice. \
             Weir rather stores a copy than loses an event."
        }
    };
    view! {
        <dl class="kv ev-kv">{lines}</dl>
        <p class="small soft">{sorted}</p>
        <p class="small warn-t">{doubt}</p>
    }
    .into_any()
}

fn own_time(detail: &EventDetail) -> AnyView {
    let kind = match detail.time_kind {
        TimeKind::Absent => "the broker gave none",
        TimeKind::Create => "set by the producer",
        TimeKind::Append => "set by the broker when it appended",
    };
    match detail.broker_ms.filter(|_| detail.time_kind != TimeKind::Absent) {
        None => line("Event time", ().into_any(), kind),
        // Kafka's -1 is no time, yet it is what the broker gave.
        Some(ms) if ms < 0 => line("Event time", ().into_any(), &format!("{ms} ms, {kind}")),
        Some(ms) => line("Event time", full(Timestamp::from_millis(ms)), &format!("{ms} ms since 1970, {kind}")),
    }
}

fn full(at: Timestamp) -> AnyView {
    view! { <Time at form=TimeForm::Full /> }.into_any()
}

fn line(name: &'static str, value: AnyView, note: &str) -> AnyView {
    let note = note.to_owned();
    view! {
        <dt>{name}</dt>
        <dd>
            {value}
            <span class="muted">{note}</span>
        </dd>
    }
    .into_any()
}
