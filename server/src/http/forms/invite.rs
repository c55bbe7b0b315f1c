use axum::{
    Extension, Form,
    extract::{State, rejection::FormRejection},
    response::{IntoResponse, Redirect, Response},
};
use http::Uri;
use serde::Deserialize;
use weir_app::drawn::Echo;
use weir_domain::{AppError, CaseError, access::people::Invited};

use super::{act::draw, leave, welcome};
use crate::http::{
    answer,
    site::Site,
    visit::{Visit, Who},
};

#[derive(Deserialize)]
pub struct Fields {
    #[serde(default)]
    token: String,
    #[serde(default)]
    name: String,
    /// Missing while the page only asks what its link is for.
    password: Option<String>,
}

/// `POST /invite`: with a token alone what its link is for, with a password the joining. Neither token nor password goes
/// into an address: the answer is the page itself.
pub async fn invite(
    State(site): State<Site>,
    Extension(visit): Extension<Visit>,
    Extension(who): Extension<Who>,
    fields: Result<Form<Fields>, FormRejection>,
) -> Response {
    let Ok(Form(Fields { token, name, password })) = fields else { return incomplete() };
    if token.is_empty() {
        return incomplete();
    }
    let people = &site.cases.people;
    let Some(password) = password else {
        return match people.invited(&token, &visit.origin()).await {
            Ok(invited) => page(&site, &visit, &who, shown(invited, &token, None), None).await,
            Err(error) => page(&site, &visit, &who, Vec::new(), Some(error)).await,
        };
    };
    match people.accept(&token, &name, &password, &visit.origin()).await {
        Ok(session) => {
            leave(&site, &visit, &who).await;
            welcome(&site, &session, None)
        }
        // The link still holds: the form again, with what is wrong.
        Err(error) => {
            let fields =
                people.invited(&token, &visit.origin()).await.map(|i| shown(i, &token, Some(name))).unwrap_or_default();
            page(&site, &visit, &who, fields, Some(error)).await
        }
    }
}

fn incomplete() -> Response {
    Redirect::to("/invite?error=invite").into_response()
}

/// What the page shows. The token goes into the form, whose holder has it already.
fn shown(invited: Invited, token: &str, typed: Option<String>) -> Vec<(String, String)> {
    let roles: Vec<_> = invited.roles.iter().map(|r| r.as_str()).collect();
    let mut fields = vec![
        ("token", token.to_owned()),
        ("login", invited.login),
        ("name", typed.unwrap_or(invited.name)),
        ("by", invited.by.unwrap_or_default()),
        ("roles", roles.join(", ")),
        ("expires", invited.expires.0.to_string()),
    ];
    if invited.new {
        fields.push(("new", "1".into()));
    }
    fields.into_iter().map(|(n, v)| (n.to_owned(), v)).collect()
}

async fn page(
    site: &Site,
    visit: &Visit,
    who: &Who,
    fields: Vec<(String, String)>,
    error: Option<CaseError>,
) -> Response {
    if let Some(error) = &error {
        answer::log(error, visit);
    }
    let failure = error.map(AppError::from);
    let status = failure.as_ref().map(|f| answer::status(f.kind));
    let echo = Echo { fields, failure, ..Echo::default() };
    let mut response = draw(site, visit, who, Uri::from_static("/invite"), echo).await;
    if let Some(status) = status {
        *response.status_mut() = status;
    }
    response
}
