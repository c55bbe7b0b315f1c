//! Questions answered in place, while the server draws a page.

use super::{Answer, Question, outdated};
use crate::{Failure, access, drawn, events, overview, palette, sources};
use serde::Serialize;

pub(crate) async fn ask(question: Question) -> Answer {
    match question {
        Question::Me => json(access::api::me().await),
        Question::Complete { env, text } => json(palette::catalog_complete(env, text).await),
        Question::Summary { env } => json(overview::api::summary(env).await),
        Question::Sources { env } => json(sources::api::list(env).await),
        Question::Source(id) => json(sources::api::detail(id).await),
        Question::Events { query } => json(events::events_list(query).await),
        Question::Event { env, id } => json(events::events_detail(env, id).await),
        Question::Drawn { address } => json(drawn::drawn(address).await),
        Question::Nothing => Ok("null".into()),
    }
}

/// Commands come from people, never from drawing a page.
pub(crate) async fn command(_path: &'static str, _pairs: &[(&str, String)]) -> Answer {
    Err(outdated())
}

fn json<T: Serialize>(answer: Result<T, Failure>) -> Answer {
    serde_json::to_string(&answer?).map_err(|e| {
        tracing::error!(error = %e, "an answer can't be written as JSON");
        outdated()
    })
}
