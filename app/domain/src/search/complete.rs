//! What could be written at the cursor. Pure: what the answers are (channels, types, fields seen in traffic) is the
//! caller's to know.

use super::{Field, LONGEST, Op, Span, fields, fields::FIELDS, term::Cursor, text::folded};

/// See [`complete`](Completion::at).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    pub wanted: Wanted,
    /// What the chosen text takes the place of, the rest of the word behind the cursor included.
    pub replace: Span,
    /// What was typed of it before the cursor.
    pub typed: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A field's name, or a free word; between two terms also `AND` and `OR`.
    FieldOrWord,
    /// A header's name, behind `header.`.
    HeaderName,
    /// The next name of a path, below those in `parents`.
    Member {
        parents: Vec<String>,
    },
    /// An operator behind a field.
    Operator(Field),
    Value {
        field: Field,
        op: Op,
    },
    /// Inside a phrase: nothing is offered.
    Nothing,
}

impl Completion {
    /// At a place of the text, in bytes; one inside a character counts as before it.
    pub fn at(text: &str, cursor: usize) -> Self {
        let cursor = text.floor_char_boundary(cursor.min(text.len()));
        if text.len() > LONGEST {
            return Self { wanted: Wanted::Nothing, replace: Span::new(cursor, cursor), typed: String::new() };
        }
        let before = &text[..cursor];
        let start = term_start(before);
        let term = &before[start..];
        let all = &text[start..word_end(text, cursor)];
        let make = |wanted, from: usize, end: usize| Self {
            wanted,
            replace: Span::new(from, end),
            typed: before[from..].to_owned(),
        };
        let end = word_end(text, cursor);
        // A field with its operator before the cursor: its value is wanted.
        let mut at = Cursor::new(term);
        if let Ok(Some((field, _))) = at.field()
            && let Some((op, from)) = operator(term, at.at())
        {
            return make(Wanted::Value { field, op }, start + from, end);
        }
        if term.starts_with('"') && !closed(term) {
            return make(Wanted::Nothing, cursor, cursor);
        }
        // As if an operator followed: is it a name so far?
        let name = |text: &str| Cursor::new(&format!("{text}:x")).field().ok().flatten().map(|(field, _)| field);
        if let Some(dot) = last_dot(term) {
            let parents: Vec<_> = match name(&term[..dot]) {
                Some(Field::Path(path)) => path
                    .0
                    .iter()
                    .filter_map(|s| if let super::Step::Member(n) = s { Some(n.clone()) } else { None })
                    .collect(),
                Some(Field::Payload) => Vec::new(),
                // `type.` is below a member of that name.
                Some(
                    plain @ (Field::Type
                    | Field::Channel
                    | Field::Source
                    | Field::Environment
                    | Field::Key
                    | Field::Partition
                    | Field::Offset
                    | Field::Size
                    | Field::Time
                    | Field::Captured),
                ) => vec![fields::name(&plain).to_owned()],
                Some(Field::Header(_)) => {
                    return make(Wanted::HeaderName, start + fields::HEADER.len() + 1, name_end(text, cursor));
                }
                None if &term[..dot] == fields::HEADER => {
                    return make(Wanted::HeaderName, start + dot + 1, name_end(text, cursor));
                }
                None => return make(Wanted::FieldOrWord, start, end),
            };
            return make(Wanted::Member { parents }, start + dot + 1, name_end(text, cursor));
        }
        // Behind a whole name and white space only an operator could make a field of it.
        if let Some(field) = name(term)
            && cursor == start + all.len()
            && FIELDS.iter().any(|f| f.name == term)
            && term != fields::HEADER
        {
            return make(Wanted::Operator(field), cursor, cursor);
        }
        make(Wanted::FieldOrWord, start, name_end(text, cursor))
    }

    /// The event's own fields that begin with what was typed.
    pub fn fields(&self) -> impl Iterator<Item = &'static fields::FieldHelp> {
        let typed = (self.wanted == Wanted::FieldOrWord).then(|| folded(&self.typed));
        FIELDS.iter().filter(move |f| typed.as_ref().is_some_and(|t| f.name.starts_with(t.as_str())))
    }
}

/// Where the term before the cursor begins: behind the last white space or bracket outside of quotes, unless that
/// stands around an operator.
fn term_start(before: &str) -> usize {
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    for (at, c) in before.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == '"' {
            quoted = !quoted;
        } else if !quoted && (c.is_whitespace() || matches!(c, '(' | ')')) {
            let after = &before[at + c.len_utf8()..];
            if c.is_whitespace() && after.starts_with(char::is_whitespace) {
                // The last of a stretch decides.
                continue;
            }
            let term = before[start..at].trim();
            let around =
                after.starts_with(['=', '<', '>']) || after.starts_with("!=") || term.ends_with(['=', '<', '>']);
            // `a > ` wants a value, and `a > 5 ` something new.
            let joined = c.is_whitespace() && around && !term.is_empty() && !(after.is_empty() && has_value(term));
            if !joined {
                start = at + c.len_utf8();
            }
        }
    }
    // `-word` is NOT.
    if before[start..].starts_with('-') { start + 1 } else { start }
}

