//! As incoming webhooks of Slack take it, and those of Mattermost and Rocket.Chat.

use serde_json::json;
use weir_domain::monitors::{Cause, Message, Severity};

pub(super) fn body(message: &Message, link: &str) -> String {
    let colour = match (message.cause, message.severity) {
        (Cause::Resolved, _) => "#2e7d32",
        (Cause::Test, _) => "#607d8b",
        (_, Severity::Page) => "#c62828",
        (_, Severity::Notify) => "#ef6c00",
    };
    let fields: Vec<_> = message
        .fields
        .iter()
        .map(|(name, value)| json!({ "title": plain(name), "value": plain(value), "short": value.len() <= 40 }))
        .collect();
    let title = plain(&message.title);
    json!({
        "text": format!("*{}* {title}", message.severity.as_str()),
        "attachments": [{
            "fallback": title,
            "color": colour,
            "title": title,
            "title_link": link,
            "text": plain(&message.body),
            "fields": fields,
            "footer": "Weir",
            "ts": message.at.0.div_euclid(1_000_000),
        }],
    })
    .to_string()
}

/// Names of groups must not call for people (Slack's `<!channel>`, the others' `@channel`) or make links (Markdown's too).
fn plain(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    // What is not seen breaks them up.
    text.replace('@', "@\u{200b}").replace("](", "]\u{200b}(")
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn names_call_nobody_and_link_nowhere() {
        assert_eq!(plain("<!channel> & co"), "&lt;!channel&gt; &amp; co");
        let told = plain("@channel [x](http://evil.example)");
        assert!(!told.contains("@channel") && !told.contains("]("), "{told}");
    }
}
