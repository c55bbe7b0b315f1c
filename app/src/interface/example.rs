use super::Operation;
use std::fmt::Write as _;

/// Parameters of an example, at most: it shows how, not all there is.
const SHOWN: usize = 2;

/// A command to try an operation with.
pub(super) fn curl(operation: &Operation) -> String {
    let mut path = operation.path.clone();
    let mut query = Vec::new();
    for parameter in &operation.parameters {
        let Some(example) = &parameter.example else { continue };
        match parameter.place.as_str() {
            "path" => path = path.replace(&format!("{{{}}}", parameter.name), &encoded(example)),
            "query" => query.push(format!("{}={}", parameter.name, encoded(example))),
            _ => {}
        }
    }
    query.truncate(SHOWN);
    let joint = if query.is_empty() { "" } else { "?" };
    let method = match operation.method.as_str() {
        "GET" => String::new(),
        other => format!("-X {other} "),
    };
    let stream = if operation.answer.ends_with("text/event-stream") { "-N " } else { "" };
    format!(
        "curl {stream}{method}-H \"Authorization: Bearer $WEIR_TOKEN\" \"$WEIR_URL{path}{joint}{}\"",
        query.join("&")
    )
}

/// As a part of an address.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string can't fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{super::Parameter, *};

    #[test]
    fn an_example_is_a_command_that_works() {
        let parameter = |name: &str, place: &str, example: &str| Parameter {
            name: name.into(),
            place: place.into(),
            required: false,
            description: String::new(),
            example: Some(example.into()),
        };
        let operation = Operation {
            id: "a".into(),
            method: "POST".into(),
            path: "/api/v1/a/{id}".into(),
            tag: String::new(),
            summary: String::new(),
            description: String::new(),
            permission: None,
            roles: Vec::new(),
            parameters: vec![
                parameter("id", "path", "1 2"),
                parameter("q", "query", "a&b"),
                parameter("h", "header", "x"),
            ],
            answer: "A".into(),
        };
        assert_eq!(
            curl(&operation),
            "curl -X POST -H \"Authorization: Bearer $WEIR_TOKEN\" \"$WEIR_URL/api/v1/a/1%202?q=a%26b\""
        );
    }
}
