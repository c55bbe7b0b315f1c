//! Events as lines: a table for people, JSON for programs.

use crate::{
    ended::Ended,
    http::rest::Event,
    print::{self, Column, Table, words},
};

const COLUMNS: [Column; 6] = [
    Column::whole("TIME (UTC)"),
    Column::text("ID"),
    Column::text("CHANNEL"),
    Column::text("TYPE"),
    Column::text("KEY"),
    Column::number("SIZE"),
];
/// Columns of a tail are made before its rows are known.
const OF_A_TAIL: [usize; 6] = [14, 10, 15, 15, 12, 6];

/// Prints events as they come.
pub struct Lines {
    json: bool,
    tail: bool,
    table: Option<Table>,
}

impl Lines {
    pub const fn new(json: bool, tail: bool) -> Self {
        Self { json, tail, table: None }
    }

    pub fn print(&mut self, events: &[Event]) -> Result<(), Ended> {
        if self.json {
            return events.iter().try_for_each(print::json);
        }
        if events.is_empty() {
            return Ok(());
        }
        let rows: Vec<_> = events.iter().map(cells).collect();
        if self.table.is_none() {
            let least = if self.tail { OF_A_TAIL.as_slice() } else { &[] };
            let table = Table::fitting(&COLUMNS, &rows, least);
            print::line(&table.head())?;
            self.table = Some(table);
        }
        let Some(table) = &self.table else { return Ok(()) };
        rows.iter().try_for_each(|row| print::line(&table.row(row)))
    }
}

fn cells(event: &Event) -> Vec<String> {
    let masked = event.masked.iter().any(|m| m.part == "key");
    let key = match (&event.key, &event.absent, masked) {
        (_, _, true) => "(masked)".to_owned(),
        // Of one that was read from its broker the key is known, whatever the store has.
        (Some(key), ..) => key.clone(),
        (_, Some(why), _) => format!("({why})"),
        (None, ..) => words::UNKNOWN.to_owned(),
    };
    vec![
        words::clock(event.time.0),
        event.id.clone(),
        event.channel.name.clone(),
        event.event_type.clone(),
        key,
        words::bytes(event.size),
    ]
}
