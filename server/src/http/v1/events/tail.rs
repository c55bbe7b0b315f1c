use std::sync::Arc;

use axum::{Extension, extract::State, response::Response};
use futures::{StreamExt as _, stream};
use http::{HeaderMap, Uri};
use weir_cases::Recheck;
use weir_domain::events::TimeRange;

use super::{Filter, shapes::Tail, wanted};
use crate::http::{
    live::{News, Token, answer, given, news},
    site::Site,
    v1::{asked::Asked, bearer::Program, problem::Problem, shared::InEnvironment},
};

/// The name of its frames, and of its one topic in what `id:` carries.
const TOPIC: &str = "tail";
/// Seconds after which another stream may have ended.
const LATER: u32 = 10;

/// Follow events
///
/// Server-sent events, from now on: `tail` carries what came (at most five frames a second and 200 events a frame;
/// `skipped` counts what was too much). Send the last `id` as `Last-Event-ID` to go on where a connection broke;
/// `missed` says that this is not possible any more. `bye` is the last frame, with its reason: `signed_out` (the token
/// ended), `not_allowed`, `restarting` (connect again). Frames of other names (`hello`, `beat`) only show that the stream
/// flows.
#[utoipa::path(
    get,
    path = "/api/v1/events/tail",
    operation_id = "events_tail",
    tag = "events",
    params(
        InEnvironment,
        Filter,
        ("Last-Event-ID" = Option<String>, Header, description = "The `id` of the last frame that was read."),
    ),
    responses((status = 200, description = "Frames; the data of `tail` is a Tail.", body = Tail, content_type = "text/event-stream")),
)]
pub async fn tail(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let mut asked = Asked::of(&uri)?;
    // What is new is newer than any range's end.
    let wanted = wanted(&mut asked, TimeRange::default())?;
    asked.end()?;
    let Some(seat) = site.streams.sit(&program.token) else {
        return Err(Problem::too_many("Too many streams are open with this token, or in all.", LATER));
    };
    let resume = given(&headers, None);
    let (after, missed) = resume.of(TOPIC);
    let kept = after.clone().map(|positions| Token::at(TOPIC, positions)).unwrap_or_default();
    let recheck: Arc<dyn Recheck> = Arc::new(site.cases.tokens.recheck(program.token.to_string(), &program.caller));
    let frames = program.told(site.cases.events.tail_wanted(&program.caller, wanted, after, recheck).await)?;
    let missed = missed.then(|| News::Missed { topic: TOPIC.to_owned() });
    let frames = frames
        .map(|frame| news(TOPIC, frame, |(frame, reached)| (serde_json::to_string(&Tail::from(frame)), Some(reached))));
    Ok(answer(&site, seat, stream::iter(missed).chain(frames).boxed(), kept))
}
