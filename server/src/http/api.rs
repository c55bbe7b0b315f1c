//! Server functions, called by the bundle.

use axum::{
    Extension,
    body::to_bytes,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use weir_domain::{AppError, CaseError, ErrorKind};

use super::{
    answer::{self, Reader},
    build, pages, person,
    site::Site,
    visit::{Visit, Who},
};

/// See [`build`].
const BUILD: HeaderName = HeaderName::from_static("x-weir-build");
/// See [`person`].
const PERSON: HeaderName = HeaderName::from_static("x-weir-person");
/// Marks a failure's answer, whatever it is about.
const FAILED: &str = leptos::server_fn::error::SERVER_FN_ERROR_HEADER;
/// The longest failure that is read.
const LONGEST: usize = 64 * 1024;

pub async fn call(
    State(site): State<Site>,
    Extension(visit): Extension<Visit>,
    who: Option<Extension<Who>>,
    mut request: Request,
) -> Response {
    if let Some(outdated) = build::refused(&site, &visit, request.headers().get(&BUILD).map(HeaderValue::as_bytes)) {
        return outdated;
    }
    let who = who.map(|Extension(who)| who).unwrap_or_default();
    if person::other(who.caller.as_ref(), request.headers().get(&PERSON).map(HeaderValue::as_bytes)) {
        return answer::app_error(person::told(), Reader::Program, &visit, None);
    }
    // The router takes the answer's body away again.
    if *request.method() == Method::HEAD {
        *request.method_mut() = Method::GET;
    }
    // Only programs call: those that would rather have a page are not sent back to one, with the failure in its address.
    request.headers_mut().remove(header::ACCEPT);
    let context = pages::context(&site, &visit, &who, request.headers());
    let response = leptos_axum::handle_server_fns_with_context(context, request).await.into_response();
    if response.headers().contains_key(FAILED) { failed(response, &visit).await } else { response }
}

/// A failure with the status that it says by its kind; it comes with the same one for all.
async fn failed(response: Response, visit: &Visit) -> Response {
    let error = match to_bytes(response.into_body(), LONGEST).await {
        Ok(body) => serde_json::from_slice::<AppError>(&body).map_err(|e| e.to_string()),
        Err(e) => Err(e.to_string()),
    };
    match error {
        Ok(error) => answer::app_error(error, Reader::Program, visit, None),
        Err(why) => answer::case_error(CaseError::Internal(why), Reader::Program, visit, None),
    }
}

/// What no server function answers to.
pub async fn nothing(Extension(visit): Extension<Visit>) -> Response {
    let nothing = AppError::new(
        ErrorKind::Invalid,
        "There is no such call.",
        "Reload the page: the server may have been updated.",
    );
    answer::with_status(StatusCode::NOT_FOUND, nothing, Reader::Program, &visit, None)
}
