//! Reads single members of a JSON text without parsing the rest. Iterative, so that a payload of a
//! million brackets can't exhaust the stack (sonic-rs's checked skipping recurses), and never fails:
//! what is no JSON has no members.

use memchr::memchr2;

/// The members of an object as raw slices (key without quotes, escapes left as they are), up to the
/// first mistake.
pub struct Members<'a> {
    json: &'a [u8],
    at: usize,
    first: bool,
}

/// `None` if the text does not begin an object.
pub fn members(json: &[u8]) -> Option<Members<'_>> {
    let at = blank_end(json, 0);
    (json.get(at) == Some(&b'{')).then_some(Members { json, at: at + 1, first: true })
}

/// The raw value at a path of member names, outermost first.
pub fn at_path<'a>(json: &'a [u8], path: &[String]) -> Option<&'a [u8]> {
    let (name, rest) = path.split_first()?;
    let (_, value) = members(json)?.find(|(key, _)| *key == name.as_bytes())?;
    if rest.is_empty() { Some(value) } else { at_path(value, rest) }
}

/// The text of a raw JSON string; `None` for other values and for bad escapes or bytes.
pub fn text(raw: &[u8]) -> Option<String> {
    // A string nests nothing, so the real parser is safe here.
    (raw.first() == Some(&b'"')).then(|| sonic_rs::from_slice(raw).ok()).flatten()
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let json = self.json;
        let mut at = blank_end(json, self.at);
        if !self.first {
            at = blank_end(json, (json.get(at) == Some(&b',')).then_some(at + 1)?);
        }
        self.first = false;
        let key_end = string_end(json, at)?;
        let key = json.get(at + 1..key_end - 1)?;
        let colon = blank_end(json, key_end);
        let value = blank_end(json, (json.get(colon) == Some(&b':')).then_some(colon + 1)?);
        self.at = value_end(json, value)?;
        Some((key, json.get(value..self.at)?))
    }
}

fn blank_end(json: &[u8], from: usize) -> usize {
    let blank = |c: &u8| matches!(c, b' ' | b'\t' | b'\n' | b'\r');
    from + json.get(from..).unwrap_or_default().iter().take_while(|c| blank(c)).count()
}

/// Behind the closing quote of the string that begins at `from`.
fn string_end(json: &[u8], from: usize) -> Option<usize> {
    if json.get(from) != Some(&b'"') {
        return None;
    }
    let mut at = from + 1;
    loop {
        at += memchr2(b'"', b'\\', json.get(at..)?)?;
        match json[at] {
            b'"' => return Some(at + 1),
            _ => at += 2,
        }
    }
}

fn value_end(json: &[u8], from: usize) -> Option<usize> {
    match json.get(from)? {
        b'"' => string_end(json, from),
        b'{' | b'[' => container_end(json, from),
        _ => {
            let rest = &json[from..];
            let len = rest.iter().take_while(|c| !matches!(c, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r'));
            Some(from + len.count()).filter(|end| *end > from)
        }
    }
}

/// Counts brackets of both kinds alike: where a text mixes them up, it is no JSON anyway.
fn container_end(json: &[u8], from: usize) -> Option<usize> {
    let (mut at, mut depth) = (from, 0usize);
    loop {
        match json.get(at)? {
            b'"' => {
                at = string_end(json, at)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn path(names: &[&str]) -> Vec<String> {
        names.iter().map(|n| (*n).to_owned()).collect()
    }

    #[test]
    fn finds_members_and_nothing_else() {
        let json = br#" { "a" : 1, "b\"}":"x\\", "c":{"d":["}",{"e":null}],"f":"g\u00e4"} , "z":true} "#;
        let all: Vec<_> = members(json).unwrap().collect();
        assert_eq!(all.len(), 4);
        assert_eq!(all[0], (&b"a"[..], &b"1"[..]));
        assert_eq!(all[3], (&b"z"[..], &b"true"[..]));
        assert_eq!(text(at_path(json, &path(&["c", "f"])).unwrap()), Some("gä".into()));
        assert_eq!(at_path(json, &path(&["c", "x"])), None);
        assert_eq!(at_path(json, &path(&["a", "x"])), None);
        assert_eq!(at_path(json, &[]), None);
        for hostile in
            [&b""[..], b"{", b"{\"", b"{\"a", b"{\"a\"", b"{\"a\":", b"{\"a\":}", b"{,", b"[1]", b"\"a\"", b"{\"a\\"]
        {
            assert_eq!(members(hostile).into_iter().flatten().count(), 0, "{hostile:?}");
        }
    }

    #[test]
    fn a_million_brackets_do_not_exhaust_the_stack() {
        let mut bomb = br#"{"a":"#.to_vec();
        bomb.resize(bomb.len() + 1_000_000, b'[');
        assert_eq!(members(&bomb).unwrap().count(), 0);
        bomb.resize(bomb.len() + 1_000_000, b']');
        bomb.extend(br#","type":"t"}"#);
        assert_eq!(at_path(&bomb, &path(&["type"])), Some(&br#""t""#[..]));
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            let mut json = b"{\"".to_vec();
            json.extend(bytes);
            members(&json).into_iter().flatten().for_each(|(_, value)| drop(text(value)));
        }

        #[test]
        fn json_like_text_is_survived(text in r#"[{}\[\]",:\\a1 ]{0,40}"#) {
            members(text.as_bytes()).into_iter().flatten().count();
        }

        #[test]
        fn a_string_member_is_found_behind_any_other(
            before in proptest::collection::vec(("[a-z]{1,5}", ".{0,20}"), 0..5), value in ".{0,40}",
        ) {
            let mut json = String::from("{");
            for (key, value) in &before {
                json += &format!("{}:[{}],", sonic_rs::to_string(key).unwrap(), sonic_rs::to_string(value).unwrap());
            }
            json += &format!("\"TYPE\":{}}}", sonic_rs::to_string(&value).unwrap());
            prop_assert_eq!(text(at_path(json.as_bytes(), &path(&["TYPE"])).unwrap()), Some(value));
        }
    }
}
