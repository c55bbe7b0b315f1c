use super::{Operation, example::curl};
use crate::drawn::copied;
use leptos::prelude::*;

/// One operation: a line that opens.
pub(super) fn operation(operation: &Operation) -> AnyView {
    let tone = if operation.method == "GET" { "pill pill--info" } else { "pill pill--warn" };
    let needs = match operation.permission {
        Some(permission) => view! {
            <p class="soft">
                "Needs " <code class="strong">{permission}</code> {format!(" (roles: {}).", operation.roles.join(", "))}
            </p>
        }
        .into_any(),
        None => view! { <p class="soft">"Any token may."</p> }.into_any(),
    };
    let parameters = (!operation.parameters.is_empty()).then(|| parameters(operation));
    let description = (!operation.description.is_empty()).then(|| {
        let paragraphs = operation.description.split("\n\n").map(|p| view! { <p class="soft">{p.to_owned()}</p> });
        paragraphs.collect_view()
    });
    view! {
        <details class="operation" id=operation.id.clone()>
            <summary>
                <span class=tone>{operation.method.clone()}</span>
                <code class="operation__path">{operation.path.clone()}</code>
                <span class="operation__what">{operation.summary.clone()}</span>
            </summary>
            <div class="operation__body">
                {description}
                {needs}
                {parameters}
                <p class="soft">"Answers with " <code>{operation.answer.clone()}</code> "."</p>
                {copied(&curl(operation), "command")}
            </div>
        </details>
    }
    .into_any()
}

fn parameters(operation: &Operation) -> AnyView {
    let rows = operation
        .parameters
        .iter()
        .map(|p| {
            let place = match (p.place.as_str(), p.required) {
                ("query", false) => String::new(),
                ("query", true) => "required".to_owned(),
                (place, _) => format!("in the {place}"),
            };
            view! {
                <dt>
                    <code class="strong">{p.name.clone()}</code>
                    " "
                    <span class="tiny muted">{place}</span>
                </dt>
                <dd>{p.description.clone()}</dd>
            }
        })
        .collect_view();
    view! { <dl class="operation__parameters">{rows}</dl> }.into_any()
}
