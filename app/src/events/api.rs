//! Server functions: each reads the request's context and calls its use case.

use super::Listed;
use crate::Failure;
use leptos::{prelude::*, server_fn::codec::GetUrl};
use weir_domain::{EnvironmentId, EventId, events::EventDetail};

/// One page of the list. `query` is the page's own query string (see [`super::Place`]), so that a range
/// such as `-1h` counts by the server's clock and names are looked up where they are known.
#[server(name = EventsList, prefix = "/api", endpoint = "events/list", input = GetUrl)]
pub async fn events_list(query: String) -> Result<Listed, Failure> {
    super::asked::list(&crate::request_context()?, &super::Place::parse(&query)).await
}

/// One event. `None`: not stored, or not visible; the answer doesn't tell which.
#[server(name = EventsDetail, prefix = "/api", endpoint = "events/detail", input = GetUrl)]
pub async fn events_detail(
    #[server(default)] env: Option<EnvironmentId>,
    id: EventId,
) -> Result<Option<EventDetail>, Failure> {
    let ctx = crate::request_context()?;
    ctx.told(ctx.cases.events.detail(&ctx.caller_in(env)?, id).await)
}
