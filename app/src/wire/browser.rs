//! Questions by HTTP, to the server functions' addresses.

use super::{Answer, Question, outdated};
use crate::Failure;
use leptos::prelude::window;
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Response, UrlSearchParams};
use weir_domain::{AppError, ErrorKind};

/// A future of the browser's one thread; said to be `Send` because resources are the same type on the server.
pub(crate) fn ask(question: Question) -> SendWrapper<impl Future<Output = Answer>> {
    SendWrapper::new(asked(question))
}

async fn asked(question: Question) -> Answer {
    let Some((path, pairs)) = address(question) else { return Ok("null".into()) };
    let query = encoded(&pairs).map(|p| String::from(p.to_string())).unwrap_or_default();
    answer(window().fetch_with_str(&format!("/api/{path}?{query}"))).await
}

/// Sends a command as a form would. `path` is the use case's name.
pub(crate) async fn command(path: &'static str, pairs: &[(&str, String)]) -> Answer {
    let request = web_sys::RequestInit::new();
    request.set_method("POST");
    // As a body it brings its own content type.
    if let Some(body) = encoded(pairs) {
        request.set_body(&body);
    }
    answer(window().fetch_with_str_and_init(&format!("/api/{path}"), &request)).await
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
        Question::Nothing => return None,
    };
    Some((path, pairs))
}

/// Encoded by the browser; making one never fails.
fn encoded(pairs: &[(&str, String)]) -> Option<UrlSearchParams> {
    let params = UrlSearchParams::new().ok()?;
    for (name, value) in pairs {
        params.append(name, value);
    }
    Some(params)
}

async fn answer(promise: js_sys::Promise) -> Answer {
    let text = async {
        let response: Response = JsFuture::from(promise).await?.dyn_into()?;
        let text = JsFuture::from(response.text()?).await?;
        Ok::<_, JsValue>((response.ok(), text.as_string().unwrap_or_default()))
    };
    match text.await {
        Ok((true, json)) => Ok(json),
        Ok((false, json)) => Err(super::from_str::<Failure>(&json).unwrap_or_else(|_| outdated())),
        Err(_) => Err(Failure(AppError::new(
            ErrorKind::Unavailable,
            "Weir's server did not answer.",
            "Check the connection, then try again.",
        ))),
    }
}
