//! The forms of the page `/account/tokens`.

use axum::{
    Extension,
    extract::{Request, State},
    response::Response,
};
use weir_cases::tokens::Asked;
use weir_domain::{CaseError, TokenId, access::Role};

use super::act::{Next, act};
use crate::http::{
    site::Site,
    visit::{Visit, Who},
};

/// `POST /account/tokens`: the page again, with the token that is shown this once.
pub async fn create(site: State<Site>, visit: Extension<Visit>, who: Extension<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let asked = Asked {
            name: fields.text("name").to_owned(),
            // What is no number is out of range, and told like it.
            days: fields.text("days").parse().unwrap_or(0),
            roles: fields.all("role").filter_map(Role::parse).collect(),
        };
        site.cases
            .tokens
            .create(&caller, asked)
            .await
            .map(|made| Next::Once { address: "/account/tokens".into(), secret: made.text })
    })
    .await
}

/// `POST /account/tokens/revoke`
pub async fn revoke(site: State<Site>, visit: Extension<Visit>, who: Extension<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        match site.cases.tokens.revoke(&caller, &TokenId(fields.text("id").to_owned())).await? {
            true => Ok("/account/tokens?done=revoked".to_owned()),
            false => Err(CaseError::Conflict {
                what: "This is none of your living tokens: it may have been revoked already.".into(),
                what_to_do: "The list shows those there are.".into(),
            }),
        }
    })
    .await
}
