//! All that is found, for programs: as lines of JSON, or as a table for spreadsheets.

use std::{
    borrow::Cow,
    io::{self, IsTerminal as _, Write as _},
};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::remarks;
use crate::{
    client::{Client, broke_off, each},
    csv::{self, Cells},
    ended::{Code, Ended},
    http::rest::{ExportEnd, Scanned},
    print,
};

const PATH: &str = "/api/v1/events/export";
/// How the end begins. An event begins with its id.
const END: &[u8] = b"{\"complete\":";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// As the server sends them; the last one is the end.
    Json,
    Csv,
}

/// What a table has of a line.
#[derive(Deserialize)]
struct Line<'a> {
    id: String,
    time: String,
    source: Named,
    channel: Named,
    partition: i32,
    position: String,
    #[serde(rename = "type")]
    event_type: String,
    key: Option<String>,
    size: u64,
    payload_is: String,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

/// Prints what a query finds: as many exports of the server as it takes, or `limit` events.
pub async fn export(
    client: &Client,
    query: &[(&'static str, String)],
    limit: Option<u32>,
    format: Format,
) -> Result<(), Ended> {
    if format == Format::Csv {
        print(csv::HEAD.as_bytes())?;
    }
    let mut asked = query.to_vec();
    asked.extend(limit.map(|limit| ("limit", limit.to_string())));
    let mut all: Option<ExportEnd> = None;
    loop {
        let mut part = asked.clone();
        part.extend(all.as_ref().and_then(|end| Some(("cursor", end.next.clone()?))));
        let end = one(client, &part, format).await?;
        let end = match all.take() {
            Some(before) => together(before, end),
            None => end,
        };
        if end.next.is_none() || limit.is_some() {
            let oldest_first = query.iter().any(|(name, _)| *name == "order");
            return ended(&end, oldest_first, format);
        }
        all = Some(end);
    }
}

/// One export of the server, up to its end.
async fn one(client: &Client, query: &[(&'static str, String)], format: Format) -> Result<ExportEnd, Ended> {
    let mut lines = client.lines(PATH, query).await?;
    while let Some(some) = lines.next().await? {
        let mut out = Vec::with_capacity(some.len());
        let mut end = None;
        for line in each(&some) {
            match format {
                _ if line.starts_with(END) => end = Some(read::<ExportEnd>(line)?),
                Format::Json => out.extend(line),
                Format::Csv => row(&mut out, line)?,
            }
        }
        print(&out)?;
        if let Some(end) = end {
            return Ok(end);
        }
    }
    Err(broke_off("it has no end"))
}

fn read<'a, T: Deserialize<'a>>(line: &'a [u8]) -> Result<T, Ended> {
    serde_json::from_slice(line).map_err(|why| {
        Ended::new(
            Code::Failed,
            format!("A line of the export can't be understood: {why}."),
            "Is the server newer than this program?",
        )
    })
}

fn row(out: &mut Vec<u8>, line: &[u8]) -> Result<(), Ended> {
    let event: Line<'_> = read(line)?;
    let cells = Cells {
        time: event.time.into(),
        source: &event.source.name,
        channel: &event.channel.name,
        partition: event.partition,
        position: &event.position,
        event_type: &event.event_type,
        key: event.key.as_deref(),
        size: event.size,
        payload: event.payload,
        payload_is: &event.payload_is,
        id: &event.id,
    };
    Ok(csv::row(out, &cells).map_err(io::Error::from)?)
}

/// Two exports, the second of which went on where the first one ended.
fn together(before: ExportEnd, then: ExportEnd) -> ExportEnd {
    let named = |a: Vec<String>, b: Vec<String>| {
        let mut all = a;
        all.extend(b);
        all.sort_unstable();
        all.dedup();
        all
    };
    let passed_over = before.passed_over || then.passed_over;
    ExportEnd {
        complete: then.next.is_none() && !passed_over,
        matches: before.matches + then.matches,
        scanned: before.scanned + then.scanned,
        indexed: before.indexed.max(then.indexed),
        opened: before.opened + then.opened,
        ruled_out: before.ruled_out + then.ruled_out,
        unjudged: before.unjudged + then.unjudged,
        gaps: before.gaps.saturating_add(then.gaps),
        silent_sources: named(before.silent_sources, then.silent_sources),
        unseen: named(before.unseen, then.unseen),
        passed_over,
        ..then
    }
}

/// The end as the last line for programs; for people beside the table.
fn ended(end: &ExportEnd, oldest_first: bool, format: Format) -> Result<(), Ended> {
    if format == Format::Json {
        return print::json(end);
    }
    let mut out = Vec::new();
    end.below_a_table(&mut out, csv::COLUMNS)?;
    print(&out)?;
    let all = if end.complete { "that is all" } else { "that is not all" };
    print::note(&format!(
        "{} events, {all}: {} looked at, {} looked into, {} ruled out by an index.",
        end.matches, end.scanned, end.opened, end.ruled_out
    ));
    let scanned = Scanned {
        rows: end.scanned,
        indexed: end.indexed,
        complete: end.complete,
        down_to: end.down_to,
        gaps: end.gaps,
        silent_sources: end.silent_sources.clone(),
        unjudged: end.unjudged,
        unseen: end.unseen.clone(),
    };
    remarks(
        &scanned,
        u32::try_from(end.matches).unwrap_or(u32::MAX),
        end.gaps,
        end.hidden_channels,
        end.next.is_some().then_some(if oldest_first { "newer" } else { "older" }),
    );
    Ok(())
}

/// Files and programs get every byte; a terminal is not steered by what producers write.
fn print(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(&for_reader(bytes, out.is_terminal()))?;
    out.flush()
}

fn for_reader(bytes: &[u8], terminal: bool) -> Cow<'_, [u8]> {
    match terminal {
        true => Cow::Owned(print::plain_lines(&String::from_utf8_lossy(bytes)).into_bytes()),
        false => Cow::Borrowed(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(matches: u64, next: Option<&str>, passed_over: bool) -> ExportEnd {
        ExportEnd {
            complete: next.is_none() && !passed_over,
            matches,
            scanned: 10,
            indexed: 7,
            opened: 3,
            ruled_out: 2,
            unjudged: 4,
            down_to: None,
            gaps: 1,
            silent_sources: vec!["bank".into()],
            unseen: vec!["key".into()],
            hidden_channels: 1,
            next: next.map(str::to_owned),
            passed_over,
        }
    }

    #[test]
    fn several_exports_are_told_as_one() {
        let all = together(end(5, Some("a"), true), end(6, None, false));
        assert_eq!((all.matches, all.scanned, all.gaps, all.indexed), (11, 20, 2, 7));
        assert_eq!((all.silent_sources.len(), all.hidden_channels, all.complete), (1, 1, false), "passed over before");
        assert!(together(end(5, Some("a"), false), end(6, None, false)).complete);
        let line = serde_json::to_string(&end(1, None, false)).unwrap();
        assert!(line.as_bytes().starts_with(END), "{line}");
    }

    #[test]
    fn a_terminal_is_not_steered_and_a_file_gets_every_byte() {
        let row = "1,\"\x1b]0;owned\x07\u{9b}2J\u{202e}a\"\r\n";
        assert_eq!(&*for_reader(row.as_bytes(), false), row.as_bytes());
        let shown = "1,\"\u{fffd}]0;owned\u{fffd}\u{fffd}2J\u{fffd}a\"\r\n";
        assert_eq!(&*for_reader(row.as_bytes(), true), shown.as_bytes());
    }
}
