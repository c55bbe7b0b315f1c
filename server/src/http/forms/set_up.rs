use axum::{
    Extension, Form,
    extract::{State, rejection::FormRejection},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use weir_cases::access::wrong_code;

use super::{Problem, welcome};
use crate::http::{site::Site, visit::Visit};

#[derive(Deserialize)]
pub struct Fields {
    token: String,
    login: String,
    name: String,
    password: String,
}

/// `POST /setup`
pub async fn set_up(
    State(site): State<Site>,
    Extension(visit): Extension<Visit>,
    fields: Result<Form<Fields>, FormRejection>,
) -> Response {
    let Ok(Form(Fields { token, login, name, password })) = fields else {
        return back(&Problem::new("token"), "", "", "");
    };
    match site.cases.access.set_up(&token, &login, &name, &password, &visit.origin()).await {
        Ok(session) => welcome(&site, &session, None),
        Err(error) => back(&Problem::of(&error, wrong_code(&error).unwrap_or("token"), &visit), &token, &name, &login),
    }
}

/// The form again, with what was typed. The token goes along in the fragment, as it came: what is wrong can be put right with it.
fn back(problem: &Problem, token: &str, name: &str, login: &str) -> Response {
    let mut query = form_urlencoded::Serializer::new(String::new());
    problem.write(&mut query);
    // With another link one begins anew.
    let can_mend = !["token", "exists"].contains(&problem.code);
    for (field, typed, longest) in [("name", name, 120), ("login", login, 64)] {
        if can_mend && !typed.is_empty() && typed.chars().count() <= longest {
            query.append_pair(field, typed);
        }
    }
    let fits = !token.is_empty()
        && token.len() <= 128
        && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    let fragment = if fits && can_mend { format!("#token={token}") } else { String::new() };
    Redirect::to(&format!("/setup?{}{fragment}", query.finish())).into_response()
}
