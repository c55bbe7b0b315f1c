use std::{io, sync::Arc};

use axum::{Extension, extract::State, response::Response};
use bytes::Bytes;
use http::Uri;
use weir_cases::audit::Exported;

use super::{
    Filter, question,
    shapes::{Entry, More},
};
use crate::http::{
    audit_export::answer,
    export::json_lines,
    site::Site,
    v1::{asked::Asked, bearer::Program, problem::Problem},
};

/// Export the audit log
///
/// All that the list would show page by page, a line of JSON each (NDJSON), newest first. At most 1,000,000 entries: the
/// last line then is `{"more":true,"cursor":"…"}`. An export that can't go on is cut off in the middle of the answer, never
/// ended as if it were whole. Where nothing is found for 10 s an empty line comes in between: pass over them.
#[utoipa::path(
    get,
    path = "/api/v1/audit/export",
    operation_id = "audit_export",
    tag = "audit",
    params(Filter),
    responses((status = 200, description = "Entries, a line each.", body = Entry, content_type = "application/x-ndjson")),
)]
pub async fn export(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
) -> Result<Response, Problem> {
    let mut asked = Asked::of(&uri)?;
    let (question, before) = question(&mut asked)?;
    asked.end()?;
    let recheck = Arc::new(site.cases.tokens.recheck(program.token.to_string(), &program.caller));
    program.begun(answer(&site, &program.caller, &program.token, question, before, recheck, part).await)
}

fn part(part: Exported) -> io::Result<Bytes> {
    match part {
        Exported::Entries(entries) => json_lines(&entries.into_iter().map(Entry::from).collect::<Vec<_>>()),
        Exported::More(before) => json_lines(&[More { more: true, cursor: before.to_string() }]),
    }
}
