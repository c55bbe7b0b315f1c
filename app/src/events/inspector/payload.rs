use super::{
    kept_away::{Away, NeedsRole},
    tree::Tree,
};
use crate::{
    events::visible,
    shell::{use_keys, use_toasts},
    ui::{Banner, CopyButton, format},
};
use leptos::prelude::*;
use weir_domain::{
    EventId,
    events::{Capped, EventDetail, JsonNode, Masked, PayloadShown},
};

/// The payload, decoded as far as it goes. What can't be read as JSON is shown as text, what is no text as bytes.
#[component]
pub(super) fn Payload(detail: EventDetail) -> impl IntoView {
    let id = detail.row.id;
    match detail.payload {
        Masked::NeedsRole { permission, roles } => {
            view! { <NeedsRole what="The payload" permission roles /> }.into_any()
        }
        Masked::Shown(PayloadShown::Null) => view! {
            <Away icon="x" title="The payload is null">
                "This is a tombstone: on a compacted channel it deletes what has its key. Null is not the same as empty."
            </Away>
        }
        .into_any(),
        Masked::Shown(PayloadShown::Expired) => view! {
            <Away icon="clock" title="The payload has expired">
                "Its retention has passed and Weir has deleted it, with key and headers. What is known about the event remains."
            </Away>
        }
        .into_any(),
        Masked::Shown(PayloadShown::Present { total: 0, .. }) => view! {
            <Away icon="check" title="The payload is empty">"It is there and has 0 bytes. Empty is not the same as null."</Away>
        }
        .into_any(),
        Masked::Shown(PayloadShown::Present { tree, tree_cut, problem, text, total, .. }) => {
            view! { <Present id tree tree_cut problem text total /> }.into_any()
        }
    }
}

#[component]
fn Present(
    id: EventId,
    tree: Vec<JsonNode>,
    tree_cut: bool,
    problem: Option<String>,
    text: Option<Capped>,
    total: u64,
) -> impl IntoView {
    let kind = match (tree.is_empty(), &text) {
        (false, _) => "JSON",
        (true, Some(_)) => "Text",
        (true, None) => "Bytes",
    };
    let problem = problem.map(|problem| {
        view! {
            <Banner tone="banner--warn" icon="warn">
                <b class="strong">"This looks like JSON and is not. "</b>
                {problem}
                ". It is shown as text, as it was sent."
            </Banner>
        }
    });
    let text_cut = text.as_ref().is_some_and(|t| t.cut);
    let cut = match (tree.is_empty(), tree_cut, text_cut) {
        (false, true, _) => Some(format!("The tree shows the first {} values.", format::exact(tree.len() as u64))),
        (true, _, true) => {
            let shown = text.as_ref().map_or(0, |t| t.text.len() as u64);
            Some(format!("The first {} of {} are shown.", format::bytes(shown), format::bytes(total)))
        }
        _ => None,
    };
    let cut = cut.map(|words| {
        view! {
            <p class="ev-cut small soft">
                {words} " " <a href=payload_href(id) download="" rel="external">"Download the whole payload"</a>
            </p>
        }
    });
    let copy = text.as_ref().map(|t| {
        let what = if t.cut { "beginning of the payload" } else { "payload" };
        let text = t.text.clone();
        let (keys, toasts) = (use_keys(), use_toasts());
        let copied = text.clone();
        keys.bind("c", "Copy the payload", move || crate::ui::copy(copied.clone(), what.into(), toasts));
        view! { <CopyButton text=Signal::stored(text) what /> }
    });
    let body = match (tree.is_empty(), text) {
        (false, _) => view! { <Tree nodes=tree /> }.into_any(),
        (true, Some(text)) => view! { <pre class="ev-text" tabindex="0">{visible::block(&text.text)}</pre> }.into_any(),
        (true, None) => {
            view! { <p class="soft small">"These bytes are no text. The tab Raw shows the first of them."</p> }
                .into_any()
        }
    };
    view! {
        <div class="row small soft ev-kind">
            <span class="tag tag--accent">{kind}</span>
            <span class="push muted">{format::bytes(total)}</span>
            {copy}
        </div>
        {problem}
        {body}
        {cut}
    }
    .into_any()
}

/// Where the payload's own bytes can be had.
pub(super) fn payload_href(id: EventId) -> String {
    format!("/events/{id}/payload")
}
