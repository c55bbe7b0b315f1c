//! Events as exports have them, and how they are written.

use std::io;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;
use weir_cases::events::Exported;
use weir_domain::events::Column;

use super::{
    columned,
    shapes::{Event, Header},
};
use crate::{
    csv::{self, Cells},
    http::{
        export::{Form, json_lines},
        v1::shared::Time,
    },
};

/// An event with all of it that this token may see.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedEvent {
    #[serde(flatten)]
    pub event: Event,
    /// The environment's name.
    #[schema(example = "production")]
    pub environment: String,
    /// CloudEvents' own `time`.
    pub cloudevents_time: Option<Time>,
    /// `null` where they are masked, absent or too large.
    pub headers: Option<Vec<Header>>,
    /// All of them, also those beyond what is shown; 0 where they are masked.
    pub headers_total: u32,
    /// How to read `payload`: `json` (a document, letter by letter, but on one line), `text`, `base64` (bytes that are
    /// no text). Or why it is `null`: `null` (a tombstone), `absent` (not in the store; `absent` says why), `too_large`
    /// (the event is larger than 1 MiB; ask for its payload by its id), `masked`.
    #[schema(example = "json")]
    pub payload_is: String,
    #[schema(value_type = serde_json::Value)]
    pub payload: Option<Box<RawValue>>,
}

/// The last line of a whole export: how far it came, and what it does not know of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExportEnd {
    /// All that was found is there. `false`: a limit was reached (go on with `next`), or something was passed over.
    pub complete: bool,
    /// Events in the export.
    pub matches: u64,
    /// Events that were looked at.
    pub scanned: u64,
    /// Events that an index answered for.
    pub indexed: u64,
    /// Events whose key, headers and payload were looked into.
    pub opened: u64,
    /// Events that an index of their numbers ruled out without reading them.
    pub ruled_out: u64,
    /// Events that could not be judged, and are left out: the expression of the query failed on them, or their payload
    /// can't be unpacked.
    pub unjudged: u64,
    /// Everything newer than this was looked at; oldest first, everything older.
    pub down_to: Option<Time>,
    /// Recorded gaps in what was looked at: events that the broker lost before they were read.
    pub gaps: u32,
    /// Sources that were not being read when it began or ended, and may have more.
    pub silent_sources: Vec<String>,
    /// Parts that the words of the query were not looked for in, because the token may not see them.
    pub unseen: Vec<String>,
    /// Channels inside the filter that this token may not see.
    pub hidden_channels: u32,
    /// So much lay at one time that the search went on below it without having seen all of it.
    pub passed_over: bool,
    /// Ask with it as `cursor`, and the rest as it was, to go on; `null` at the end.
    pub next: Option<String>,
}

/// One line of an export: an event, and at last its end.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ExportLine {
    Event(Box<ExportedEvent>),
    End(ExportEnd),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Lines,
    Table,
}

impl Format {
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "ndjson" => Some(Self::Lines),
            "csv" => Some(Self::Table),
            _ => None,
        }
    }

    /// For the browser.
    pub const fn disposition(self) -> &'static str {
        match self {
            Self::Lines => "attachment; filename=\"weir-events.ndjson\"",
            Self::Table => "attachment; filename=\"weir-events.csv\"",
        }
    }

    /// `bounded`: whoever asked set a limit, and knows what it means to reach it. A table has the `columns` that were
    /// asked for, or the usual ones.
    pub fn form(self, bounded: bool, columns: Vec<Column>) -> Form<Exported> {
        match self {
            Self::Lines => Form::lines(lines),
            Self::Table if !columns.is_empty() => columned::form(columns, bounded),
            Self::Table => Form {
                content_type: csv::CONTENT_TYPE,
                head: Bytes::from_static(csv::HEAD.as_bytes()),
                write: Box::new(move |part| table(part, bounded)),
            },
        }
    }
}

fn lines(part: Exported) -> io::Result<Bytes> {
    let lines = match part {
        Exported::Events(events) => events.into_iter().map(|e| ExportLine::Event(Box::new(e.into()))).collect(),
        Exported::End(end) => vec![ExportLine::End(end.into())],
    };
    json_lines(&lines)
}

fn table(part: Exported, bounded: bool) -> io::Result<Bytes> {
    let mut out = Vec::new();
    match part {
        Exported::Events(events) => {
            for event in events {
                let event = ExportedEvent::from(event);
                csv::row(&mut out, &event.cells())?;
            }
        }
        Exported::End(end) => {
            let end = ExportEnd::from(end);
            if end.is_short(bounded) {
                csv::incomplete(&mut out, &serde_json::to_string(&end)?);
            }
        }
    }
    Ok(out.into())
}

impl ExportEnd {
    /// Is it less than what was asked for?
    pub const fn is_short(&self, bounded: bool) -> bool {
        self.passed_over || (self.next.is_some() && !bounded)
    }
}

impl ExportedEvent {
    fn cells(&self) -> Cells<'_> {
        let event = &self.event;
        Cells {
            time: event.time.text().into(),
            source: &event.source.name,
            channel: &event.channel.name,
            partition: event.partition,
            position: &event.position,
            event_type: &event.event_type,
            key: event.key.as_deref(),
            size: event.size,
            payload: self.payload.as_deref(),
            payload_is: &self.payload_is,
            id: &event.id,
        }
    }
}
