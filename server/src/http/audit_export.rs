//! The audit log as a file: one JSON object a line.

use axum::{
    Extension,
    body::Body,
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{
    Stream, StreamExt as _,
    stream::{self, BoxStream},
};
use http::{HeaderName, HeaderValue, header};
use serde::Serialize;
use std::{io, sync::Arc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use weir_app::audit::Asked;
use weir_cases::{Recheck, audit::Exported};
use weir_domain::{
    AppError, CaseError, ErrorKind,
    access::Caller,
    audit::{EntryId, Question},
};

use super::{
    answer::{self, Reader},
    site::Site,
    visit::{Visit, Who},
};

/// Exports at once: each is a long chain of questions to the database.
const AT_ONCE: usize = 2;

/// Bounds the exports under way.
pub struct Exports(Arc<Semaphore>);

impl Default for Exports {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

/// `GET /audit/export`: what the page at the same filter shows, all of it.
pub async fn export(
    State(site): State<Site>,
    Extension(visit): Extension<Visit>,
    Extension(who): Extension<Who>,
    RawQuery(query): RawQuery,
) -> Response {
    match begin(&site, &who, query.as_deref().unwrap_or_default()).await {
        Ok(response) => response,
        Err(error) => {
            let error = error.unwrap_or_else(|error| {
                answer::log(&error, &visit);
                error.into()
            });
            answer::app_error(error, Reader::Person, &visit, site.css())
        }
    }
}

/// What went wrong: in words already, or not yet.
pub(super) type Wrong = Result<AppError, CaseError>;

/// Lines of a part.
pub(super) type Write = fn(Exported) -> serde_json::Result<Bytes>;

async fn begin(site: &Site, who: &Who, query: &str) -> Result<Response, Wrong> {
    let (Some(caller), Some(token)) = (&who.caller, &who.token) else { return Err(Err(CaseError::SignedOut)) };
    let asked = Asked::parse(query);
    let question = asked.question(site.cases.events.now()).map_err(Ok)?;
    let recheck = Arc::new(site.cases.access.recheck(token.clone(), None, caller.origin.clone()));
    let mut response = answer(site, caller, question, asked.before, recheck, part).await?;
    let file = HeaderValue::from_static("attachment; filename=\"weir-audit.ndjson\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, file);
    Ok(response)
}

/// All that answers a question, a line each, written by `write`; bounded in number.
pub(super) async fn answer(
    site: &Site,
    caller: &Caller,
    question: Question,
    before: Option<EntryId>,
    recheck: Arc<dyn Recheck>,
    write: Write,
) -> Result<Response, Wrong> {
    let Ok(turn) = Arc::clone(&site.exports.0).try_acquire_owned() else {
        let busy = "Others are exporting the audit log just now.";
        return Err(Ok(AppError::new(ErrorKind::TooMany, busy, "Try again when they are done, in a minute or so.")));
    };
    let parts = site.cases.audit.export(caller, question, before, recheck).await.map_err(Err)?;
    let request = caller.origin.request_id.clone();
    let lines = lines(Parts { parts, stop: site.stop.clone(), request, write, _turn: turn });
    let mut response = Body::from_stream(lines).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

struct Parts {
    parts: BoxStream<'static, Result<Exported, CaseError>>,
    stop: CancellationToken,
    request: String,
    write: Write,
    _turn: OwnedSemaphorePermit,
}

/// An export that can't go on is cut off, so that nobody takes it for the whole.
fn lines(parts: Parts) -> impl Stream<Item = io::Result<Bytes>> + Send {
    stream::unfold(Some(parts), |parts| async {
        let mut parts = parts?;
        let part = tokio::select! {
            () = parts.stop.cancelled() => Err(CaseError::Unavailable("the server is ending".into())),
            part = parts.parts.next() => part?,
        };
        let written = part.and_then(|part| (parts.write)(part).map_err(|e| CaseError::Internal(e.to_string())));
        match written {
            Ok(bytes) => Some((Ok(bytes), Some(parts))),
            Err(error) => {
                tracing::warn!(request = parts.request, %error, "an export was cut off");
                Some((Err(io::Error::other("the export was cut off")), None))
            }
        }
    })
}

/// As they stand on the standard output too.
fn part(part: Exported) -> serde_json::Result<Bytes> {
    match part {
        Exported::Entries(entries) => json_lines(&entries),
        Exported::More(before) => json_lines(&[serde_json::json!({ "more": true, "before": before })]),
    }
}

pub(super) fn json_lines<T: Serialize>(all: &[T]) -> serde_json::Result<Bytes> {
    let mut out = Vec::new();
    for one in all {
        serde_json::to_writer(&mut out, one)?;
        out.push(b'\n');
    }
    Ok(out.into())
}
