use axum::{Extension, Json, extract::State};
use http::Uri;
use serde::Deserialize;
use utoipa::IntoParams;
use weir_cases::audit::list::MOST_ROWS;

use super::{Filter, question, shapes::Entries};
use crate::http::{
    site::Site,
    v1::{asked::Asked, bearer::Program, problem::Problem},
};

/// Entries of a page if not said.
const ROWS: u32 = 50;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is written down for the documentation; the handler reads the parameters")]
pub struct Page {
    /// Entries of one page, at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
}

/// Find audit entries
///
/// Newest first: who did what, and who saw what. "Who saw order ord-4711?" is `key=ord-4711`. Looking leaves an entry too.
#[utoipa::path(
    get,
    path = "/api/v1/audit",
    operation_id = "audit_list",
    tag = "audit",
    params(Filter, Page),
    responses((status = 200, description = "A page of entries.", body = Entries, links(
        ("next" = (operation_id = "audit_list", parameters(("cursor" = "$response.body#/next")))),
        ("entry" = (operation_id = "audit_detail", parameters(("id" = "$response.body#/entries/0/id")))),
    ))),
)]
pub async fn list(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
) -> Result<Json<Entries>, Problem> {
    let mut asked = Asked::of(&uri)?;
    let (question, before) = question(&mut asked)?;
    let limit = asked.number("limit", 1..=MOST_ROWS)?.unwrap_or(ROWS);
    asked.end()?;
    let page = program.told(site.cases.audit.list(&program.caller, &question, before, limit).await)?;
    Ok(Json(Entries {
        entries: page.entries.into_iter().map(Into::into).collect(),
        next: page.next.map(|id| id.to_string()),
    }))
}
