//! What stands at a path of a payload.

use super::{Expr, Field, Op, Path, Query, meaning::walk, tree};

/// Bytes of a value that are told.
const LONGEST: usize = 256;

impl Path {
    /// A path as the query language writes it: `data.amount`. `None`: it is none, or a field of the event.
    pub fn parse(text: &str) -> Option<Self> {
        let query = Query::parse(&format!("{}:*", text.trim())).ok()?;
        match query.root?.expr {
            Expr::Compare(c) if c.op == Op::Matches && c.value.is_any() => match c.field {
                Field::Path(path) => Some(path),
                _ => None,
            },
            _ => None,
        }
    }

    /// The texts, numbers and words that a payload has there, each once, in their order; long ones are cut.
    pub fn values(&self, payload: &[u8]) -> Vec<String> {
        self.values_up_to(payload, LONGEST)
    }

    /// The same, each cut only beyond so many bytes.
    pub fn values_up_to(&self, payload: &[u8], longest: usize) -> Vec<String> {
        let Some(root) = tree::read(payload) else { return Vec::new() };
        let (mut found, mut values) = (Vec::new(), Vec::<String>::new());
        walk(&root, &self.0, &mut found);
        for bytes in found.into_iter().filter_map(tree::Value::letters) {
            let mut text = String::from_utf8_lossy(bytes).into_owned();
            if text.len() > longest {
                text.truncate(text.floor_char_boundary(longest));
                text.push('…');
            }
            if !values.contains(&text) {
                values.push(text);
            }
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &str, payload: &str) -> Vec<String> {
        Path::parse(path).unwrap().values(payload.as_bytes())
    }

    #[test]
    fn what_stands_there_each_once() {
        let payload =
            r#"{"data":{"city":"Ly\u006fn","amount":9.50,"items":[{"sku":"a"},{"sku":"b"},{"sku":"a"}],"none":null}}"#;
        assert_eq!(at("data.city", payload), ["Lyon"]);
        assert_eq!(at("data.amount", payload), ["9.50"]);
        assert_eq!(at("data.items.sku", payload), ["a", "b"]);
        assert_eq!(at("data.items[1].sku", payload), ["b"]);
        assert_eq!(at("data.none", payload), ["null"]);
        assert!(at("data.items", payload).is_empty() && at("nowhere", payload).is_empty());
        assert!(at("data", "no JSON").is_empty());
        assert_eq!(at("a", &format!("{{\"a\":\"{}\"}}", "é".repeat(300)))[0].chars().count(), 129);
    }

    #[test]
    fn what_is_no_path_is_none() {
        for text in ["", "type", "key", "a:b", "a OR b", "a b", "(a", "data..x"] {
            assert_eq!(Path::parse(text), None, "{text}");
        }
        assert!(Path::parse(" payload.type ").is_some());
    }
}
