//! A JSON document as a flat tree, without changing a byte of it: duplicate keys stay, numbers keep
//! their digits, order is kept (invariant 3). RFC 8259 grammar; depth and node count are bounded.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JsonNodeKind {
    Object,
    Array,
    String,
    Number,
    True,
    False,
    Null,
}

/// One value. Children follow their parent with `depth + 1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JsonNode {
    pub depth: u16,
    /// Member name (unescaped) inside an object, `None` inside an array and for the root.
    pub name: Option<String>,
    pub kind: JsonNodeKind,
    /// Unescaped text of a string (cut at 4,096 bytes), the digits of a number, empty otherwise.
    pub text: String,
    /// Children of an object or array, counted in full even where the tree is cut.
    pub children: u32,
}

/// Why a text is no JSON, with the place (1-based line and column, in characters of bytes).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct NotJson {
    pub line: u32,
    pub column: u32,
    pub what: &'static str,
}

const MAX_DEPTH: u16 = 256;
const MAX_TEXT: usize = 4096;

/// Reads a whole document; keeps the first `max_nodes` nodes. The flag tells whether some were left out.
pub fn json_tree(bytes: &[u8], max_nodes: usize) -> Result<(Vec<JsonNode>, bool), NotJson> {
    let mut p = Parser { bytes, at: 0, nodes: Vec::new(), max: max_nodes, cut: false };
    p.space();
    p.value(0, None)?;
    p.space();
    if p.at < bytes.len() {
        return Err(p.fail("nothing may follow the value"));
    }
    Ok((p.nodes, p.cut))
}

struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
    nodes: Vec<JsonNode>,
    max: usize,
    cut: bool,
}

impl Parser<'_> {
    fn fail(&self, what: &'static str) -> NotJson {
        let before = &self.bytes[..self.at.min(self.bytes.len())];
        let line = before.iter().filter(|b| **b == b'\n').count();
        let column = before.iter().rev().take_while(|b| **b != b'\n').count();
        let cap = |n: usize| u32::try_from(n + 1).unwrap_or(u32::MAX);
        NotJson { line: cap(line), column: cap(column), what }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Adds a node if there is room and tells its place.
    fn push(&mut self, depth: u16, name: Option<String>, kind: JsonNodeKind, text: String) -> Option<usize> {
        if self.nodes.len() >= self.max {
            self.cut = true;
            return None;
        }
        self.nodes.push(JsonNode { depth, name, kind, text, children: 0 });
        Some(self.nodes.len() - 1)
    }

    fn value(&mut self, depth: u16, name: Option<String>) -> Result<(), NotJson> {
        use JsonNodeKind as K;
        if depth > MAX_DEPTH {
            return Err(self.fail("nested too deeply to show as a tree"));
        }
        match self.peek() {
            Some(b'{') => self.container(depth, name, K::Object, b'}'),
            Some(b'[') => self.container(depth, name, K::Array, b']'),
            Some(b'"') => {
                let text = self.string()?;
                self.push(depth, name, K::String, text);
                Ok(())
            }
            Some(b't') => self.word(b"true", depth, name, K::True),
            Some(b'f') => self.word(b"false", depth, name, K::False),
            Some(b'n') => self.word(b"null", depth, name, K::Null),
            Some(b'-' | b'0'..=b'9') => {
                let text = self.number()?;
                self.push(depth, name, K::Number, text);
                Ok(())
            }
            Some(_) => Err(self.fail("expected a value")),
            None => Err(self.fail("the text ends where a value should be")),
        }
    }

    fn word(
        &mut self,
        word: &'static [u8],
        depth: u16,
        name: Option<String>,
        kind: JsonNodeKind,
    ) -> Result<(), NotJson> {
        if !self.bytes[self.at..].starts_with(word) {
            return Err(self.fail("expected true, false or null"));
        }
        self.at += word.len();
        self.push(depth, name, kind, String::new());
        Ok(())
    }

    fn container(&mut self, depth: u16, name: Option<String>, kind: JsonNodeKind, close: u8) -> Result<(), NotJson> {
        let me = self.push(depth, name, kind, String::new());
        self.at += 1;
        self.space();
        let mut children = 0u32;
        if self.peek() == Some(close) {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.space();
            let name = if kind == JsonNodeKind::Object {
                if self.peek() != Some(b'"') {
                    return Err(self.fail("expected a member name in quotes"));
                }
                let name = self.string()?;
                self.space();
                if self.peek() != Some(b':') {
                    return Err(self.fail("expected `:`"));
                }
                self.at += 1;
                self.space();
                Some(name)
            } else {
                None
            };
            self.value(depth + 1, name)?;
            children = children.saturating_add(1);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(c) if c == close => {
                    self.at += 1;
                    break;
                }
                Some(_) => return Err(self.fail("expected `,` or the closing bracket")),
                None => return Err(self.fail("the text ends inside an object or array")),
            }
        }
        if let Some(node) = me.and_then(|i| self.nodes.get_mut(i)) {
            node.children = children;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<String, NotJson> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err(self.fail("expected a digit")),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.some_digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.some_digits()?;
        }
        Ok(cap(String::from_utf8_lossy(&self.bytes[start..self.at]).into_owned()))
    }

    fn digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn some_digits(&mut self) -> Result<(), NotJson> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.fail("expected a digit"));
        }
        self.digits();
        Ok(())
    }

    fn string(&mut self) -> Result<String, NotJson> {
        self.at += 1;
        let mut out = Vec::new();
        loop {
            match self.peek() {
                None => return Err(self.fail("the text ends inside a string")),
                Some(b'"') => {
                    self.at += 1;
                    break;
                }
                Some(b'\\') => self.escape(&mut out)?,
                Some(0..=0x1f) => return Err(self.fail("a control character must be escaped")),
                Some(b) => {
                    if out.len() <= MAX_TEXT {
                        out.push(b);
                    }
                    self.at += 1;
                }
            }
        }
        Ok(cap(String::from_utf8_lossy(&out).into_owned()))
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), NotJson> {
        self.at += 1;
        let plain = match self.peek() {
            Some(c @ (b'"' | b'\\' | b'/')) => c,
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => return self.unicode(out),
            _ => return Err(self.fail("unknown escape")),
        };
        self.at += 1;
        if out.len() <= MAX_TEXT {
            out.push(plain);
        }
        Ok(())
    }

    fn unicode(&mut self, out: &mut Vec<u8>) -> Result<(), NotJson> {
        self.at += 1;
        let mut unit = self.hex4()?;
        if (0xd800..0xdc00).contains(&unit) && self.bytes[self.at..].starts_with(b"\\u") {
            let back = self.at;
            self.at += 2;
            let low = self.hex4()?;
            if (0xdc00..0xe000).contains(&low) {
                unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
            } else {
                self.at = back;
            }
        }
        // A lone surrogate is legal JSON text and no character: shown as U+FFFD, stored untouched.
        let c = char::from_u32(unit).unwrap_or('\u{fffd}');
        if out.len() <= MAX_TEXT {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
        Ok(())
    }

    fn hex4(&mut self) -> Result<u32, NotJson> {
        let digits = self.bytes.get(self.at..self.at + 4).ok_or_else(|| self.fail("expected four hex digits"))?;
        let mut unit = 0;
        for d in digits {
            unit = unit * 16 + char::from(*d).to_digit(16).ok_or_else(|| self.fail("expected four hex digits"))?;
        }
        self.at += 4;
        Ok(unit)
    }
}

