//! A payload as a tree, read forgivingly: what looks like JSON is read as far as it goes, so that one wrong comma does
//! not hide an event.
//!
//! The rules, which [`super::scan`] keeps without a tree: the payload begins with `{` or `[` (white space and a byte
//! order mark aside). A string ends at the next quote without a backslash before it; anything else between quotes,
//! brackets, `,`, `:` and white space is a value as it stands. Either closing bracket closes the innermost open one.
//! In an object a string before a `:` names the value that comes next, up to the next comma; a value without a name is
//! passed over. In an array commas count. A string or value that the payload cuts off is none. Containers deeper than
//! 128 are there, and nothing in them is. What follows the outermost container is not read.

/// Deepest container that is looked into.
pub(super) const DEEPEST: usize = 128;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Unescaped.
    Text(Vec<u8>),
    /// A number, `true`, `false`, `null`, or what stands there instead.
    Bare(Vec<u8>),
    /// In their order, names again and again.
    Object(Vec<(Vec<u8>, Value)>),
    /// With their index.
    Array(Vec<(u32, Value)>),
}

/// The outermost container; `None` if the payload looks like no JSON.
pub fn read(payload: &[u8]) -> Option<Value> {
    let payload = payload.strip_prefix("\u{feff}".as_bytes()).unwrap_or(payload);
    let mut reader = Reader { rest: payload };
    reader.space();
    matches!(reader.rest.first(), Some(b'{' | b'[')).then(|| reader.value(1)).flatten()
}

/// What stands between quotes, wherever the payload looks like JSON; a last quote that is not closed ends with it.
pub(super) fn strings(payload: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    if read(payload).is_none() {
        return found;
    }
    let mut reader = Reader { rest: payload };
    while let Some(at) = reader.rest.iter().position(|b| *b == b'"') {
        reader.rest = &reader.rest[at..];
        let all = &reader.rest[1..];
        match reader.string() {
            Some(string) => found.push(string),
            None => {
                found.push(all);
                break;
            }
        }
    }
    found
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn space(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    /// At a quote; `None` if the payload ends before the string does.
    fn string(&mut self) -> Option<&'a [u8]> {
        let body = &self.rest[1..];
        let mut at = 0;
        while let Some(b) = body.get(at) {
            match b {
                b'"' => {
                    self.rest = &body[at + 1..];
                    return Some(&body[..at]);
                }
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        self.rest = &[];
        None
    }

    /// At its first byte, which is no comma, colon or closing bracket.
    fn value(&mut self, depth: usize) -> Option<Value> {
        match self.rest.first()? {
            b'"' => self.string().map(|s| Value::Text(super::text::unescaped(s).into_owned())),
            b'{' => Some(self.container(true, depth)),
            b'[' => Some(self.container(false, depth)),
            _ => {
                let ends = |b: &u8| b.is_ascii_whitespace() || b"\"{}[],:".contains(b);
                let Some(end) = self.rest.iter().position(ends) else {
                    self.rest = &[];
                    return None;
                };
                let (word, rest) = self.rest.split_at(end);
                self.rest = rest;
                Some(Value::Bare(word.to_vec()))
            }
        }
    }

    fn container(&mut self, object: bool, depth: usize) -> Value {
        if depth > DEEPEST {
            self.pass();
            return if object { Value::Object(Vec::new()) } else { Value::Array(Vec::new()) };
        }
        self.rest = &self.rest[1..];
        let (mut members, mut elements, mut name, mut index) = (Vec::new(), Vec::new(), None, 0_u32);
        loop {
            self.space();
            match self.rest.first() {
                None => break,
                Some(b'}' | b']') => {
                    self.rest = &self.rest[1..];
                    break;
                }
                Some(b',') => {
                    self.rest = &self.rest[1..];
                    index = index.saturating_add(1);
                    name = None;
                }
                Some(b':') => self.rest = &self.rest[1..],
                Some(_) => {
                    let Some(value) = self.value(depth + 1) else { break };
                    if let Value::Text(text) = &value
                        && object
                        && self.rest.trim_ascii_start().first() == Some(&b':')
                    {
                        name = Some(text.clone());
                    } else if !object {
                        elements.push((index, value));
                    } else if let Some(name) = name.take() {
                        members.push((name, value));
                    }
                }
            }
        }
        if object { Value::Object(members) } else { Value::Array(elements) }
    }

    /// Over a container, at its opening bracket.
    fn pass(&mut self) {
        let mut open = 0_usize;
        while let Some(b) = self.rest.first() {
            if *b == b'"' {
                // Cut off: the payload ends here, and with it the loop.
                let _ = self.string();
                continue;
            }
            self.rest = &self.rest[1..];
            match b {
                b'{' | b'[' => open += 1,
                b'}' | b']' => open -= 1,
                _ => {}
            }
            if open == 0 {
                return;
            }
        }
    }
}
