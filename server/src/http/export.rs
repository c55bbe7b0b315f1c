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
use std::{io, time::Duration};
use tokio::time::Instant;
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
    pub groups: Desk,
}

impl Default for Exports {
    fn default() -> Self {
        Self { audit: Desk::new(2, 2), events: Desk::new(8, 4), groups: Desk::new(4, 2) }
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

/// A connection on which nothing passes is cut by many a proxy, after 30 s or more. Lines that find nothing for so long send
/// an empty one.
pub const QUIET: Duration = Duration::from_secs(10);

type Write<T> = Box<dyn Fn(T) -> io::Result<Bytes> + Send + Sync>;

/// How parts are written.
pub struct Form<T> {
    pub content_type: &'static str,
    /// Stands before the first part.
    pub head: Bytes,
    pub write: Write<T>,
    /// What may stand between two parts and says nothing; `None`: nothing may.
    pub beat: Option<Bytes>,
}

impl<T: 'static> Form<T> {
    /// A line of JSON for each.
    pub fn lines(write: fn(T) -> io::Result<Bytes>) -> Self {
        Self {
            content_type: "application/x-ndjson",
            head: Bytes::new(),
            write: Box::new(write),
            beat: Some(Bytes::from_static(b"\n")),
        }
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
    let Form { content_type, head, write, beat } = form;
    let written = written(Parts { parts, stop, request, write, beat, sent: Instant::now(), _seat: seat });
    let mut response = Body::from_stream(behind(head, written)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

/// The head goes out at once, whatever the first part takes.
fn behind(
    head: Bytes,
    parts: impl Stream<Item = io::Result<Bytes>> + Send,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    stream::iter((!head.is_empty()).then_some(Ok(head))).chain(parts)
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
    beat: Option<Bytes>,
    /// When something was sent last.
    sent: Instant,
    _seat: Seat,
}

impl<T> Parts<T> {
    /// What is sent next; `None`: that was all.
    async fn next(&mut self) -> Option<Result<Bytes, CaseError>> {
        loop {
            let part = tokio::select! {
                () = self.stop.cancelled() => Err(CaseError::Unavailable("the server is ending".into())),
                part = self.parts.next() => part?,
                () = tokio::time::sleep_until(self.sent + QUIET), if self.beat.is_some() => {
                    return self.beat.clone().map(Ok);
                }
            };
            match part.and_then(|part| (self.write)(part).map_err(|e| CaseError::Internal(e.to_string()))) {
                // A part in which nothing was found.
                Ok(bytes) if bytes.is_empty() => {}
                written => return Some(written),
            }
        }
    }
}

/// An export that can't go on is cut off, so that nobody takes it for the whole.
fn written<T: Send + 'static>(parts: Parts<T>) -> impl Stream<Item = io::Result<Bytes>> + Send {
    stream::unfold(Some(parts), |parts| async {
        let mut parts = parts?;
        match parts.next().await? {
            Ok(bytes) => {
                parts.sent = Instant::now();
                Some((Ok(bytes), Some(parts)))
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(all: BoxStream<'static, Result<&'static str, CaseError>>, beat: Option<Bytes>) -> Parts<&'static str> {
        Parts {
            parts: all,
            stop: CancellationToken::new(),
            request: String::new(),
            write: Box::new(|part| Ok(Bytes::from(part))),
            beat,
            sent: Instant::now(),
            _seat: Desk::new(1, 1).sit("a").unwrap(),
        }
    }

    /// One that finds nothing: part after part is empty, a second each, and then something comes after all.
    fn slow() -> BoxStream<'static, Result<&'static str, CaseError>> {
        let each = |n| async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok(if n < 34 { "" } else { "found\n" })
        };
        stream::iter(0..35).then(each).boxed()
    }

    #[tokio::test(start_paused = true)]
    async fn what_finds_nothing_is_heard_of_every_few_seconds() {
        let begun = Instant::now();
        let beats = written(parts(slow(), Some(Bytes::from_static(b"\n"))));
        let heard: Vec<_> = beats.map(|sent| (begun.elapsed().as_secs(), sent.unwrap())).collect().await;
        let want = [(10, "\n"), (20, "\n"), (30, "\n"), (35, "found\n")];
        assert_eq!(heard, want.map(|(at, sent)| (at, Bytes::from(sent))), "and nothing of what was found is lost");

        // Nothing can stand between the rows of a table.
        let table: Vec<_> = written(parts(slow(), None)).map(|sent| sent.unwrap()).collect().await;
        assert_eq!(table, ["found\n"]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_names_of_columns_are_sent_before_anything_is_found() {
        let begun = Instant::now();
        let table = behind(Bytes::from_static(b"time,key\r\n"), written(parts(slow(), None)));
        let heard: Vec<_> = table.map(|sent| (begun.elapsed().as_secs(), sent.unwrap())).collect().await;
        assert_eq!(heard, [(0, Bytes::from("time,key\r\n")), (35, Bytes::from("found\n"))]);
    }
}
