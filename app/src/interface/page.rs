use super::{Interface, Kind, operation::operation};
use crate::drawn::{copied, head};
use leptos::prelude::*;

const FIRST: &str = "curl -H \"Authorization: Bearer $WEIR_TOKEN\" \"$WEIR_URL/api/v1/events?key=ord-4711&limit=5\"";

/// Everything that programs may ask, each with a command to try.
pub(crate) fn by_program(interface: &Interface) -> AnyView {
    let groups = interface
        .tags
        .iter()
        .map(|(tag, description)| {
            let operations: Vec<_> = interface.operations.iter().filter(|o| o.tag == *tag).map(operation).collect();
            view! {
                <section class="panel" aria-labelledby=format!("group-{tag}")>
                    <div class="panel__head">
                        <h2 class="panel__title" id=format!("group-{tag}")>
                            {tag.clone()}
                        </h2>
                        <span class="panel__note">{description.clone()}</span>
                    </div>
                    {operations}
                </section>
            }
        })
        .collect_view();
    let end = view! {
        <div class="row">
            <a class="btn btn--sm" href="/api/openapi.json" rel="external" download="weir-openapi.json">
                "OpenAPI document"
            </a>
            <a class="btn btn--sm btn--primary" href="/account/tokens">
                "Your access tokens"
            </a>
        </div>
    };
    view! {
        <div class="page page--text">
            {head("By program", "what the console shows, for programs", end.into_any())}
            {begin()}
            {groups}
            {errors(&interface.errors)}
        </div>
    }
    .into_any()
}

fn begin() -> AnyView {
    view! {
        <section class="panel" aria-labelledby="begin">
            <div class="panel__head">
                <h2 class="panel__title" id="begin">
                    "Begin"
                </h2>
            </div>
            <div class="panel__body stack">
                <p class="soft">
                    "Make a token, and send it with every request. A token may what you chose for it, and never more than you may yourself. "
                    <code>"weir events"</code>", "<code>"weir sources"</code>" and "<code>"weir doctor"</code>
                    " speak the same interface: give them the address as "<code>"WEIR_URL"</code>" and the token as "
                    <code>"WEIR_TOKEN"</code>"."
                </p>
                {copied(FIRST, "command")}
                <p class="soft">
                    "Answers are JSON. Ids and positions are texts, because they are 64 bits wide; times are RFC 3339 in UTC; "
                    <code>"null"</code>
                    " is unknown, never zero. A list that goes on has "<code>"next"</code>": pass it on as "
                    <code>"cursor"</code>
                    ". Fields are only ever added: ignore those that you don't know."
                </p>
            </div>
        </section>
    }
    .into_any()
}

fn errors(kinds: &[Kind]) -> AnyView {
    let rows = kinds
        .iter()
        .map(|kind| {
            view! {
                <tr id=format!("error-{}", kind.code)>
                    <td class="num">{kind.status}</td>
                    <td><code>{format!("urn:weir:error:{}", kind.code)}</code></td>
                    <td class="wrap">{kind.meaning}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="errors">
            <div class="panel__head">
                <h2 class="panel__title" id="errors">
                    "Errors"
                </h2>
                <span class="panel__note">"application/problem+json (RFC 9457)"</span>
            </div>
            <div class="tablewrap">
                <table class="table">
                    <thead>
                        <tr>
                            <th class="num">"Status"</th>
                            <th>"type"</th>
                            <th>"Means"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <p class="panel__foot">
                "Beside type, title, status and detail each has what_to_do and request_id, by which the log knows it; needs and roles name a missing permission."
            </p>
        </section>
    }
    .into_any()
}
