//! Forms of the pages that the server draws: what they hold, and the answer to one that was sent.

use std::{any::Any, sync::Arc};

use axum::{
    Extension,
    body::Body,
    extract::{FromRequest, Request, State},
    response::{IntoResponse, Redirect, Response},
};
use bytes::Bytes;
use http::{Uri, header};
use leptos_router::SsrMode;
use weir_app::drawn::Echo;
use weir_domain::{AppError, CaseError, ErrorKind, access::Caller};

use crate::http::{
    answer, pages, person,
    site::Site,
    visit::{Visit, Who},
};

/// What was typed, in the order of the form. A name may stand several times.
#[derive(Clone, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first value of a field, trimmed; empty if the form has none.
    pub fn text(&self, name: &str) -> &str {
        self.exact(name).trim()
    }
    /// As it was typed: for passwords.
    pub fn exact(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
    }
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }
    /// Is the box ticked?
    pub fn ticked(&self, name: &str) -> bool {
        !self.exact(name).is_empty()
    }
    #[cfg(test)]
    pub fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }
    /// Everything that was typed.
    pub fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }
    /// Without what must not travel back to a browser.
    fn without_secrets(self) -> Vec<(String, String)> {
        let secret = |name: &str| ["password", "secret", "token"].iter().any(|s| name.contains(s));
        self.0.into_iter().filter(|(name, _)| !secret(name) && name != person::FIELD).collect()
    }
}

/// What follows a form.
pub enum Next {
    /// It was carried out; on to this address.
    Go(String),
    /// Nothing was carried out: the same page with these fields (a row more, a row less).
    Edit(Vec<(String, String)>),
    /// It was carried out and made a secret, which the page at this address shows in the answer and never again.
    Once { address: String, secret: String },
    /// The same page, with what was found out and these fields. `wrong`: nothing was carried out.
    Told { told: Arc<dyn Any + Send + Sync>, fields: Vec<(String, String)>, wrong: bool },
    /// No page, but what was asked for as a file.
    File { name: &'static str, kind: &'static str, bytes: Bytes },
}

impl From<String> for Next {
    fn from(address: String) -> Self {
        Self::Go(address)
    }
}

/// Carries out a form of the page at its own address: on to where `work` says, or the page again with what was typed
/// and what is wrong.
pub async fn act<F, N>(
    State(site): State<Site>,
    Extension(visit): Extension<Visit>,
    Extension(who): Extension<Who>,
    request: Request,
    work: impl FnOnce(Site, Caller, Fields) -> F,
) -> Response
where
    F: Future<Output = Result<N, CaseError>>,
    N: Into<Next>,
{
    let address = request.uri().clone();
    let fields = match axum::Form::<Vec<(String, String)>>::from_request(request, &()).await {
        Ok(axum::Form(fields)) => Fields(fields),
        Err(error) => {
            let unreadable = CaseError::Invalid {
                what: format!("The form can't be read: {error}."),
                what_to_do: "Open the page again and send its form.".into(),
            };
            return again(site, visit, who, address, Fields::default(), unreadable).await;
        }
    };
    let Some(caller) = who.caller.clone() else {
        return again(site, visit, who, address, fields, CaseError::SignedOut).await;
    };
    if person::other(Some(&caller), Some(fields.exact(person::FIELD).as_bytes())) {
        let other = CaseError::Conflict {
            what: "This browser is signed in as somebody else now.".into(),
            what_to_do: "Nothing was done. Look through the form, and send it again to do it as them.".into(),
        };
        return again(site, visit, who, address, fields, other).await;
    }
    match work(site.clone(), caller, fields.clone()).await.map(Into::into) {
        Ok(Next::Go(next)) => Redirect::to(&next).into_response(),
        Ok(Next::Edit(fields)) => {
            draw(&site, &visit, &who, address, Echo { fields: Fields(fields).without_secrets(), ..Echo::default() })
                .await
        }
        Ok(Next::Once { address, secret }) => {
            let address = address.parse().unwrap_or_default();
            draw(&site, &visit, &who, address, Echo { once: Some(secret), ..Echo::default() }).await
        }
        Ok(Next::Told { told, fields, wrong }) => {
            let echo = Echo { fields: Fields(fields).without_secrets(), told: Some(told), ..Echo::default() };
            let mut response = draw(&site, &visit, &who, address, echo).await;
            if wrong {
                *response.status_mut() = answer::status(ErrorKind::Invalid);
            }
            response
        }
        Ok(Next::File { name, kind, bytes }) => {
            let attached = format!("attachment; filename=\"{name}\"");
            ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, attached)], bytes).into_response()
        }
        Err(error) => again(site, visit, who, address, fields, error).await,
    }
}

/// The page at an address of ours as the answer to a form.
pub(super) async fn draw(site: &Site, visit: &Visit, who: &Who, address: Uri, echo: Echo) -> Response {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = address;
    pages::draw_answer(SsrMode::Async, site, visit, who, echo, request).await
}

async fn again(site: Site, visit: Visit, who: Who, address: Uri, fields: Fields, error: CaseError) -> Response {
    answer::log(&error, &visit);
    let mut failure = AppError::from(error);
    // What a person can put right needs no look into the log.
    if matches!(failure.kind, ErrorKind::Unavailable | ErrorKind::Internal) {
        failure.reference = Some(visit.request_id.clone());
    }
    let status = answer::status(failure.kind);
    let echo = Echo { fields: fields.without_secrets(), failure: Some(failure), ..Echo::default() };
    let mut response = draw(&site, &visit, &who, address, echo).await;
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_travel_back() {
        let fields = [
            ("name", "Mara"),
            ("password", "p"),
            ("sasl_password", "q"),
            ("api_token", "t"),
            ("role", "a"),
            (person::FIELD, "me"),
        ];
        let fields = Fields(fields.map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec());
        let kept: Vec<_> = fields.without_secrets().into_iter().map(|(n, _)| n).collect();
        assert_eq!(kept, ["name", "role"]);
    }
}
