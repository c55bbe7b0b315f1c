use std::sync::Arc;

use axum::{Extension, extract::State, response::Response};
use http::Uri;
use serde::Deserialize;
use utoipa::IntoParams;
use weir_cases::events::{Wanted, export::MOST_EXPORTED};
use weir_domain::events::{Column, TimeRange};

use super::{
    Filter, cursor,
    exported::{ExportLine, Format},
    oldest_first, wanted,
};
use crate::http::{
    events_export::{Question, answer},
    site::Site,
    v1::{asked::Asked, bearer::Program, kinds::INVALID, problem::Problem, shared::InEnvironment},
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is written down for the documentation; the handler reads the parameters")]
pub struct Export {
    /// Events at or after this time.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-11-22T08:00:00Z")]
    from: Option<String>,
    /// Events before this time.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-11-23T08:00:00Z")]
    to: Option<String>,
    /// `newest` first or `oldest` first. A `cursor` goes on in the order that it was made in.
    #[param(default = "newest", example = "oldest")]
    order: Option<String>,
    /// Events in all, at most.
    #[param(minimum = 1, maximum = 1_000_000, default = 1_000_000)]
    limit: Option<u32>,
    /// `next` of an export that reached its limit, with the other parameters as they were.
    cursor: Option<String>,
    /// `ndjson` or `csv`.
    #[param(default = "ndjson", example = "ndjson")]
    format: Option<String>,
    /// Columns of the CSV, with commas between them: `time`, `type`, `channel`, `key`, `summary`, `size`, `source`,
    /// `partition`, `offset`, `captured`, `header.<name>`, or a path into the payload. At most 16.
    #[param(example = "time,key,data.amount,header.tenant")]
    columns: Option<String>,
}

/// Export events
///
/// All events that a filter and a query find, newest first or in the `order` asked for, with key, headers and payload, each once. As NDJSON each line
/// is an event (as lists have it, and more), and the last line is the end: whether that is all, how much was looked at,
/// and what is not known. It has `complete` and no `id`. Where nothing is found for 10 s an empty line comes in between, so
/// that no proxy cuts the connection: pass over them. As CSV the columns are time, source, channel, partition, offset,
/// type, key, size, payload, payload_is and id; what a spreadsheet would take for a formula has an apostrophe before it. A
/// table that leaves something out, or may (a limit, gaps, sources that are not read, hidden channels), ends with a record
/// that begins with `#weir.export.completeness`: what it is, in words, and the end as JSON. No row of an event begins with
/// `#`. The line of names is sent at once; while nothing is found, nothing more can be.
///
/// At most 1,000,000 events: `next` tells where to go on. An export that can't go on is cut off in the middle of the
/// answer, never ended as if it were whole.
#[utoipa::path(
    get,
    path = "/api/v1/events/export",
    operation_id = "events_export",
    tag = "events",
    params(InEnvironment, Filter, Export),
    responses((status = 200, description = "Events, and the end.", content(
        (ExportLine = "application/x-ndjson"),
        (String = "text/csv"),
    ))),
)]
pub async fn export(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
) -> Result<Response, Problem> {
    let mut asked = Asked::of(&uri)?;
    let (from, to) = (asked.time("from")?, asked.time("to")?);
    let wanted = Wanted { oldest_first: oldest_first(&mut asked)?, ..wanted(&mut asked, TimeRange { from, to })? };
    let limit = asked.number("limit", 1..=MOST_EXPORTED)?;
    let before = asked.text("cursor")?.map(|text| cursor::read(&text)).transpose()?;
    let format = asked.text("format")?.map_or(Some(Format::Lines), |text| Format::parse(&text));
    let Some(format) = format else {
        return Err(Problem::new(INVALID, "There is no such format.", "Ask with format=ndjson or format=csv."));
    };
    let columns = asked.text("columns")?;
    let columns = columns.map_or(Ok(Vec::new()), |text| Column::list(&text)).map_err(|error| {
        let what_to_do = "Write words such as time and key, header.<name>, or paths as in a query: data.amount.";
        Problem::new(INVALID, format!("The columns can't be read: {error}."), what_to_do)
    })?;
    asked.end()?;
    let recheck = Arc::new(site.cases.tokens.recheck(program.token.to_string(), &program.caller));
    let question = Question { wanted, before, limit, format, columns };
    program.begun(answer(&site, &program.caller, &program.token, question, recheck).await)
}
