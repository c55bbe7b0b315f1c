//! What is different between two documents, by paths.

use std::collections::BTreeMap;
use weir_domain::events::{JsonNode, JsonNodeKind};

/// One path, and what stands there in each; `None`: nothing does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub path: String,
    pub a: Option<String>,
    pub b: Option<String>,
}

impl Line {
    pub(super) fn same(&self) -> bool {
        self.a == self.b
    }
}

/// Every path of either with a value of its own, in the order of the first and then of the second.
pub(super) fn lines(a: &[JsonNode], b: &[JsonNode]) -> Vec<Line> {
    paired(leaves(a), leaves(b))
}

/// Values under names that may stand several times: the second `x` is compared with the second `x`.
pub(super) fn paired(a: Vec<(String, String)>, b: Vec<(String, String)>) -> Vec<Line> {
    let (a, b) = (numbered(a), numbered(b));
    let mut of_b: BTreeMap<&str, &str> = b.iter().map(|(path, value)| (path.as_str(), value.as_str())).collect();
    let mut lines: Vec<Line> = a
        .iter()
        .map(|(path, value)| Line {
            path: path.clone(),
            a: Some(value.clone()),
            b: of_b.remove(path.as_str()).map(str::to_owned),
        })
        .collect();
    let only_b = b.iter().filter(|(path, _)| of_b.contains_key(path.as_str()));
    lines.extend(only_b.map(|(path, value)| Line { path: path.clone(), a: None, b: Some(value.clone()) }));
    lines
}

fn numbered(pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    pairs
        .into_iter()
        .map(|(path, value)| {
            let n = met.entry(path.clone()).or_default();
            *n += 1;
            match *n {
                1 => (path, value),
                n => (format!("{path} ({n})"), value),
            }
        })
        .collect()
}

/// Paths as the query language writes them, and values as JSON does; empty objects and arrays are values too.
fn leaves(nodes: &[JsonNode]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    // Of each open object or array: its path, and how many elements of an array have come.
    let mut open: Vec<(String, Option<usize>)> = Vec::new();
    for node in nodes {
        open.truncate(usize::from(node.depth));
        let path = match (open.last_mut(), &node.name) {
            (None, _) => String::new(),
            (Some((parent, _)), Some(name)) if parent.is_empty() => name.clone(),
            (Some((parent, _)), Some(name)) => format!("{parent}.{name}"),
            (Some((parent, elements)), None) => {
                let n = elements.get_or_insert(0);
                *n += 1;
                format!("{parent}[{}]", *n - 1)
            }
        };
        let value = match node.kind {
            JsonNodeKind::Object | JsonNodeKind::Array if node.children > 0 => {
                open.push((path, None));
                continue;
            }
            JsonNodeKind::Object => "{}".to_owned(),
            JsonNodeKind::Array => "[]".to_owned(),
            JsonNodeKind::String => format!("\"{}\"", node.text),
            JsonNodeKind::Number => node.text.clone(),
            JsonNodeKind::True => "true".to_owned(),
            JsonNodeKind::False => "false".to_owned(),
            JsonNodeKind::Null => "null".to_owned(),
        };
        found.push((path, value));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::events::json_tree;

    fn of(a: &str, b: &str) -> Vec<(String, Option<String>, Option<String>)> {
        let tree = |text: &str| json_tree(text.as_bytes(), 2000).unwrap().0;
        lines(&tree(a), &tree(b)).into_iter().filter(|l| !l.same()).map(|l| (l.path, l.a, l.b)).collect()
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn what_changed_came_and_went() {
        let a = r#"{"id":1,"data":{"amount":9.50,"tags":["x","y"]},"gone":null}"#;
        let b = r#"{"id":1,"data":{"amount":9.5,"tags":["x","z","w"],"new":{}}}"#;
        assert_eq!(
            of(a, b),
            [
                ("data.amount".to_owned(), some("9.50"), some("9.5")),
                ("data.tags[1]".to_owned(), some("\"y\""), some("\"z\"")),
                ("gone".to_owned(), some("null"), None),
                ("data.tags[2]".to_owned(), None, some("\"w\"")),
                ("data.new".to_owned(), None, some("{}")),
            ]
        );
        assert_eq!(of(a, a), []);
    }

    #[test]
    fn a_name_that_stands_twice_is_compared_in_its_order() {
        assert_eq!(of(r#"{"x":1,"x":2}"#, r#"{"x":1,"x":3}"#), [("x (2)".to_owned(), some("2"), some("3"))]);
        assert_eq!(of("[1]", "{}"), [("[0]".to_owned(), some("1"), None), (String::new(), None, some("{}"))]);
        assert_eq!(of("1", "\"1\""), [(String::new(), some("1"), some("\"1\""))]);
    }
}
