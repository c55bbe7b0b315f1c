//! What is a query and may yet mean something else than was meant.

use super::{Expr, Field, Node, Query, Span, Step, fields};

/// Said beside the results, never instead of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    pub span: Span,
    pub says: String,
}

impl Query {
    /// Words and names that are easily taken for others, in their order.
    pub fn hints(&self) -> Vec<Hint> {
        let mut hints = Vec::new();
        self.each(&mut |node| hints.extend(hint(node)));
        hints.sort_by_key(|h| h.span.start);
        hints
    }
}

fn hint(node: &Node) -> Option<Hint> {
    let hint = |span, says| Some(Hint { span, says });
    match &node.expr {
        Expr::Free(super::Text::Bare(pattern)) => {
            let word = pattern.literal().filter(|w| matches!(*w, "and" | "or" | "not"))?;
            let upper = word.to_uppercase();
            hint(node.span, format!("`{word}` is looked for as a word; between terms write {upper}."))
        }
        Expr::Compare(c) => {
            let Field::Path(path) = &c.field else { return None };
            let (Step::Member(name), rest) = path.0.split_first()? else { return None };
            // What people write in its place has one name, but for headers and payloads.
            let meant = fields::meant(name)
                .filter(|meant| rest.is_empty() != matches!(*meant, fields::HEADER | fields::PAYLOAD))?;
            hint(c.field_span, format!("`{name}` is looked for in the payload; the event's own field is `{meant}`."))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_words_and_names_from_elsewhere() {
        for (text, at, says) in [
            ("a or b", 2, "`or` is looked for as a word; between terms write OR."),
            ("x topic:orders", 2, "`topic` is looked for in the payload; the event's own field is `channel`."),
            ("headers.tenant:x", 0, "`headers` is looked for in the payload; the event's own field is `header`."),
            ("value.data.amount>5", 0, "`value` is looked for in the payload; the event's own field is `payload`."),
            ("Timestamp>2026", 0, "`Timestamp` is looked for in the payload; the event's own field is `time`."),
        ] {
            let hints = Query::parse(text).unwrap().hints();
            assert_eq!(
                hints.iter().map(|h| (h.span.start, h.says.as_str())).collect::<Vec<_>>(),
                [(at, says)],
                "{text}"
            );
        }
        for text in ["", "a OR b", "\"or\"", "value:5", "data.topic:x", "topic.name:x", "channel:x"] {
            assert_eq!(Query::parse(text).unwrap().hints(), [], "{text}");
        }
    }
}
