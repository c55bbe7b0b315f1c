//! Server functions, called by the bundle.

use axum::{
    Extension,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue};

use super::{
    build, pages,
    site::Site,
    visit::{Visit, Who},
};

/// See [`build`].
const BUILD: HeaderName = HeaderName::from_static("x-weir-build");

pub async fn call(
    State(site): State<Site>,
    Extension(visit): Extension<Visit>,
    who: Option<Extension<Who>>,
    request: Request,
) -> Response {
    if let Some(outdated) = build::refused(&site, &visit, request.headers().get(&BUILD).map(HeaderValue::as_bytes)) {
        return outdated;
    }
    let who = who.map(|Extension(who)| who).unwrap_or_default();
    let context = pages::context(&site, &visit, &who);
    leptos_axum::handle_server_fns_with_context(context, request).await.into_response()
}
