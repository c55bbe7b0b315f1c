//! A payload's bytes, as the broker gave them.

use axum::{
    Extension,
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::stream;
use http::{HeaderValue, StatusCode, header};
use std::{sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use weir_domain::{AppError, CaseError, ErrorKind, EventId, access::Caller};

use super::{
    answer::{self, Reader},
    site::Site,
    visit::{Visit, Who},
};

/// KiB of payloads that may wait for their readers at once, all downloads together.
const HELD_KIB: u32 = 128 * 1024;
/// Payloads taken out of the store at once: their size is known only then.
const TAKEN: usize = 4;
/// For a turn.
const PATIENCE: Duration = Duration::from_secs(10);
const PIECE: usize = 64 * 1024;

/// Bounds the memory of downloads, however many there are and however slowly they are read (invariant 7).
pub struct Downloads {
    taken: Arc<Semaphore>,
    held: Arc<Semaphore>,
}

impl Default for Downloads {
    fn default() -> Self {
        Self { taken: Arc::new(Semaphore::new(TAKEN)), held: Arc::new(Semaphore::new(HELD_KIB as usize)) }
    }
}

async fn turn(of: &Arc<Semaphore>, permits: u32) -> Result<OwnedSemaphorePermit, CaseError> {
    match tokio::time::timeout(PATIENCE, Arc::clone(of).acquire_many_owned(permits)).await {
        Ok(Ok(permit)) => Ok(permit),
        _ => Err(CaseError::Unavailable("too many payloads are being downloaded at once".into())),
    }
}

fn kib(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len().div_ceil(1024)).unwrap_or(HELD_KIB).clamp(1, HELD_KIB)
}

pub async fn download(
    State(site): State<Site>,
    Extension(visit): Extension<Visit>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
) -> Response {
    let Some(caller) = &who.caller else {
        return answer::case_error(CaseError::SignedOut, Reader::Person, &visit, site.css());
    };
    let Ok(event) = id.parse::<EventId>() else { return nothing(&site, &visit) };
    match taken(&site, caller, event).await {
        Ok(Some((bytes, held))) => file(event, bytes, held),
        Ok(None) => nothing(&site, &visit),
        Err(error) => answer::case_error(error, Reader::Person, &visit, site.css()),
    }
}

fn nothing(site: &Site, visit: &Visit) -> Response {
    let nothing = AppError::new(
        ErrorKind::Invalid,
        "There is no payload to download here.",
        "The event is unknown or hidden, its payload is null, or Weir does not have it (the event's page says why).",
    );
    answer::with_status(StatusCode::NOT_FOUND, nothing, Reader::Person, visit, site.css())
}

/// The bytes, and their part of what all downloads may hold.
pub async fn taken(
    site: &Site,
    caller: &Caller,
    id: EventId,
) -> Result<Option<(Bytes, OwnedSemaphorePermit)>, CaseError> {
    let _turn = turn(&site.downloads.taken, 1).await?;
    let Some(bytes) = site.cases.events.payload(caller, id).await? else { return Ok(None) };
    let held = turn(&site.downloads.held, kib(&bytes)).await?;
    Ok(Some((bytes.into(), held)))
}

/// Never shown by the browser itself, whatever the bytes look like. `held` is given back with the last piece.
pub fn file(id: EventId, bytes: Bytes, held: OwnedSemaphorePermit) -> Response {
    let length = bytes.len();
    // A handle on the same bytes.
    let head = bytes.clone();
    let pieces = stream::unfold((bytes, held), |(mut rest, held)| async move {
        let piece = rest.split_to(rest.len().min(PIECE));
        (!piece.is_empty()).then_some((Ok::<_, std::io::Error>(piece), (rest, held)))
    });
    let mut response = Body::from_stream(pieces).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    // The id was parsed: digits and hyphens.
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"event-{id}.{}\"", ending(&head))) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}

/// What programs know a file of these bytes by.
fn ending(bytes: &[u8]) -> &'static str {
    let document = bytes.trim_ascii_start().first().is_some_and(|b| b"{[".contains(b));
    if document && serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok() {
        "json"
    } else if std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0')) {
        "txt"
    } else {
        "bin"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_download_holds_its_bytes_until_it_is_read_or_given_up() {
        let downloads = Downloads::default();
        let bytes = Bytes::from(vec![7; 3 * PIECE + 1]);
        let before = downloads.held.available_permits();
        let held = turn(&downloads.held, kib(&bytes)).await.unwrap();
        let id = "1-2".parse().unwrap();
        let response = file(id, bytes.clone(), held);
        assert_eq!(before - downloads.held.available_permits(), 193);
        let read = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        assert!(read == bytes && downloads.held.available_permits() == before);
        let held = turn(&downloads.held, HELD_KIB).await.unwrap();
        let unread = file(id, bytes, held);
        assert_eq!(downloads.held.available_permits(), 0);
        drop(unread);
        assert_eq!(downloads.held.available_permits(), before);
    }

    #[test]
    fn a_file_is_named_by_what_it_holds() {
        for (bytes, want) in [
            (&b" {\"a\": [1]}\n"[..], "json"),
            (b"{\"a\": 1", "txt"),
            (b"12", "txt"),
            (b"", "txt"),
            (b"a\0b", "bin"),
            (b"\xff\xfe", "bin"),
        ] {
            assert_eq!(ending(bytes), want, "{bytes:?}");
        }
    }

    #[test]
    fn no_payload_asks_for_more_than_there_is() {
        assert_eq!((kib(&[]), kib(&[0; 1025])), (1, 2));
    }
}
