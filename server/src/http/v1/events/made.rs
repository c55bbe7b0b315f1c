//! From what the use cases give.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::value::{RawValue, to_raw_value};
use weir_cases::events::{Completeness, EventExported, PayloadExported};
use weir_domain::{
    capture::{HeaderType, TimeKind},
    events::{
        Absence, Capped, EventDetail, EventPage, EventRow, HeaderShown, Masked, PayloadShown, PayloadView, TailFrame,
        TimeMark,
    },
};

use super::{
    cursor,
    exported::{ExportEnd, ExportedEvent},
    shapes::{BrokerTime, Event, EventInFull, Events, Header, MaskedPart, Payload, Scanned, Tail, Value},
};
use crate::http::v1::shared::{ChannelRef, SourceRef, Time};

/// What is shown; what is not goes on the list.
pub(super) fn shown<T>(part: &str, value: Masked<T>, masked: &mut Vec<MaskedPart>) -> Option<T> {
    match value {
        Masked::Shown(value) => Some(value),
        Masked::NeedsRole { permission, roles } => {
            masked.push(MaskedPart { part: part.to_owned(), needs: permission, roles });
            None
        }
    }
}

pub(super) const fn absence(why: Absence) -> &'static str {
    match why {
        Absence::MetadataOnly => "metadata_only",
        Absence::ChannelPolicy => "channel_policy",
        Absence::SampledOut => "sampled_out",
        Absence::OverBudget => "over_budget",
        Absence::GivenUp => "given_up",
        Absence::NeverStored => "never_stored",
        Absence::Erased => "erased",
        Absence::Expired => "expired",
    }
}

impl From<EventRow> for Event {
    fn from(row: EventRow) -> Self {
        let mut masked = Vec::new();
        let key = shown("key", row.key, &mut masked).flatten();
        let summary = shown("summary", row.summary, &mut masked);
        Self {
            id: row.id.to_string(),
            source: SourceRef { id: row.source.to_string(), name: row.source_name, kind: row.source_kind },
            channel: ChannelRef { id: row.channel.to_string(), name: row.channel_name },
            partition: row.partition_number,
            partition_id: row.id.partition.to_string(),
            position: row.id.position.to_string(),
            time: row.time.into(),
            time_mark: match row.time_mark {
                TimeMark::Own => "own",
                TimeMark::NoTime => "no_time",
                TimeMark::Ahead => "ahead",
            }
            .to_owned(),
            captured_at: row.captured_at.into(),
            event_type: row.event_type,
            key_cut: key.as_ref().is_some_and(|k| k.cut),
            key: key.map(|k| k.text),
            summary,
            size: row.size,
            tombstone: row.tombstone,
            possible_duplicate: row.possible_duplicate,
            absent: row.absent.map(|why| absence(why).to_owned()),
            masked,
        }
    }
}

impl From<EventPage> for Events {
    fn from(page: EventPage) -> Self {
        let scanned = page.scanned;
        Self {
            events: page.rows.into_iter().map(Event::from).collect(),
            next: page.next.map(cursor::text),
            scanned: Scanned {
                rows: scanned.rows,
                indexed: scanned.indexed,
                complete: scanned.complete,
                down_to: scanned.down_to.map(Time),
                gaps: scanned.gaps,
                silent_sources: scanned.silent_sources,
                unjudged: scanned.unjudged,
                unseen: scanned.unseen,
            },
            hidden_channels: page.hidden_channels,
        }
    }
}

impl From<TailFrame> for Tail {
    fn from(frame: TailFrame) -> Self {
        let events = frame.rows.into_iter().map(Event::from).collect();
        Self { events, skipped: frame.skipped, unjudged: frame.unjudged, at: frame.at.into() }
    }
}

impl From<Capped> for Value {
    fn from(text: Capped) -> Self {
        Self { text: Some(text.text), hex: None, size: text.total, cut: text.cut }
    }
}

impl From<PayloadView> for Value {
    fn from(view: PayloadView) -> Self {
        match view {
            PayloadView::Text { text, total, cut } => Self { text: Some(text), hex: None, size: total, cut },
            PayloadView::Binary { hex, total, cut } => Self { text: None, hex: Some(hex), size: total, cut },
        }
    }
}

