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

    /// A table has the `columns` that were asked for, or the usual ones.
    pub fn form(self, columns: Vec<Column>) -> Form<Exported> {
        match self {
            Self::Lines => Form::lines(lines),
            Self::Table if !columns.is_empty() => columned::form(columns),
            Self::Table => Form {
                content_type: csv::CONTENT_TYPE,
                head: Bytes::from_static(csv::HEAD.as_bytes()),
                write: Box::new(table),
                // Every line of a table is a row of it.
                beat: None,
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

fn table(part: Exported) -> io::Result<Bytes> {
    let mut out = Vec::new();
    match part {
        Exported::Events(events) => {
            for event in events {
                let event = ExportedEvent::from(event);
                csv::row(&mut out, &event.cells())?;
            }
        }
        Exported::End(end) => {
            ExportEnd::from(end).below_a_table(&mut out, csv::COLUMNS)?;
        }
    }
    Ok(out.into())
}

impl ExportEnd {
    /// The last record of a table, if there is something to tell.
    pub fn below_a_table(&self, out: &mut Vec<u8>, columns: usize) -> io::Result<()> {
        if let Some(but) = self.but() {
            csv::completeness(out, &but, &serde_json::to_string(self)?, columns);
        }
        Ok(())
    }

    /// What is missing or may be, in words; `None`: nothing is.
    fn but(&self) -> Option<String> {
        let n = |n: u64, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        let named = |names: &[String]| names.join(", ");
        let all = [
            self.next.is_some().then(|| "A limit was reached, and there may be more.".to_owned()),
            self.passed_over.then(|| "So much lies at one time that some of it was passed over.".to_owned()),
            (self.gaps > 0).then(|| {
                let gaps = n(self.gaps.into(), "gap lies", "gaps lie");
                format!("{gaps} in what was searched: the broker lost events before they were read.")
            }),
            (!self.silent_sources.is_empty())
                .then(|| format!("Not being read now, and may have more: {}.", named(&self.silent_sources))),
            (self.unjudged > 0).then(|| {
                format!("Left out, because they could not be judged: {}.", n(self.unjudged, "event", "events"))
            }),
            (!self.unseen.is_empty())
                .then(|| format!("Not looked into, because it may not be seen: {}.", named(&self.unseen))),
            (self.hidden_channels > 0).then(|| {
                let channels = n(self.hidden_channels.into(), "channel", "channels");
                format!("Left out, because they may not be seen: {channels}.")
            }),
        ];
        let all: Vec<_> = all.into_iter().flatten().collect();
        (!all.is_empty()).then(|| all.join(" "))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_ends_with_what_it_leaves_out() {
        let all = ExportEnd {
            complete: true,
            matches: 3,
            scanned: 3,
            indexed: 0,
            opened: 0,
            ruled_out: 0,
            unjudged: 0,
            down_to: None,
            gaps: 0,
            silent_sources: Vec::new(),
            unseen: Vec::new(),
            hidden_channels: 0,
            passed_over: false,
            next: None,
        };
        assert_eq!(all.but(), None, "what is whole ends with its last event");
        let named = || vec!["bank".to_owned(), "=shop".to_owned()];
        for (end, but) in [
            (ExportEnd { next: Some("1.2-3".into()), ..all.clone() }, "A limit was reached"),
            (ExportEnd { passed_over: true, ..all.clone() }, "passed over"),
            (ExportEnd { gaps: 1, ..all.clone() }, "1 gap lies in what was searched"),
            (ExportEnd { silent_sources: named(), ..all.clone() }, "may have more: bank, =shop."),
            (ExportEnd { unjudged: 2, ..all.clone() }, "could not be judged: 2 events."),
            (ExportEnd { unseen: vec!["key".into()], ..all.clone() }, "may not be seen: key."),
            (ExportEnd { hidden_channels: 1, ..all.clone() }, "may not be seen: 1 channel."),
        ] {
            let mut out = Vec::new();
            end.below_a_table(&mut out, csv::COLUMNS).unwrap();
            let text = String::from_utf8(out).unwrap();
            assert!(text.starts_with("#weir.export.completeness,\"") && text.contains(but), "{text}");
            assert_eq!(end.but().unwrap().matches(". ").count(), 0, "one sentence: {text}");
        }
    }
}
