//! What every request passes before its handler, by what its route asks.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use http::{Method, StatusCode};
use weir_domain::{AppError, CaseError, EnvironmentId, ErrorKind};

use super::{
    answer::{self, Reader},
    forms::sign_in_path,
    session,
    site::Site,
    v1,
    visit::{Visit, Who},
};

#[derive(Debug, Clone, Copy)]
pub struct Guard {
    pub signed_in: bool,
    /// Programs with a token pass, and nobody else: the cookie is not looked at. The use case that they ask for.
    pub by_token: Option<&'static str>,
    /// Refuse what other sites cause.
    pub own_pages_only: bool,
    pub needs_database: bool,
    pub reader: Reader,
}

pub async fn pass(State((site, guard)): State<(Site, Guard)>, mut request: Request, next: Next) -> Response {
    let Some(visit) = request.extensions().get::<Visit>().cloned() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if let Some(use_case) = guard.by_token {
        return v1::pass(&site, &visit, use_case, request, next).await;
    }
    if guard.own_pages_only && !site.origin.is_own(request.headers()) {
        let refused = AppError::new(
            ErrorKind::NotAllowed,
            "This request did not come from a page of this Weir.",
            "Open Weir by its own address and try again.",
        );
        return answer::app_error(refused, guard.reader, &visit, site.css());
    }
    if !guard.needs_database {
        return next.run(request).await;
    }
    if let Err(why) = site.readiness.ready() {
        let away = AppError::new(ErrorKind::Unavailable, why.message(), why.what_to_do());
        return answer::app_error(away, guard.reader, &visit, site.css());
    }
    let token = session::token(request.headers(), site.origin.cookie());
    let environment = environment(request.uri().query());
    let who = match who(&site, &visit, token, environment).await {
        Ok(who) => who,
        Err(error) => return answer::case_error(error, guard.reader, &visit, site.css()),
    };
    if guard.signed_in && who.caller.is_none() {
        return signed_out(guard, &visit, &request);
    }
    request.extensions_mut().insert(who);
    next.run(request).await
}

async fn who(
    site: &Site,
    visit: &Visit,
    token: Option<String>,
    environment: Option<EnvironmentId>,
) -> Result<Who, CaseError> {
    let Some(token) = token else { return Ok(Who::default()) };
    let caller = site.cases.access.caller(&token, environment, visit.origin()).await?;
    Ok(Who { caller, token: Some(token) })
}

/// Whoever is there, on a page that is open to everybody: nobody, where that can't be told now.
pub async fn whoever(site: &Site, visit: &Visit, headers: &http::HeaderMap) -> Who {
    let token = session::token(headers, site.origin.cookie()).filter(|_| site.readiness.ready().is_ok());
    who(site, visit, token, None).await.unwrap_or_default()
}

/// `?env=`; what is no number means all of them.
pub fn environment(query: Option<&str>) -> Option<EnvironmentId> {
    form_urlencoded::parse(query?.as_bytes()).find(|(k, _)| k == "env").and_then(|(_, v)| v.parse().ok())
}

fn signed_out(guard: Guard, visit: &Visit, request: &Request) -> Response {
    if guard.reader != Reader::Person {
        return answer::case_error(CaseError::SignedOut, guard.reader, visit, None);
    }
    let next = match *request.method() {
        Method::GET | Method::HEAD => request.uri().path_and_query().map(|p| p.as_str()),
        _ => None,
    };
    Redirect::to(&sign_in_path(next, None)).into_response()
}