fn has_value(term: &str) -> bool {
    let mut at = Cursor::new(term);
    matches!(at.field(), Ok(Some(_))) && operator(term, at.at()).is_some_and(|(_, from)| from < term.len())
}

/// The operator behind a name that ends at `at`, and where its value begins.
fn operator(term: &str, at: usize) -> Option<(Op, usize)> {
    let rest = term[at..].trim_start();
    let op = Op::ALL.iter().copied().find(|op| rest.starts_with(op.as_str()))?;
    let rest = &rest[op.as_str().len()..];
    let rest = if op == Op::Matches { rest } else { rest.trim_start() };
    Some((op, term.len() - rest.len()))
}

/// The last dot of a name that is not in quotes.
fn last_dot(term: &str) -> Option<usize> {
    let (mut dot, mut quoted) = (None, false);
    for (at, c) in term.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '.' if !quoted => dot = Some(at),
            _ => {}
        }
    }
    dot
}

fn closed(term: &str) -> bool {
    let (mut quotes, mut escaped) = (0, false);
    for c in term.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quotes += 1,
            _ => {}
        }
    }
    quotes % 2 == 0
}

fn word_end(text: &str, cursor: usize) -> usize {
    let rest = &text[cursor..];
    cursor + rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"')).unwrap_or(rest.len())
}

/// A name ends earlier: at a dot, an index or an operator.
fn name_end(text: &str, cursor: usize) -> usize {
    let rest = &text[cursor..];
    cursor + rest.find(|c| !super::print::in_a_name(c)).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `|` is the cursor.
    fn at(marked: &str) -> (Wanted, String, String) {
        let cursor = marked.find('|').unwrap();
        let text = marked.replace('|', "");
        let c = Completion::at(&text, cursor);
        (c.wanted, c.typed, text[c.replace.start..c.replace.end].to_owned())
    }

    #[test]
    fn tells_what_is_wanted() {
        let path = |names: &[&str]| {
            Field::Path(super::super::Path(names.iter().map(|n| super::super::Step::Member((*n).to_owned())).collect()))
        };
        let member = |names: &[&str]| Wanted::Member { parents: names.iter().map(|n| (*n).to_owned()).collect() };
        let value = |field, op| Wanted::Value { field, op };
        for (text, wanted, typed, replaced) in [
            ("|", Wanted::FieldOrWord, "", ""),
            ("ty|", Wanted::FieldOrWord, "ty", "ty"),
            ("t|y:x", Wanted::FieldOrWord, "t", "ty"),
            ("foo (ch|", Wanted::FieldOrWord, "ch", "ch"),
            ("-ty|", Wanted::FieldOrWord, "ty", "ty"),
            ("type|", Wanted::Operator(Field::Type), "", ""),
            ("type:|", value(Field::Type, Op::Matches), "", ""),
            ("a type:pay|ment.x b", value(Field::Type, Op::Matches), "pay", "payment.x"),
            ("type:a |", Wanted::FieldOrWord, "", ""),
            ("channel:\"my ord|", value(Field::Channel, Op::Matches), "\"my ord", "\"my ord"),
            ("data.|", member(&["data"]), "", ""),
            ("data.items[0].s|k:5", member(&["data", "items"]), "s", "sk"),
            ("payload.|", member(&[]), "", ""),
            ("type.n|", member(&["type"]), "n", "n"),
            ("data.amount>|", value(path(&["data", "amount"]), Op::Above), "", ""),
            ("data.amount >= 9|", value(path(&["data", "amount"]), Op::AtLeast), "9", "9"),
            ("data.amount > |", value(path(&["data", "amount"]), Op::Above), "", ""),
            ("data.amount > 9 |", Wanted::FieldOrWord, "", ""),
            ("header.te|", Wanted::HeaderName, "te", "te"),
            ("header.|x", Wanted::HeaderName, "", "x"),
            ("header.tenant:ac|", value(Field::Header("tenant".into()), Op::Matches), "ac", "ac"),
            ("\"a phr|ase\"", Wanted::Nothing, "", ""),
            ("\"a phrase\" é|", Wanted::FieldOrWord, "é", "é"),
        ] {
            assert_eq!(at(text), (wanted, typed.to_owned(), replaced.to_owned()), "{text}");
        }
    }

    #[test]
    fn offers_the_fields_of_an_event() {
        let names: Vec<_> = Completion::at("foo t", 5).fields().map(|f| f.name).collect();
        assert_eq!(names, ["type", "time"]);
        assert_eq!(Completion::at("type:", 5).fields().count(), 0);
    }

    proptest! {
        #[test]
        fn never_panics(text in r#"([a-z.]{1,4}|[ :=!<>()"*\\.\[\]0-9-]|>=|é|type|header\.){0,12}"#, cursor in 0usize..40) {
            let c = Completion::at(&text, cursor);
            prop_assert!(text.get(c.replace.start..c.replace.end).is_some(), "{:?}", c);
            prop_assert!(c.replace.start <= cursor.min(text.len()) && text[..c.replace.end].len() >= c.typed.len());
        }
    }
}
