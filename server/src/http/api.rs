//! Server functions, called by the bundle.

use axum::{
    Extension,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::HeaderName;
use weir_domain::{AppError, ErrorKind};

use super::{
    answer::{self, Reader},
    pages,
    site::Site,
    visit::{Visit, Who},
};

/// The bundle says which build it is of (decision 24).
const BUILD: HeaderName = HeaderName::from_static("x-weir-build");

pub async fn call(
    State(site): State<Site>,
    Extension(visit): Extension<Visit>,
    who: Option<Extension<Who>>,
    request: Request,
) -> Response {
    if request.headers().get(&BUILD).is_some_and(|build| build.as_bytes() != site.bundle.build_id.as_bytes()) {
        let outdated = AppError::new(
            ErrorKind::Outdated,
            "Weir was updated while this page was open.",
            "Reload the page; what you typed is kept.",
        );
        return answer::app_error(outdated, Reader::Program, &visit, None);
    }
    let who = who.map(|Extension(who)| who).unwrap_or_default();
    let context = pages::context(&site, &visit, &who);
    leptos_axum::handle_server_fns_with_context(context, request).await.into_response()
}
