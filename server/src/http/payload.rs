//! A payload's bytes, as the broker gave them.

use axum::{
    Extension,
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use weir_domain::{AppError, CaseError, ErrorKind, EventId};

use super::{
    answer::{self, Reader},
    site::Site,
    visit::{Visit, Who},
};

pub async fn download(
    State(site): State<Site>,
    Extension(visit): Extension<Visit>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
) -> Response {
    let Some(caller) = &who.caller else {
        return answer::case_error(CaseError::SignedOut, Reader::Person, &visit, site.css());
    };
    let found = match id.parse::<EventId>() {
        Ok(id) => site.cases.events.payload(caller, id).await,
        Err(_) => Ok(None),
    };
    match found {
        Ok(Some(bytes)) => file(&id, bytes),
        Ok(None) => {
            let nothing = AppError::new(
                ErrorKind::Invalid,
                "There is no payload to download here.",
                "The event is unknown or hidden, its payload is null, or Weir does not have it (the event's page says why).",
            );
            answer::with_status(StatusCode::NOT_FOUND, nothing, Reader::Person, &visit, site.css())
        }
        Err(error) => answer::case_error(error, Reader::Person, &visit, site.css()),
    }
}

/// Never shown by the browser itself, whatever the bytes look like.
fn file(id: &str, bytes: Vec<u8>) -> Response {
    let mut response = Body::from(bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    // The id was parsed: digits and hyphens.
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"event-{id}.bin\"")) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}
