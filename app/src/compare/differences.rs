//! What is different between two documents, by paths.

use std::collections::BTreeMap;
use weir_domain::events::{JsonNode, JsonNodeKind};

/// What stands at one place of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    pub path: String,
    pub text: String,
    /// There is more of it, or it may not be seen.
    pub cut: bool,
}

impl Value {
    pub(super) fn whole(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into(), cut: false }
    }
}

/// One path, and what stands there in each; `None`: nothing does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub path: String,
    pub a: Option<String>,
    pub b: Option<String>,
    cut: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Same {
    Yes,
    No,
    /// As far as it is shown.
    SoFar,
}

impl Line {
    pub(super) fn same(&self) -> Same {
        match (self.a == self.b, self.cut) {
            (false, _) => Same::No,
            (true, false) => Same::Yes,
            (true, true) => Same::SoFar,
        }
    }
}

/// Every path of either with a value of its own, in the order of the first and then of the second.
pub(super) fn lines(a: &[JsonNode], b: &[JsonNode]) -> Vec<Line> {
    paired(leaves(a), leaves(b))
}

/// Values under names that may stand several times: the second `x` is compared with the second `x`.
pub(super) fn paired(a: Vec<Value>, b: Vec<Value>) -> Vec<Line> {
    let (a, b) = (numbered(a), numbered(b));
    let mut of_b: BTreeMap<&str, &Value> = b.iter().map(|v| (v.path.as_str(), v)).collect();
    let mut lines = Vec::with_capacity(a.len());
    for of_a in &a {
        let other = of_b.remove(of_a.path.as_str());
        lines.push(Line {
            path: of_a.path.clone(),
            a: Some(of_a.text.clone()),
            b: other.map(|v| v.text.clone()),
            cut: of_a.cut || other.is_some_and(|v| v.cut),
        });
    }
    let only_b = b.iter().filter(|v| of_b.contains_key(v.path.as_str()));
    lines.extend(only_b.map(|v| Line { path: v.path.clone(), a: None, b: Some(v.text.clone()), cut: v.cut }));
    lines
}

fn numbered(mut values: Vec<Value>) -> Vec<Value> {
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    for value in &mut values {
        let n = met.entry(value.path.clone()).or_default();
        *n += 1;
        if *n > 1 {
            value.path = format!("{} ({n})", value.path);
        }
    }
    values
}

/// Longer texts of a document are cut at this (`json_tree`), less what a last letter may take.
const CUT_AT: usize = 4096 - 4;

/// Paths as the query language writes them, and values as JSON does; empty objects and arrays are values too.
fn leaves(nodes: &[JsonNode]) -> Vec<Value> {
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
        found.push(Value { path, text: value, cut: node.text.len() > CUT_AT });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::events::json_tree;

    fn of(a: &str, b: &str) -> Vec<(String, Option<String>, Option<String>)> {
        let tree = |text: &str| json_tree(text.as_bytes(), 2000).unwrap().0;
        lines(&tree(a), &tree(b)).into_iter().filter(|l| l.same() != Same::Yes).map(|l| (l.path, l.a, l.b)).collect()
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
    fn what_was_cut_is_equal_only_so_far() {
        let long = format!("{{\"x\":\"{}\"}}", "y".repeat(5000));
        let tree = json_tree(long.as_bytes(), 2000).unwrap().0;
        assert_eq!(lines(&tree, &tree)[0].same(), Same::SoFar);
    }

    #[test]
    fn a_name_that_stands_twice_is_compared_in_its_order() {
        assert_eq!(of(r#"{"x":1,"x":2}"#, r#"{"x":1,"x":3}"#), [("x (2)".to_owned(), some("2"), some("3"))]);
        assert_eq!(of("[1]", "{}"), [("[0]".to_owned(), some("1"), None), (String::new(), None, some("{}"))]);
        assert_eq!(of("1", "\"1\""), [(String::new(), some("1"), some("\"1\""))]);
    }
}
