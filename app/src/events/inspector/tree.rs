use crate::{events::visible, ui::format};
use leptos::prelude::*;
use weir_domain::events::{JsonNode, JsonNodeKind};

/// Deep or wide parts begin folded, so that the outline is readable.
const OPEN_DEPTH: u16 = 3;
const OPEN_CHILDREN: u32 = 50;

/// A JSON document as nested lists. Folding is the browser's own (`<details>`): it works by keyboard,
/// with every assistive technology, and without the script.
pub(super) fn tree(nodes: &[JsonNode]) -> AnyView {
    let mut at = 0;
    let mut lines = Vec::new();
    while at < nodes.len() {
        lines.push(item(nodes, &mut at));
    }
    view! {
        <ul class="tree" aria-label="Decoded payload">
            {lines}
        </ul>
    }
    .into_any()
}

/// The value at `at` with all that lies in it; moves `at` behind it. Depth is bounded by the parser (256).
fn item(nodes: &[JsonNode], at: &mut usize) -> AnyView {
    let Some(node) = nodes.get(*at) else { return ().into_any() };
    *at += 1;
    let mut inner = Vec::new();
    while nodes.get(*at).is_some_and(|next| next.depth > node.depth) {
        inner.push(item(nodes, at));
    }
    let name = node.name.as_deref().map(|n| view! { <span class="k">{visible::line(n)}</span> }.into_any());
    let value = value(node);
    if inner.is_empty() {
        return view! {
            <li class="tr">
                {name}
                {value}
            </li>
        }
        .into_any();
    }
    let open = node.depth == 0 || (node.depth < OPEN_DEPTH && node.children <= OPEN_CHILDREN);
    view! {
        <li>
            <details open=open>
                <summary class="tr">
                    {name}
                    {value}
                </summary>
                <ul>{inner}</ul>
            </details>
        </li>
    }
    .into_any()
}

fn value(node: &JsonNode) -> AnyView {
    let n = u64::from(node.children);
    let (class, text) = match node.kind {
        JsonNodeKind::Object if n == 0 => ("z", "{} empty".to_owned()),
        JsonNodeKind::Array if n == 0 => ("z", "[] empty".to_owned()),
        JsonNodeKind::Object => ("muted tiny", format::count(n, "field", "fields")),
        JsonNodeKind::Array => ("muted tiny", format::count(n, "item", "items")),
        JsonNodeKind::String => {
            // The quotes say that it is a string; what draws nothing in it is marked.
            return view! { <span class="s">{visible::line(&format!("\"{}\"", node.text))}</span> }.into_any();
        }
        JsonNodeKind::Number => ("n", node.text.clone()),
        JsonNodeKind::True => ("b", "true".to_owned()),
        JsonNodeKind::False => ("b", "false".to_owned()),
        JsonNodeKind::Null => ("z", "null".to_owned()),
    };
    view! { <span class=class>{text}</span> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::events::json_tree;

    fn html(json: &str) -> String {
        tree(&json_tree(json.as_bytes(), 2000).unwrap().0).to_html()
    }

    #[test]
    fn every_value_stands_once_and_in_its_place() {
        let html = html(r#"{"a":{"b":1,"c":[true,null]},"d":"x","e":[],"a":2}"#);
        assert_eq!(html.matches("<details").count(), 3, "{html}");
        let places: Vec<_> = [">b<", ">1<", ">c<", ">true<", ">null<", ">d<", "&quot;x&quot;", "[] empty", ">2<"]
            .iter()
            .map(|t| html.find(t).or_else(|| html.find(&t.replace("&quot;", "\""))))
            .collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} {html}");
    }

    #[test]
    fn wide_and_deep_parts_begin_folded() {
        let wide = html(&format!("{{\"a\":[{}1]}}", "1,".repeat(60)));
        assert_eq!((wide.matches("<details open").count(), wide.matches("<details").count()), (1, 2));
        let deep = html("[[[[[1]]]]]");
        assert_eq!((deep.matches("<details open").count(), deep.matches("<details").count()), (3, 5));
    }

    #[test]
    fn markup_and_direction_marks_do_nothing() {
        let html = html("{\"<b>\":\"</span><script>x</script>\u{202e}\\u0000\"}");
        assert!(!html.contains("<script") && !html.contains("<b>") && !html.contains('\u{202e}'), "{html}");
        assert!(html.contains("U+202E") && html.contains('␀'), "{html}");
    }
}
