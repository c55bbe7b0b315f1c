//! What of a query can be told from an event's bytes alone.

use super::{Expr, Field, Node, Query};

impl Query {
    /// What remains of the query when every comparison of what stands beside the bytes (type, names, numbers, times) is
    /// taken for fulfilled: whatever matches the query matches this, and this asks for key, headers and payload only.
    #[must_use]
    pub fn relaxed(&self) -> Self {
        Self { root: self.root.as_ref().and_then(|root| relaxed(root, false)) }
    }

    /// Does it ask for anything that stands beside an event's bytes?
    pub fn asks_beside(&self) -> bool {
        let mut asks = false;
        self.each(&mut |node| {
            asks |= matches!(&node.expr, Expr::Compare(c) if beside(&c.field)) || matches!(&node.expr, Expr::Formula(_))
        });
        asks
    }

    /// The keys that it names whole, as bytes.
    pub fn keys(&self) -> Vec<Vec<u8>> {
        let mut keys = Vec::new();
        self.each(&mut |node| match &node.expr {
            Expr::Compare(c) if c.field == Field::Key => keys.extend(super::condition::key_of(c)),
            Expr::Formula(formula) => keys.extend(formula.keys()),
            _ => {}
        });
        keys
    }
}

const fn beside(field: &Field) -> bool {
    !matches!(field, Field::Key | Field::Header(_) | Field::Payload | Field::Path(_))
}

/// Of the node, or (`not`) of what it refuses; `None` is always fulfilled.
fn relaxed(node: &Node, not: bool) -> Option<Node> {
    match (&node.expr, not) {
        (Expr::Not(inner), not) => relaxed(inner, !not),
        (Expr::And(nodes), false) | (Expr::Or(nodes), true) => {
            let all: Vec<_> = nodes.iter().filter_map(|n| relaxed(n, not)).collect();
            (!all.is_empty()).then(|| Node::all(all))
        }
        (Expr::Or(nodes), false) | (Expr::And(nodes), true) => {
            nodes.iter().map(|n| relaxed(n, not)).collect::<Option<Vec<_>>>().map(Node::any)
        }
        // Where it reads bytes, it may read what stands beside them too.
        (Expr::Formula(_), _) => None,
        (Expr::Compare(c), _) if beside(&c.field) => None,
        (_, false) => Some(node.clone()),
        (_, true) => Some(Node { span: node.span, expr: Expr::Not(Box::new(node.clone())) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_bytes_tell_remains() {
        for (query, left) in [
            ("", ""),
            ("type:a size>3", ""),
            ("type:a refused", "refused"),
            ("type:a OR refused", ""),
            ("(type:a x) OR (type:b y)", "x OR y"),
            ("NOT (type:a OR refused)", "NOT refused"),
            ("NOT (type:a refused)", ""),
            ("NOT type:a key:k", "key:k"),
            ("NOT NOT (x offset>3)", "x"),
        ] {
            let read = |text: &str| Query::parse(text).unwrap();
            assert_eq!(read(query).relaxed(), read(left), "{query}");
        }
    }

    #[test]
    fn keys_are_told() {
        let keys = |text: &str| Query::parse(text).unwrap().keys();
        assert_eq!(keys("key:a OR NOT key=b key:hex:00"), [b"a".to_vec(), b"b".to_vec(), vec![0]]);
        assert!(keys("key:a* key:* data.key:x").is_empty());
    }
}
