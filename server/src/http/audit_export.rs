//! The audit log as a file: one JSON object a line.

use axum::{
    Extension,
    extract::{RawQuery, State},
    response::Response,
};
use bytes::Bytes;
use std::{io, sync::Arc};
use weir_app::audit::Asked;
use weir_cases::{Recheck, audit::Exported};
use weir_domain::{
    CaseError,
    access::Caller,
    audit::{EntryId, Question},
};

use super::{
    export::{self, Form, Wrong, as_file, json_lines, refused, turn},
    site::Site,
    visit::{Visit, Who},
};

/// `GET /audit/export`: what the page at the same filter shows, all of it.
pub async fn export(
    State(site): State<Site>,
    Extension(visit): Extension<Visit>,
    Extension(who): Extension<Who>,
    RawQuery(query): RawQuery,
) -> Response {
    match begin(&site, &who, query.as_deref().unwrap_or_default()).await {
        Ok(response) => as_file(response, "attachment; filename=\"weir-audit.ndjson\""),
        Err(wrong) => refused(wrong, &site, &visit),
    }
}

async fn begin(site: &Site, who: &Who, query: &str) -> Result<Response, Wrong> {
    let (Some(caller), Some(token)) = (&who.caller, &who.token) else { return Err(Err(CaseError::SignedOut)) };
    let asked = Asked::parse(query);
    let question = asked.question(site.cases.events.now()).map_err(Ok)?;
    let recheck = Arc::new(site.cases.access.recheck(token.clone(), None, caller.origin.clone()));
    answer(site, caller, token, question, asked.before, recheck, part).await
}

/// All that answers a question, a line each, written by `write`; bounded in number.
pub(super) async fn answer(
    site: &Site,
    caller: &Caller,
    session: &str,
    question: Question,
    before: Option<EntryId>,
    recheck: Arc<dyn Recheck>,
    write: fn(Exported) -> io::Result<Bytes>,
) -> Result<Response, Wrong> {
    let seat = turn(&site.exports.audit, session, "the audit log")?;
    let parts = site.cases.audit.export(caller, question, before, recheck).await.map_err(Err)?;
    Ok(export::answer(site, caller, seat, parts, Form::lines(write)))
}

/// As they stand on the standard output too.
fn part(part: Exported) -> io::Result<Bytes> {
    match part {
        Exported::Entries(entries) => json_lines(&entries),
        Exported::More(before) => json_lines(&[serde_json::json!({ "more": true, "before": before })]),
    }
}
