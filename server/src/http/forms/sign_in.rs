use axum::{
    Extension, Form,
    extract::{State, rejection::FormRejection},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use weir_cases::access::Visitor;

use super::{Problem, counted_by, leave, sign_in_path, welcome};
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
    let visitor = Visitor { origin: visit.origin(), counted_as: counted_by(&visit, &login) };
    match site.cases.access.log_in(&login, &password, visitor).await {
        Ok(session) => {
            leave(&site, &visit, &who).await;
            welcome(&site, &session, next.as_deref())
        }
        Err(error) => {
            let problem = Problem::of(&error, "credentials", &visit);
            Redirect::to(&sign_in_path(next.as_deref(), Some(&problem))).into_response()
        }
    }
}