fn cap(mut s: String) -> String {
    if s.len() > MAX_TEXT {
        s.truncate(s.floor_char_boundary(MAX_TEXT));
    }
    s
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(s: &str) -> Vec<(u16, Option<String>, String)> {
        json_tree(s.as_bytes(), 100).unwrap().0.into_iter().map(|n| (n.depth, n.name, n.text)).collect()
    }

    #[test]
    fn keeps_duplicates_digits_and_nul_escapes() {
        let got = names(r#"{"a":1,"a":1e400,"b":[0.10,"\u0000\ud83d\ude00"]}"#);
        let n = |s: &str| Some(s.to_string());
        assert_eq!(
            got,
            [
                (0, None, String::new()),
                (1, n("a"), "1".into()),
                (1, n("a"), "1e400".into()),
                (1, n("b"), String::new()),
                (2, None, "0.10".into()),
                (2, None, "\0😀".into()),
            ]
        );
    }

    #[test]
    fn says_where_it_breaks() {
        for (text, want) in [
            ("", "line 1, column 1: the text ends where a value should be"),
            ("{\n \"a\" 1}", "line 2, column 6: expected `:`"),
            ("[1,]", "line 1, column 4: expected a value"),
            ("{\"a\":\"x", "line 1, column 8: the text ends inside a string"),
            ("1 2", "line 1, column 3: nothing may follow the value"),
            ("01", "line 1, column 2: nothing may follow the value"),
        ] {
            assert_eq!(json_tree(text.as_bytes(), 10).unwrap_err().to_string(), want, "{text:?}");
        }
        assert!(json_tree("[".repeat(100_000).as_bytes(), 10).is_err());
    }

    #[test]
    fn cuts_the_tree_and_still_counts() {
        let text = format!("[{}1]", "1,".repeat(4999));
        let (nodes, cut) = json_tree(text.as_bytes(), 100).unwrap();
        assert!(cut);
        assert_eq!((nodes.len(), nodes[0].children), (100, 5000));
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            ".{0,12}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 64, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::Array),
                prop::collection::vec((".{0,5}", inner), 0..6)
                    .prop_map(|m| serde_json::Value::Object(m.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn reads_all_that_serde_json_writes(v in json()) {
            let text = serde_json::to_vec_pretty(&v).unwrap();
            let (nodes, cut) = json_tree(&text, usize::MAX).unwrap();
            prop_assert!(!cut && !nodes.is_empty());
        }

        #[test]
        fn agrees_with_serde_json_on_what_is_json(s in r#"[\[\]{}",:0-9eE.+\-truefalsn\\u ]{0,24}"#) {
            // serde_json refuses numbers and lone surrogates it can't hold; the grammar allows them.
            if serde_json::from_str::<serde::de::IgnoredAny>(&s).is_ok() {
                prop_assert!(json_tree(s.as_bytes(), 100).is_ok());
            }
        }

        #[test]
        fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = json_tree(&bytes, 5);
        }
    }
}
