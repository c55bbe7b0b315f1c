//! `/api/v1`: who is let in, what is refused and how, and that lists, payloads and streams are what they say.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at its first surprise")]

#[path = "../common/mod.rs"]
mod common;
mod events;
mod interface;
mod keys;
mod lag;
mod people;
mod searches;
mod tokens;

use common::client::Answer;
use serde_json::Value;

/// A problem as every error under /api/v1 must be one, and its kind.
fn problem(answer: &Answer, line: &str) -> Value {
    assert_eq!(answer.header("content-type"), "application/problem+json", "{line}: {}", answer.text());
    let problem = answer.json();
    assert_eq!(problem["status"], answer.status, "{line}");
    for field in ["type", "title", "detail", "what_to_do", "request_id"] {
        assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{line}: {field} in {problem}");
    }
    assert!(problem["type"].as_str().unwrap().starts_with("urn:weir:error:"), "{line}");
    problem
}

fn kind(problem: &Value) -> &str {
    problem["type"].as_str().unwrap().rsplit(':').next().unwrap()
}
