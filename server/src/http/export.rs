//! Exports: answers that go on for as long as there is something to tell, part by part.

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures::{
    Stream, StreamExt as _,
    stream::{self, BoxStream},
};
use http::{HeaderName, HeaderValue, header};
use serde::Serialize;
use std::io;
use tokio_util::sync::CancellationToken;
use weir_domain::{AppError, CaseError, ErrorKind, access::Caller};

use super::{
    answer::{self, Reader},
    live::{Desk, Seat},
    site::Site,
    visit::Visit,
};

/// Bounds the exports under way, in all and of one session or token: each is a long chain of questions to the database.
pub struct Exports {
    pub audit: Desk,
    pub events: Desk,
}

impl Default for Exports {
    fn default() -> Self {
        Self { audit: Desk::new(2, 2), events: Desk::new(8, 4) }
    }
}

/// What went wrong: in words already, or not yet.
pub type Wrong = Result<AppError, CaseError>;

/// A place among the exports under way. `what` is exported.
pub fn turn(desk: &Desk, session: &str, what: &str) -> Result<Seat, Wrong> {
    desk.sit(session).ok_or_else(|| {
        let busy = format!("Others are exporting {what} just now.");
        Ok(AppError::new(ErrorKind::TooMany, busy, "Try again when they are done, in a minute or so."))
    })
}

/// As a person is told.
pub fn refused(wrong: Wrong, site: &Site, visit: &Visit) -> Response {
    let error = wrong.unwrap_or_else(|error| {
        answer::log(&error, visit);
        error.into()
    });
    answer::app_error(error, Reader::Person, visit, site.css())
}

type Write<T> = Box<dyn Fn(T) -> io::Result<Bytes> + Send + Sync>;

/// How parts are written.
pub struct Form<T> {
    pub content_type: &'static str,
    /// Stands before the first part.
    pub head: Bytes,
    pub write: Write<T>,
}

impl<T: 'static> Form<T> {
    /// A line of JSON for each.
    pub fn lines(write: fn(T) -> io::Result<Bytes>) -> Self {
        Self { content_type: "application/x-ndjson", head: Bytes::new(), write: Box::new(write) }
    }
}

/// The parts, written as they come.
pub fn answer<T: Send + 'static>(
    site: &Site,
    caller: &Caller,
    seat: Seat,
    parts: BoxStream<'static, Result<T, CaseError>>,
    form: Form<T>,
) -> Response {
    let (stop, request) = (site.stop.clone(), caller.origin.request_id.clone());
    let written = written(Parts { parts, stop, request, write: form.write, _seat: seat });
    let head = stream::iter((!form.head.is_empty()).then_some(Ok(form.head)));
    let mut response = Body::from_stream(head.chain(written)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(form.content_type));
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

/// Kept by the browser as a file instead of being shown.
pub fn as_file(mut response: Response, disposition: &'static str) -> Response {
    response.headers_mut().insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(disposition));
    response
}

struct Parts<T> {
    parts: BoxStream<'static, Result<T, CaseError>>,
    stop: CancellationToken,
    request: String,
    write: Write<T>,
    _seat: Seat,
}

/// An export that can't go on is cut off, so that nobody takes it for the whole.
fn written<T: Send + 'static>(parts: Parts<T>) -> impl Stream<Item = io::Result<Bytes>> + Send {
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

pub fn json_lines<T: Serialize>(all: &[T]) -> io::Result<Bytes> {
    let mut out = Vec::new();
    for one in all {
        serde_json::to_writer(&mut out, one)?;
        out.push(b'\n');
    }
    Ok(out.into())
}
