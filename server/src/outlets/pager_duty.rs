//! As PagerDuty's Events API v2 takes it. An incident for each thread, which ends with it.

use serde_json::{Map, Value, json};
use weir_domain::{
    Secret,
    monitors::{Cause, Message, Severity},
};

/// Characters of a summary, by its documentation.
const SUMMARY: usize = 1_024;

/// Events to be sent, one after the other.
pub(super) fn events(message: &Message, link: &str, base: &str, key: &Secret) -> Vec<String> {
    let actions: &[&str] = match message.cause {
        Cause::Resolved => &["resolve"],
        // Somebody who tries it out sees the incident begin and end.
        Cause::Test => &["trigger", "resolve"],
        Cause::Opened | Cause::Worse | Cause::Repeated => &["trigger"],
    };
    let each = message.threads.iter().flat_map(|thread| actions.iter().map(move |action| (thread, *action)));
    each.map(|(thread, action)| event(message, link, base, key, thread, action)).collect()
}

fn event(message: &Message, link: &str, base: &str, key: &Secret, thread: &str, action: &str) -> String {
    let severity = match (message.cause, message.severity) {
        (Cause::Test, _) => "info",
        (_, Severity::Page) => "critical",
        (_, Severity::Notify) => "warning",
    };
    let mut details: Map<String, Value> =
        message.fields.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    details.insert("Text".into(), Value::from(message.body.as_str()));
    let source = if message.source.is_empty() { "weir" } else { message.source.as_str() };
    let payload = json!({
        "summary": message.title.chars().take(SUMMARY).collect::<String>(),
        "source": source,
        "severity": severity,
        "timestamp": message.at.rfc3339(),
        "component": message.about,
        "group": message.environment,
        "custom_details": details,
    });
    json!({
        "routing_key": key.expose(),
        "event_action": action,
        "dedup_key": format!("weir-{thread}"),
        "payload": payload,
        "links": [{ "href": link, "text": "Open in Weir" }],
        "client": "Weir",
        "client_url": base,
    })
    .to_string()
}
