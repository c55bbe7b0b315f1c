//! Which lines of a JSON tree are on view. The tree is flat: children follow their parent one deeper.

use std::collections::HashSet;
use weir_domain::events::{JsonNode, JsonNodeKind};

/// Lines opened at first: deep or wide documents begin folded so that their outline is readable.
const OPEN_DEPTH: u16 = 3;
const OPEN_CHILDREN: u32 = 50;

/// True for values that have something to unfold.
pub fn opens(node: &JsonNode) -> bool {
    matches!(node.kind, JsonNodeKind::Object | JsonNodeKind::Array) && node.children > 0
}

/// The nodes that begin folded.
pub fn folded_at_first(nodes: &[JsonNode]) -> HashSet<usize> {
    nodes
        .iter()
        .enumerate()
        .filter(|(i, n)| *i > 0 && opens(n) && (n.depth >= OPEN_DEPTH || n.children > OPEN_CHILDREN))
        .map(|(i, _)| i)
        .collect()
}

/// The lines to draw, in order: all whose ancestors are unfolded.
pub fn on_view(nodes: &[JsonNode], folded: &HashSet<usize>) -> Vec<usize> {
    let (mut out, mut below) = (Vec::new(), None::<u16>);
    for (i, node) in nodes.iter().enumerate() {
        if below.is_some_and(|depth| node.depth > depth) {
            continue;
        }
        below = folded.contains(&i).then_some(node.depth);
        out.push(i);
    }
    out
}

/// The node this one lies in.
pub fn parent(nodes: &[JsonNode], at: usize) -> Option<usize> {
    let depth = nodes.get(at)?.depth;
    (0..at).rev().find(|i| nodes.get(*i).is_some_and(|n| n.depth < depth))
}

/// Where a key moves to in the tree (WAI-ARIA tree view pattern), or that it folds or unfolds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    To(usize),
    Fold(usize),
    Unfold(usize),
}

/// What an arrow, Home, End, Enter or Space does on the line `at`.
pub fn key(nodes: &[JsonNode], folded: &HashSet<usize>, at: usize, key: &str) -> Option<Move> {
    let lines = on_view(nodes, folded);
    let place = lines.iter().position(|l| *l == at)?;
    let can = nodes.get(at).is_some_and(opens);
    let line = |i: usize| lines.get(i).copied().map(Move::To);
    match key {
        "ArrowDown" => line(place + 1),
        "ArrowUp" => place.checked_sub(1).and_then(line),
        "Home" => line(0),
        "End" => lines.last().copied().map(Move::To),
        "ArrowRight" if can && folded.contains(&at) => Some(Move::Unfold(at)),
        "ArrowRight" if can => line(place + 1),
        "ArrowLeft" if can && !folded.contains(&at) => Some(Move::Fold(at)),
        "ArrowLeft" => parent(nodes, at).map(Move::To),
        "Enter" | " " if can => Some(if folded.contains(&at) { Move::Unfold(at) } else { Move::Fold(at) }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::events::json_tree;

    fn nodes() -> Vec<JsonNode> {
        // 0 root, 1 orderId, 2 amount, 3 value, 4 currency, 5 lines, 6 [0], 7 sku, 8 empty
        json_tree(br#"{"orderId":"o","amount":{"value":1,"currency":"EUR"},"lines":[{"sku":"a"}],"empty":[]}"#, 100)
            .unwrap()
            .0
    }

    #[test]
    fn folding_hides_what_lies_below_and_nothing_else() {
        let nodes = nodes();
        assert_eq!(on_view(&nodes, &HashSet::new()), (0..9).collect::<Vec<_>>());
        assert_eq!(on_view(&nodes, &HashSet::from([2])), [0, 1, 2, 5, 6, 7, 8]);
        assert_eq!(on_view(&nodes, &HashSet::from([2, 5, 6])), [0, 1, 2, 5, 8]);
        assert_eq!(on_view(&nodes, &HashSet::from([0])), [0]);
    }

    #[test]
    fn wide_and_deep_parts_begin_folded() {
        assert!(folded_at_first(&nodes()).is_empty());
        let wide = format!("{{\"a\":[{}1],\"b\":1}}", "1,".repeat(60));
        let (wide, _) = json_tree(wide.as_bytes(), 1000).unwrap();
        assert_eq!(on_view(&wide, &folded_at_first(&wide)).len(), 3);
        let (deep, _) = json_tree(br#"[[[[[1]]]]]"#, 100).unwrap();
        assert_eq!(on_view(&deep, &folded_at_first(&deep)).len(), 4);
    }

    #[test]
    fn keys_move_as_in_every_tree() {
        let (n, none) = (nodes(), HashSet::new());
        assert_eq!(key(&n, &none, 1, "ArrowDown"), Some(Move::To(2)));
        assert_eq!(key(&n, &none, 0, "ArrowUp"), None);
        assert_eq!(key(&n, &none, 8, "ArrowDown"), None);
        assert_eq!(key(&n, &none, 2, "ArrowLeft"), Some(Move::Fold(2)));
        assert_eq!(key(&n, &HashSet::from([2]), 2, "ArrowRight"), Some(Move::Unfold(2)));
        assert_eq!(key(&n, &none, 2, "ArrowRight"), Some(Move::To(3)));
        assert_eq!(key(&n, &none, 7, "ArrowLeft"), Some(Move::To(6)));
        assert_eq!(key(&n, &none, 8, "Enter"), None);
        assert_eq!(key(&n, &none, 5, " "), Some(Move::Fold(5)));
        assert_eq!(key(&n, &HashSet::from([2]), 2, "ArrowDown"), Some(Move::To(5)));
        assert_eq!(key(&n, &none, 3, "End"), Some(Move::To(8)));
        assert_eq!(key(&n, &none, 3, "x"), None);
    }
}
