//! An export as a table of chosen columns.

use std::io;

use bytes::Bytes;
use weir_cases::events::{Exported, column_texts};
use weir_domain::events::Column;

use super::exported::ExportEnd;
use crate::{csv, http::export::Form};

pub fn form(columns: Vec<Column>) -> Form<Exported> {
    let names: Vec<_> = columns.iter().map(Column::text).collect();
    let mut head = Vec::new();
    csv::line(&mut head, names.iter().map(|name| Some(name.as_str())));
    let write = Box::new(move |part| written(part, &columns));
    Form { content_type: csv::CONTENT_TYPE, head: head.into(), write, beat: None }
}

fn written(part: Exported, columns: &[Column]) -> io::Result<Bytes> {
    let mut out = Vec::new();
    match part {
        Exported::Events(events) => {
            for event in &events {
                let texts = column_texts(event, columns);
                csv::line(&mut out, texts.iter().map(Option::as_deref));
            }
        }
        Exported::End(end) => {
            ExportEnd::from(end).below_a_table(&mut out, columns.len())?;
        }
    }
    Ok(out.into())
}