impl From<HeaderShown> for Header {
    fn from(header: HeaderShown) -> Self {
        Self {
            name: header.name,
            name_is_text: header.name_is_text,
            kind: match header.kind {
                HeaderType::Bytes => "bytes",
                HeaderType::Text => "text",
                HeaderType::Amqp => "amqp",
            }
            .to_owned(),
            value: header.value.map(Value::from),
        }
    }
}

impl From<PayloadShown> for Payload {
    fn from(payload: PayloadShown) -> Self {
        let without =
            |state: &str| Self { state: state.to_owned(), value: None, decoded_as: None, decoded: None, problem: None };
        match payload {
            PayloadShown::Null => without("null"),
            PayloadShown::Absent(_) => without("absent"),
            PayloadShown::Present { how, text, text_as_sent, hex, total, problem, .. } => {
                let cut = u64::try_from(hex.len() / 2).is_ok_and(|shown| shown < total);
                let sent = Value { text: None, hex: Some(hex), size: total, cut };
                let (value, decoded) = match text.map(Value::from) {
                    Some(text) if text_as_sent => (text, None),
                    decoded => (sent, decoded),
                };
                Self { state: "present".to_owned(), value: Some(value), decoded_as: Some(how), decoded, problem }
            }
        }
    }
}

impl From<EventExported> for ExportedEvent {
    fn from(exported: EventExported) -> Self {
        let mut event = Event::from(exported.row);
        let headers = shown("headers", exported.headers, &mut event.masked).flatten();
        let (payload_is, payload) = match shown("payload", exported.payload, &mut event.masked) {
            Some(payload) => read(payload),
            None => ("masked", None),
        };
        Self {
            event,
            environment: exported.environment_name,
            cloudevents_time: exported.ce_time.map(Time),
            headers: headers.map(|all| all.into_iter().map(Header::from).collect()),
            headers_total: exported.headers_total,
            payload_is: payload_is.to_owned(),
            payload,
        }
    }
}

/// How a payload is to be read, and itself as JSON.
fn read(payload: PayloadExported) -> (&'static str, Option<Box<RawValue>>) {
    let text = |text: &str| to_raw_value(text).ok();
    match payload {
        PayloadExported::Null => ("null", None),
        PayloadExported::Absent => ("absent", None),
        PayloadExported::TooLarge => ("too_large", None),
        PayloadExported::Text(plain) => ("text", text(&plain)),
        PayloadExported::Bytes(bytes) => ("base64", text(&STANDARD.encode(bytes))),
        PayloadExported::Json(json) => {
            // Between its parts only: inside a string a line end is written as an escape.
            let line = if json.contains(['\n', '\r']) { json.replace(['\n', '\r'], " ") } else { json.clone() };
            match RawValue::from_string(line) {
                Ok(line) => ("json", Some(line)),
                // Two readers of JSON that do not agree: its letters are right all the same.
                Err(_) => ("text", text(&json)),
            }
        }
    }
}

impl From<Completeness> for ExportEnd {
    fn from(end: Completeness) -> Self {
        let scanned = end.scanned;
        Self {
            complete: scanned.complete,
            matches: end.matches,
            scanned: scanned.rows,
            indexed: scanned.indexed,
            opened: scanned.opened,
            ruled_out: scanned.ruled_out,
            unjudged: scanned.unjudged,
            down_to: scanned.down_to.map(Time),
            gaps: scanned.gaps,
            silent_sources: scanned.silent_sources,
            unseen: scanned.unseen,
            hidden_channels: end.hidden_channels,
            passed_over: end.passed_over,
            next: end.next.map(cursor::text),
        }
    }
}

impl From<EventDetail> for EventInFull {
    fn from(detail: EventDetail) -> Self {
        let mut event = Event::from(detail.row);
        let headers = shown("headers", detail.headers, &mut event.masked);
        let payload = shown("payload", detail.payload, &mut event.masked);
        let absent = event.absent.is_some();
        Self {
            event,
            environment: detail.environment_name,
            broker_time: BrokerTime {
                kind: match detail.time_kind {
                    TimeKind::Absent => "absent",
                    TimeKind::Create => "create",
                    TimeKind::Append => "append",
                }
                .to_owned(),
                milliseconds: detail.broker_ms.map(|ms| ms.to_string()),
            },
            cloudevents_time: detail.ce_time.map(Time),
            headers: headers.filter(|_| !absent).map(|all| all.into_iter().map(Header::from).collect()),
            headers_total: detail.headers_total,
            payload: payload.map(Payload::from),
        }
    }
}
