//! A short reading of a payload's head for a list: the fields a person looks for first in JSON,
//! the first line of text, the size of anything else.

use super::{row::HEAD, text};
use std::cmp::Reverse;

/// Characters, at most.
pub(super) const LONGEST: usize = 120;
const MOST_FIELDS: usize = 5;
const LONGEST_NAME: usize = 30;
const LONGEST_VALUE: usize = 40;

/// `head` is the payload, or its first 512 bytes.
pub(super) fn of(head: &[u8]) -> String {
    let cut = head.len() >= HEAD;
    let limit = if cut { head.len() - 1 } else { head.len() };
    let Some(text) = text::head(head, limit).filter(|t| !t.contains('\0')) else {
        return if cut { format!("binary, {HEAD} bytes or more") } else { format!("binary, {} bytes", head.len()) };
    };
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with(['{', '[']) {
        let fields = Scan::new(text, cut).fields();
        if let Some(told) = told(fields) {
            return told;
        }
    }
    short(text.lines().find(|l| !l.trim().is_empty()).unwrap_or_default(), LONGEST)
}

fn told(mut fields: Vec<Field>) -> Option<String> {
    // A CloudEvents envelope (specversion beside data) tells less than what it holds.
    let envelope = fields.iter().any(|f| f.depth == 1 && f.name == "specversion");
    if envelope && fields.iter().any(|f| f.depth > 1) {
        fields.retain(|f| f.depth > 1);
    }
    fields.retain(|f| !f.value.trim().is_empty() && !f.name.trim().is_empty());
    let mut order: Vec<usize> = (0..fields.len()).collect();
    order.sort_by_key(|i| (Reverse(weight(&fields[*i], envelope)), *i));
    order.truncate(MOST_FIELDS);
    order.sort_unstable();
    let parts: Vec<_> = order
        .iter()
        .map(|i| format!("{} {}", short(&fields[*i].name, LONGEST_NAME), short(&fields[*i].value, LONGEST_VALUE)))
        .collect();
    (!parts.is_empty()).then(|| short(&parts.join(", "), LONGEST))
}

/// What a person looks for first: why it failed, how it stands, how much, which one.
fn weight(field: &Field, envelope: bool) -> i32 {
    const LAST_WORDS: &[(i32, &[&str])] = &[
        (8, &["reason", "error", "message", "exception", "cause"]),
        (7, &["status", "state", "outcome", "result", "action", "step"]),
        (6, &["amount", "total", "price", "value", "currency", "quantity", "qty", "count", "sum", "balance"]),
        (6, &["id", "number", "no", "reference", "ref", "sku", "code", "key"]),
        (4, &["name", "type", "kind", "method", "carrier", "route", "title", "country"]),
        (1, &["time", "timestamp", "date", "at", "version", "schema", "traceparent"]),
    ];
    let words = words(&field.name);
    let last = words.last().map_or("", String::as_str);
    let technical =
        last == "id" && words.iter().any(|w| ["trace", "span", "request", "correlation"].contains(&w.as_str()));
    let worth = if technical {
        1
    } else {
        LAST_WORDS.iter().find(|(_, list)| list.contains(&last)).map_or(3, |(worth, _)| *worth)
    };
    let nesting = i32::try_from(field.depth).unwrap_or(i32::MAX).saturating_sub(1 + i32::from(envelope)).max(0);
    let empty = if field.word && matches!(field.value.as_str(), "null" | "true" | "false") { 2 } else { 0 };
    worth - nesting.saturating_mul(2).min(6) - empty
}

/// `orderId`, `order_id` and `ORDER-ID` are all "order", "id".
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && before.is_lowercase()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut()
            && c.is_alphanumeric()
        {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|w| !w.is_empty());
    words
}

/// One line without control or direction characters, at most `most` characters.
fn short(text: &str, most: usize) -> String {
    let mut out = String::new();
    let text = text.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    let mut chars = text.chars().map(harmless);
    for _ in 0..most {
        match chars.next() {
            Some(c) => out.push(c),
            None => return out,
        }
    }
    if chars.next().is_some() {
        out.pop();
        out.push('…');
    }
    out
}

/// A payload must not be able to reorder or hide the text beside it.
fn harmless(c: char) -> char {
    match c {
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}' => '\u{fffd}',
        c if c.is_control() => ' ',
        c => c,
    }
}

/// A scalar member of some object.
struct Field {
    name: String,
    value: String,
    /// 1 for members of the outermost object.
    depth: usize,
    /// A number, `true`, `false` or `null`.
    word: bool,
}

/// Reads as many members as the head holds; what is cut or malformed ends the reading, not the event.
struct Scan<'a> {
    rest: &'a str,
    /// The text goes on beyond `rest`: an unfinished number may have more digits.
    cut: bool,
    depth: usize,
    name: Option<String>,
    found: Vec<Field>,
}

const DEEPEST: usize = 6;
const ENOUGH: usize = 64;

impl<'a> Scan<'a> {
    const fn new(rest: &'a str, cut: bool) -> Self {
        Self { rest, cut, depth: 0, name: None, found: Vec::new() }
    }

    fn fields(mut self) -> Vec<Field> {
        while self.found.len() < ENOUGH && self.step().is_some() {}
        self.found
    }

