use axum::{
    Extension, Form,
    extract::{State, rejection::FormRejection},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{Problem, sign_in_path, welcome};
use crate::http::{
    site::Site,
    visit::{Visit, Who},
};

#[derive(Deserialize)]
pub struct Fields {
    login: String,
    password: String,
    next: Option<String>,
}

/// `POST /sign-in`
pub async fn sign_in(
    State(site): State<Site>,
    Extension(visit): Extension<Visit>,
    Extension(who): Extension<Who>,
    fields: Result<Form<Fields>, FormRejection>,
) -> Response {
    let Ok(Form(Fields { login, password, next })) = fields else {
        return Redirect::to(&sign_in_path(None, Some(&Problem::new("credentials")))).into_response();
    };
    // Behind a proxy all have its address: one of them must not be able to lock out the others.
    let remote = if site.origin.behind_proxy() { format!("proxied {login}") } else { visit.remote_subject() };
    match site.cases.access.log_in(&login, &password, &remote).await {
        Ok(session) => {
            // The browser forgets the session it came with; nobody else should be able to use it either.
            if let Some(token) = &who.token
                && let Err(error) = site.cases.access.log_out(token).await
            {
                tracing::warn!(%error, "the session before could not be ended; it runs out by itself");
            }
            welcome(&site, &session, next.as_deref())
        }
        Err(error) => {
            let problem = Problem::of(&error, "credentials", &visit);
            Redirect::to(&sign_in_path(next.as_deref(), Some(&problem))).into_response()
        }
    }
}
