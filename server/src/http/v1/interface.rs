//! The interface as the page `/api` shows it: read from the very document that tools read.

use std::sync::{Arc, OnceLock};

use serde_json::Value;
use weir_app::interface::{Interface, Kind, Operation, Parameter};

use super::{kinds::KINDS, openapi};

/// Read once.
pub fn interface() -> Arc<Interface> {
    static INTERFACE: OnceLock<Arc<Interface>> = OnceLock::new();
    Arc::clone(INTERFACE.get_or_init(|| Arc::new(read())))
}

fn read() -> Interface {
    // It is served as JSON too, so it can be written.
    let document = serde_json::to_value(openapi::document()).unwrap_or_default();
    let words = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let id = words(&operation["operationId"]);
            let (permission, roles) = openapi::permission_of(&id).unzip();
            let description = words(&operation["description"]);
            let parameters = operation["parameters"].as_array().into_iter().flatten().map(|p| Parameter {
                name: words(&p["name"]),
                place: words(&p["in"]),
                required: p["required"].as_bool().unwrap_or_default(),
                description: words(&p["description"]),
                example: p["example"].as_str().map(str::to_owned),
            });
            operations.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                tag: words(&operation["tags"][0]),
                summary: words(&operation["summary"]),
                // The last paragraph says who may, which the page says in its own way.
                description: description.rsplit_once("\n\n").map(|(text, _)| text.to_owned()).unwrap_or_default(),
                permission,
                roles: roles.unwrap_or_default(),
                parameters: parameters.collect(),
                answer: answer(&operation["responses"]["200"]),
                id,
            });
        }
    }
    let tags = document["tags"].as_array().into_iter().flatten();
    let tags = tags.map(|tag| (words(&tag["name"]), words(&tag["description"]))).collect();
    let errors = KINDS.iter().map(|k| Kind { code: k.code, status: k.status, title: k.title, meaning: k.meaning });
    Interface { tags, operations, errors: errors.collect() }
}

/// The name of what is answered, or its media type.
fn answer(response: &Value) -> String {
    let Some((media, content)) = response["content"].as_object().and_then(|c| c.iter().next()) else {
        return String::new();
    };
    let name = content["schema"]["$ref"].as_str().and_then(|r| r.rsplit('/').next());
    match (media.as_str(), name) {
        ("application/json", Some(name)) => name.to_owned(),
        (media, Some(name)) => format!("{name}, {media}"),
        (media, None) => media.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_shows_what_the_document_says() {
        let interface = read();
        assert!(interface.operations.len() >= 12);
        assert!(interface.operations.iter().all(|o| interface.tags.iter().any(|(tag, _)| *tag == o.tag)));
        let list = interface.operations.iter().find(|o| o.id == "events_list").unwrap();
        assert_eq!((list.method.as_str(), list.path.as_str()), ("GET", "/api/v1/events"));
        assert_eq!((list.permission, list.answer.as_str()), (Some("events.exist"), "Events"));
        assert!(list.parameters.iter().any(|p| p.name == "cursor" && !p.description.is_empty() && !p.required));
        assert!(!list.description.contains("Needs `"), "{}", list.description);
    }
}
