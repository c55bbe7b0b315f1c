use axum::{Extension, Json, extract::State};
use http::Uri;
use serde::Deserialize;
use utoipa::IntoParams;
use weir_cases::events::{Wanted, list::MOST_ROWS};
use weir_domain::events::TimeRange;

use super::{Filter, cursor, oldest_first, shapes::Events, wanted};
use crate::http::{
    site::Site,
    v1::{asked::Asked, bearer::Program, problem::Problem, shared::InEnvironment},
};

/// Rows of a page if not said.
const ROWS: u32 = 50;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is written down for the documentation; the handler reads the parameters")]
pub struct Page {
    /// Events at or after this time.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-11-22T08:00:00Z")]
    from: Option<String>,
    /// Events before this time.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-11-23T08:00:00Z")]
    to: Option<String>,
    /// `newest` first or `oldest` first. A `cursor` goes on in the order that it was made in.
    #[param(default = "newest", example = "oldest")]
    order: Option<String>,
    /// Events of one page, at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// `next` of the page before, with the other parameters as they were.
    cursor: Option<String>,
}

/// Find events
///
/// Newest first, or oldest first with `order=oldest`. A page says how far it looked and what it does not know of: gaps, sources that are not being read,
/// channels that the token may not see. Follow `next` until it is null; events that come meanwhile are newer, and shift
/// nothing: newest first they are not in it, oldest first they come last.
#[utoipa::path(
    get,
    path = "/api/v1/events",
    operation_id = "events_list",
    tag = "events",
    params(InEnvironment, Filter, Page),
    responses((status = 200, description = "A page of events.", body = Events, links(
        ("next" = (operation_id = "events_list", parameters(("cursor" = "$response.body#/next")))),
        ("event" = (operation_id = "events_detail", parameters(("id" = "$response.body#/events/0/id")))),
        ("payload" = (operation_id = "events_payload", parameters(("id" = "$response.body#/events/0/id")))),
    ))),
)]
pub async fn list(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
) -> Result<Json<Events>, Problem> {
    let mut asked = Asked::of(&uri)?;
    let (from, to) = (asked.time("from")?, asked.time("to")?);
    let wanted = Wanted { oldest_first: oldest_first(&mut asked)?, ..wanted(&mut asked, TimeRange { from, to })? };
    let limit = asked.number("limit", 1..=MOST_ROWS)?.unwrap_or(ROWS);
    let before = asked.text("cursor")?.map(|text| cursor::read(&text)).transpose()?;
    asked.end()?;
    let page = program.told(site.cases.events.list_wanted(&program.caller, wanted, before, limit).await)?;
    Ok(Json(page.into()))
}
