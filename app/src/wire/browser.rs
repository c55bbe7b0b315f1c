//! Questions by HTTP, to the server functions' addresses.

use super::{Answer, Question, outdated};
use crate::Failure;
use send_wrapper::SendWrapper;
use wasm_bindgen::prelude::*;
use web_sys::UrlSearchParams;
use weir_domain::{AppError, ErrorKind};

#[wasm_bindgen]
extern "C" {
    /// See `js/calls.js`.
    #[wasm_bindgen(catch, js_namespace = weirCalls, js_name = ask)]
    async fn js_ask(url: &str, form: Option<String>) -> Result<JsValue, JsValue>;
}

/// Of an address that the server still takes.
const LONGEST: usize = 60_000;

/// A future of the browser's one thread; said to be `Send` because resources are the same type on the server.
pub(crate) fn ask(question: Question) -> SendWrapper<impl Future<Output = Answer>> {
    SendWrapper::new(asked(question))
}

async fn asked(question: Question) -> Answer {
    let Some((path, pairs)) = address(question) else { return Ok("null".into()) };
    let url = format!("/api/{path}?{}", encoded(&pairs));
    if url.len() > LONGEST {
        let what_to_do = "Use a shorter key: an address does not hold this one.";
        return Err(Failure(AppError::new(ErrorKind::Invalid, "This filter is too long.", what_to_do)));
    }
    answer(js_ask(&url, None).await)
}

/// Sends a command as a form would. `path` is the use case's name.
pub(crate) async fn command(path: &'static str, pairs: &[(&str, String)]) -> Answer {
    answer(js_ask(&format!("/api/{path}"), Some(encoded(pairs))).await)
}

fn address(question: Question) -> Option<(&'static str, Vec<(&'static str, String)>)> {
    let mut pairs = Vec::new();
    let mut env = |id: Option<weir_domain::EnvironmentId>| pairs.extend(id.map(|id| ("env", id.to_string())));
    let path = match question {
        Question::Me => "access/me",
        Question::Complete { env: id, text } => {
            env(id);
            pairs.push(("text", text));
            "catalog/complete"
        }
        Question::Summary { env: id } => {
            env(id);
            "overview/summary"
        }
        Question::Sources { env: id } => {
            env(id);
            "sources/list"
        }
        Question::Source(id) => {
            pairs.push(("source", id.to_string()));
            "sources/detail"
        }
        Question::Events { query } => {
            pairs.push(("query", query));
            "events/list"
        }
        Question::Event { env: id, id: event } => {
            env(id);
            pairs.push(("id[partition]", event.partition.to_string()));
            pairs.push(("id[position]", event.position.to_string()));
            "events/detail"
        }
        Question::Drawn { address } => {
            pairs.push(("address", address));
            "access/page"
        }
        Question::Nothing => return None,
    };
    Some((path, pairs))
}

/// Encoded by the browser; making it never fails.
fn encoded(pairs: &[(&str, String)]) -> String {
    let Ok(params) = UrlSearchParams::new() else { return String::new() };
    for (name, value) in pairs {
        params.append(name, value);
    }
    params.to_string().into()
}

/// What the server refused comes as its text; what never reached it as the browser's own error.
fn answer(answered: Result<JsValue, JsValue>) -> Answer {
    match answered {
        Ok(json) => json.as_string().ok_or_else(outdated),
        Err(json) => Err(match json.as_string() {
            Some(json) => super::from_str::<Failure>(&json).unwrap_or_else(|_| outdated()),
            None => Failure(AppError::new(
                ErrorKind::Unavailable,
                "Weir's server did not answer.",
                "Check the connection, then try again.",
            )),
        }),
    }
}
