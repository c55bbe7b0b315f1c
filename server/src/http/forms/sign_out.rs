use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::header;
use weir_domain::CaseError;

use crate::http::{
    answer::{self, Reader},
    session,
    site::Site,
    visit::{Visit, Who},
};

/// `POST /sign-out`
pub async fn sign_out(
    State(site): State<Site>,
    Extension(visit): Extension<Visit>,
    Extension(who): Extension<Who>,
) -> Response {
    let ended = match &who.token {
        Some(token) => site.cases.access.log_out(token, visit.origin()).await,
        None => Ok(()),
    };
    match ended {
        Ok(()) | Err(CaseError::SignedOut) => {
            let mut response = Redirect::to("/sign-in?done=signed_out").into_response();
            if let Some(cookie) = session::no_cookie(site.origin.cookie()) {
                response.headers_mut().insert(header::SET_COOKIE, cookie);
            }
            response
        }
        // Without the database the session lives on: the person must know.
        Err(error) => answer::case_error(error, Reader::Person, &visit, site.css()),
    }
}
