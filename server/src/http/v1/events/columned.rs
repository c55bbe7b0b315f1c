//! An export as a table of chosen columns.

use std::io;

use bytes::Bytes;
use weir_cases::events::{Exported, column_texts};
use weir_domain::events::Column;

use super::exported::ExportEnd;
use crate::{csv, http::export::Form};

/// `bounded` as [`super::exported::Format::form`] has it.
pub fn form(columns: Vec<Column>, bounded: bool) -> Form<Exported> {
    let names: Vec<_> = columns.iter().map(Column::text).collect();
    let mut head = Vec::new();
    csv::line(&mut head, names.iter().map(|name| Some(name.as_str())));
    let write = Box::new(move |part| written(part, &columns, bounded));
    Form { content_type: csv::CONTENT_TYPE, head: head.into(), write }
}

fn written(part: Exported, columns: &[Column], bounded: bool) -> io::Result<Bytes> {
    let mut out = Vec::new();
    match part {
        Exported::Events(events) => {
            for event in &events {
                let texts = column_texts(event, columns);
                csv::line(&mut out, texts.iter().map(Option::as_deref));
            }
        }
        Exported::End(end) => {
            let end = ExportEnd::from(end);
            if end.is_short(bounded) {
                csv::incomplete_of(&mut out, &serde_json::to_string(&end)?, columns.len());
            }
        }
    }
    Ok(out.into())
}
