//! The forms of the pages `/searches` and `/searches/new`.

use axum::{
    Extension,
    extract::{Request, State},
    response::Response,
};
use weir_app::searches::address_of;
use weir_domain::{CaseError, SearchId};

use super::act::{Fields, act};
use crate::http::{
    site::Site,
    visit::{Visit, Who},
};

/// `POST /searches/new`
pub async fn save(site: State<Site>, visit: Extension<Visit>, who: Extension<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let address = address_of(fields.exact("address"))?;
        site.cases.searches.save(&caller, fields.text("name"), address, fields.ticked("shared")).await?;
        Ok("/searches?done=saved".to_owned())
    })
    .await
}

/// `POST /searches/rename`
pub async fn rename(site: State<Site>, visit: Extension<Visit>, who: Extension<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let done = site.cases.searches.rename(&caller, &id(&fields), fields.text("name")).await?;
        there(done, "/searches?done=renamed")
    })
    .await
}

/// `POST /searches/share`
pub async fn share(site: State<Site>, visit: Extension<Visit>, who: Extension<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let shared = fields.text("shared") == "yes";
        let done = site.cases.searches.share(&caller, &id(&fields), shared).await?;
        there(done, if shared { "/searches?done=shared" } else { "/searches?done=private" })
    })
    .await
}

/// `POST /searches/remove`
pub async fn remove(site: State<Site>, visit: Extension<Visit>, who: Extension<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        there(site.cases.searches.remove(&caller, &id(&fields)).await?, "/searches?done=removed")
    })
    .await
}

fn id(fields: &Fields) -> SearchId {
    SearchId(fields.text("id").to_owned())
}

fn there(done: bool, next: &'static str) -> Result<String, CaseError> {
    match done {
        true => Ok(next.to_owned()),
        false => Err(CaseError::Conflict {
            what: "This is none of your searches: it may have been removed already.".into(),
            what_to_do: "The list shows those there are.".into(),
        }),
    }
}
