//! Forms of `/account`.

use axum::{
    Extension,
    extract::{Request, State},
    response::Response,
};
use weir_domain::CaseError;

use super::{act::act, counted_by};
use crate::http::{
    site::Site,
    visit::{Visit, Who},
};

/// `POST /account/name`
pub async fn name(site: State<Site>, visit: Extension<Visit>, who: Extension<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        site.cases.access.rename(&caller, fields.text("name")).await?;
        Ok("/account?done=renamed".to_owned())
    })
    .await
}

/// `POST /account/password`
pub async fn password(site: State<Site>, visit: Extension<Visit>, who: Extension<Who>, request: Request) -> Response {
    let seen = visit.0.clone();
    act(site, visit, who, request, |site, caller, fields| async move {
        let remote = counted_by(&seen, &caller.login);
        let (present, new) = (fields.exact("present_password"), fields.exact("new_password"));
        site.cases.access.password(&caller, present, new, &remote).await?;
        Ok("/account?done=password".to_owned())
    })
    .await
}

/// `POST /account/sessions`: one by its number, or all `others`.
pub async fn sessions(site: State<Site>, visit: Extension<Visit>, who: Extension<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let session = match fields.text("session") {
            "others" => None,
            id => Some(id.parse().map_err(|_| CaseError::Invalid {
                what: "There is no such session.".into(),
                what_to_do: "Press one of the buttons of the list.".into(),
            })?),
        };
        site.cases.access.end_session(&caller, session).await?;
        Ok("/account?done=ended".to_owned())
    })
    .await
}

/// `POST /account/ask`
pub async fn ask(site: State<Site>, visit: Extension<Visit>, who: Extension<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let (role, permission) = (fields.text("role"), fields.text("for"));
        site.cases.access.ask(&caller, role, permission, fields.text("at"), fields.exact("reason")).await?;
        Ok("/account?done=asked".to_owned())
    })
    .await
}