    fn step(&mut self) -> Option<()> {
        self.rest = self.rest.trim_start();
        let first = self.rest.chars().next()?;
        match first {
            '{' | '[' => {
                self.depth += 1;
                self.name = None;
                self.rest = self.rest.get(1..)?;
                (self.depth <= DEEPEST).then_some(())
            }
            '}' | ']' => {
                self.depth = self.depth.checked_sub(1)?;
                self.rest = self.rest.get(1..)?;
                (self.depth > 0).then_some(())
            }
            ',' => {
                self.name = None;
                self.rest = self.rest.get(1..)?;
                Some(())
            }
            '"' => {
                let text = self.string()?;
                self.rest = self.rest.trim_start();
                match self.rest.strip_prefix(':') {
                    Some(rest) if self.name.is_none() => {
                        self.rest = rest;
                        self.name = Some(text);
                    }
                    _ => self.keep(text, false),
                }
                Some(())
            }
            _ => {
                let end = self.rest.find([',', '}', ']', ' ', '\t', '\r', '\n']);
                let end = end.or_else(|| (!self.cut).then_some(self.rest.len()))?;
                let (word, rest) = self.rest.split_at_checked(end)?;
                let known = matches!(word, "true" | "false" | "null")
                    || word.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
                if word.is_empty() || !known {
                    return None;
                }
                self.rest = rest;
                self.keep(word.to_owned(), true);
                Some(())
            }
        }
    }

    fn keep(&mut self, value: String, word: bool) {
        if let Some(name) = self.name.take()
            && !self.found.iter().any(|f| f.name == name && f.depth == self.depth)
        {
            self.found.push(Field { name, value, depth: self.depth, word });
        }
    }

    /// A whole string, unescaped as far as a summary needs it; `None` if it is cut.
    fn string(&mut self) -> Option<String> {
        let body = self.rest.get(1..)?;
        let mut out = String::new();
        let mut chars = body.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = body.get(at + 1..)?;
                    return Some(out);
                }
                '\\' => match chars.next()?.1 {
                    'u' => {
                        let digits: String = (0..4).map_while(|_| chars.next()).map(|(_, c)| c).collect();
                        let unit = u32::from_str_radix(&digits, 16).ok()?;
                        out.push(char::from_u32(unit).unwrap_or('\u{fffd}'));
                    }
                    'b' | 'f' | 'n' | 'r' | 't' => out.push(' '),
                    plain => out.push(plain),
                },
                c => out.push(c),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tells_what_a_person_looks_for() {
        for (payload, want) in [
            (
                r#"{"orderId":"ord-4711","amount":12990,"currency":"EUR"}"#,
                "orderId ord-4711, amount 12990, currency EUR",
            ),
            (
                r#"{"specversion":"1.0","id":"9c1e","source":"/shop","type":"payment.failed","data":{"orderId":"ord-1","reason":"card declined","at":"2026-11-22T14:32:08Z","customer":{"id":"cus-9"}}}"#,
                "orderId ord-1, reason card declined, at 2026-11-22T14:32:08Z, id cus-9",
            ),
            (
                r#"{"traceId":"aa","a":1,"b":2,"c":3,"d":4,"e":5,"status":"late","createdAt":"x","reason":"why"}"#,
                "a 1, b 2, c 3, status late, reason why",
            ),
            (
                r#"{"paid":"p","format":"f","valid":"v","grid":"g","ORDER-ID":"o","a":"1","created_at":"t"}"#,
                "paid p, format f, valid v, grid g, ORDER-ID o",
            ),
            (r#"{"specversion":"1.0","id":"9c1e","type":"x"}"#, "specversion 1.0, id 9c1e, type x"),
            (r#"{"id":1,"note":"","paid":null}"#, "id 1, paid null"),
            (r#"[{"sku":"HB-2291","qty":2},{"sku":"HB-1"}]"#, "sku HB-2291, qty 2"),
            ("{\"id\":\"a\", \"x\" 2}", "id a"),
            ("{\"id\":\"a\\u0041\\n\\\"b\"}", "id aA \"b"),
            ("[1,2,3]", "[1,2,3]"),
            ("{not json", "{not json"),
            ("\n  first line \nsecond", "first line"),
            ("", ""),
            ("\u{202e}evil\u{7}", "\u{fffd}evil"),
        ] {
            assert_eq!(of(payload.as_bytes()), want, "{payload}");
        }
        assert_eq!(of(&[0, 159, 146]), "binary, 3 bytes");
        assert_eq!(of(&[0xff; HEAD]), "binary, 512 bytes or more");
    }

    #[test]
    fn a_cut_head_tells_only_what_is_whole() {
        let start = r#"{"id":"x","note":""#;
        let head = format!("{start}{}", "é".repeat(HEAD));
        assert_eq!(of(&head.as_bytes()[..HEAD]), "id x", "the note is cut inside a character");
        let mut number = format!(r#"{{"id":"x","pad":[{}],"total":12"#, "1,".repeat(300));
        number = number.split_off(0).chars().take(HEAD).collect();
        assert_eq!(of(number.as_bytes()), "id x");
    }

    proptest! {
        #[test]
        fn bytes_never_panic_and_stay_short(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            prop_assert!(of(&bytes).chars().count() <= LONGEST);
        }

        #[test]
        fn text_like_json_never_panics_and_stays_short(s in r#"[\[{]([\[\]{}",:0-9e.a\\uéñ😀\n \u{202e}-]|"id":|"reason":"){0,120}"#) {
            let told = of(s.as_bytes());
            prop_assert!(told.chars().count() <= LONGEST);
            let harmful = told.chars().any(|c| c.is_control() || c == '\u{202e}');
            prop_assert!(!harmful);
        }

        #[test]
        fn the_first_field_of_small_json_is_told(value in "[a-z0-9]{1,20}") {
            prop_assert_eq!(of(format!("{{\"reason\":\"{value}\"}}").as_bytes()), format!("reason {value}"));
        }
    }
}
