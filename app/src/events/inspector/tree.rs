use super::fold::{self, Move};
use crate::{events::visible, ui::Icon};
use leptos::prelude::*;
use std::{collections::HashSet, sync::Arc};
use weir_domain::events::{JsonNode, JsonNodeKind};

/// A JSON document as a tree: one tab stop, arrows move, fold and unfold (WAI-ARIA APG, "Tree view").
#[component]
pub(super) fn Tree(nodes: Vec<JsonNode>) -> impl IntoView {
    let nodes = Arc::new(nodes);
    let folded = RwSignal::new(fold::folded_at_first(&nodes));
    let at = RwSignal::new(0_usize);
    let lines = {
        let nodes = Arc::clone(&nodes);
        Memo::new(move |_| folded.with(|f| fold::on_view(&nodes, f)))
    };
    let on_key = {
        let nodes = Arc::clone(&nodes);
        move |e: leptos::ev::KeyboardEvent| {
            let moved = folded.with_untracked(|f| fold::key(&nodes, f, at.get_untracked(), &e.key()));
            let Some(moved) = moved else { return };
            e.prevent_default();
            e.stop_propagation();
            match moved {
                Move::To(line) => {
                    at.set(line);
                    crate::events::drop_menu::focus(&format!("#ev-node-{line}"));
                }
                Move::Fold(line) => folded.update(|f| {
                    f.insert(line);
                }),
                Move::Unfold(line) => folded.update(|f| {
                    f.remove(&line);
                }),
            }
        }
    };
    let each = move || lines.get();
    view! {
        <div class="tree ev-tree" role="tree" aria-label="Decoded payload" on:keydown=on_key>
            <For each key=|i| *i let:i>
                {nodes.get(i).map(|node| line(i, node, folded, at))}
            </For>
        </div>
    }
    .into_any()
}

fn line(i: usize, node: &JsonNode, folded: RwSignal<HashSet<usize>>, at: RwSignal<usize>) -> AnyView {
    let opens = fold::opens(node);
    let open = move || !folded.with(|f| f.contains(&i));
    let toggle = move || {
        at.set(i);
        folded.update(|f| {
            if !f.remove(&i) {
                f.insert(i);
            }
        });
    };
    let twist = opens.then(|| {
        view! {
            <span class="tw" class:ev-open=open>
                <Icon name="right" small=true />
            </span>
        }
    });
    let level = (node.depth + 1).to_string();
    let name = node.name.as_deref().map(|n| view! { <span class="k">{visible::line(n)}</span> });
    view! {
        <div
            class="tr"
            class:ev-opens=opens
            role="treeitem"
            id=format!("ev-node-{i}")
            tabindex=move || if at.get() == i { "0" } else { "-1" }
            attr:aria-level=level
            aria-expanded=move || opens.then(|| open().to_string())
            style=format!("--depth:{}", node.depth)
            on:focus=move |_| at.set(i)
            on:click=move |_| {
                if opens {
                    toggle();
                }
            }
        >
            {twist}
            {name}
            {value(node)}
        </div>
    }
    .into_any()
}

fn value(node: &JsonNode) -> AnyView {
    let count = |one: &str, many: &str| crate::ui::format::count(node.children.into(), one, many);
    match node.kind {
        JsonNodeKind::Object if node.children == 0 => view! { <span class="z">"{} empty"</span> }.into_any(),
        JsonNodeKind::Array if node.children == 0 => view! { <span class="z">"[] empty"</span> }.into_any(),
        JsonNodeKind::Object => view! { <span class="muted tiny">{count("field", "fields")}</span> }.into_any(),
        JsonNodeKind::Array => view! { <span class="muted tiny">{count("item", "items")}</span> }.into_any(),
        JsonNodeKind::String => {
            // A lone surrogate or NUL in it is marked; the quotes say that it is a string.
            view! { <span class="s">{visible::line(&format!("\"{}\"", node.text))}</span> }.into_any()
        }
        JsonNodeKind::Number => view! { <span class="n">{node.text.clone()}</span> }.into_any(),
        JsonNodeKind::True => view! { <span class="b">"true"</span> }.into_any(),
        JsonNodeKind::False => view! { <span class="b">"false"</span> }.into_any(),
        JsonNodeKind::Null => view! { <span class="z">"null"</span> }.into_any(),
    }
}
