//! The letters of a query: where words, names, operators and values begin and end.

use super::{
    Field, Op, Path, QueryError, Span, Step, Text,
    error::cut,
    fields,
    letters::ends_a_word,
    print::{begins_a_name, in_a_name},
};

/// Longest word, phrase or value, in bytes.
pub const LONGEST_TEXT: usize = 4096;
/// Most wildcards in one.
pub const MOST_WILDCARDS: usize = 16;
/// Most steps of a path.
pub const MOST_STEPS: usize = 32;

pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }
    pub(super) const fn at(&self) -> usize {
        self.at
    }
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }
    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }
    pub(super) fn is_end(&self) -> bool {
        self.at >= self.text.len()
    }
    pub(super) fn space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }
    pub(super) fn character(&self, byte: usize) -> usize {
        self.text.get(..byte).map_or(0, |t| t.chars().count())
    }
    pub(super) fn here(&self, what: &str) -> Option<Span> {
        self.rest().starts_with(what).then(|| Span::new(self.at, self.at + what.len()))
    }
    pub(super) fn eat(&mut self, what: &str) -> Option<Span> {
        let span = self.here(what)?;
        self.at = span.end;
        Some(span)
    }
    pub(super) fn error(&self, span: Span, expected: impl Into<String>) -> QueryError {
        QueryError::new(self.text, span, expected)
    }
    /// At the next character, or at the end.
    pub(super) fn error_here(&self, expected: impl Into<String>) -> QueryError {
        self.error(self.one_character(self.at), expected)
    }
    fn one_character(&self, at: usize) -> Span {
        let next = self.text.get(at..).and_then(|t| t.chars().next());
        Span::new(at, at + next.map_or(0, char::len_utf8))
    }

    pub(super) fn is_keyword(&self, word: &str) -> bool {
        self.rest().strip_prefix(word).is_some_and(|after| after.chars().next().is_none_or(ends_a_word))
    }
    /// With the white space behind it.
    pub(super) fn keyword(&mut self, word: &str) -> Option<Span> {
        let span = self.is_keyword(word).then(|| self.eat(word)).flatten()?;
        self.space();
        Some(span)
    }
    /// A `-` before what begins a word is `NOT`.
    pub(super) fn minus(&mut self) -> Option<Span> {
        let next = self.rest().strip_prefix('-')?.chars().next()?;
        (next.is_alphanumeric() || matches!(next, '"' | '(' | '_' | '@' | '$' | '*')).then(|| self.eat("-")).flatten()
    }

    /// A field's name, if an operator follows it.
    pub(super) fn field(&mut self) -> Result<Option<(Field, Span)>, QueryError> {
        let start = self.at;
        let Some((steps, quoted, end)) = self.steps() else { return Ok(None) };
        let span = Span::new(start, end);
        let after = self.text.get(end..).unwrap_or_default();
        let op = |t: &str| Op::ALL.iter().copied().find(|op| t.starts_with(op.as_str()));
        if op(after).is_none() && op(after.trim_start()).is_none_or(|op| op == Op::Matches) {
            return Ok(None);
        }
        if steps.len() > MOST_STEPS {
            return Err(self.error(span, format!("a path of at most {MOST_STEPS} steps")));
        }
        self.at = end;
        let first = match steps.first() {
            Some(Step::Member(name)) if !quoted => name.as_str(),
            _ => "",
        };
        let field = match first {
            fields::PAYLOAD if steps.len() > 1 => Field::Path(Path(steps[1..].to_vec())),
            fields::HEADER => {
                let names: Option<Vec<_>> =
                    steps[1..].iter().map(|s| if let Step::Member(n) = s { Some(n.as_str()) } else { None }).collect();
                match names {
                    Some(names) if !names.is_empty() => Field::Header(names.join(".")),
                    _ => {
                        return Err(self
                            .error(span, "a header with its name, as in header.tenant")
                            .write("header.NAME"));
                    }
                }
            }
            name if steps.len() == 1 => fields::plain(name).unwrap_or_else(|| Field::Path(Path(steps.clone()))),
            _ => Field::Path(Path(steps)),
        };
        Ok(Some((field, span)))
    }

    /// The steps of something like a path, whether the first is in quotes, and where it ends.
    fn steps(&self) -> Option<(Vec<Step>, bool, usize)> {
        let mut look = Cursor { text: self.text, at: self.at };
        let (mut steps, quoted) = (Vec::new(), look.peek() == Some('"'));
        if !quoted && !look.peek().is_some_and(begins_a_name) {
            return None;
        }
        loop {
            steps.push(Step::Member(look.name()?));
            while look.eat("[").is_some() {
                let inner = look.rest().split_once(']')?.0;
                look.at += inner.len() + 1;
                steps.push(match inner {
                    "" | "*" => Step::Elements,
                    digits if digits.bytes().all(|b| b.is_ascii_digit()) => Step::Element(digits.parse().ok()?),
                    _ => return None,
                });
            }
            if look.eat(".").is_none() {
                return Some((steps, quoted, look.at));
            }
        }
    }

    fn name(&mut self) -> Option<String> {
        if self.peek() == Some('"') {
            return self.quoted().ok();
        }
        let rest = self.rest();
        let name = &rest[..rest.find(|c| !in_a_name(c)).unwrap_or(rest.len())];
        self.at += name.len();
        (!name.is_empty()).then(|| name.to_owned())
    }

    /// After a field, which one follows is known to be there.
    pub(super) fn op(&mut self, field: Span) -> Result<(Op, Span), QueryError> {
        self.space();
        let Some((op, span)) = Op::ALL.iter().find_map(|op| Some((*op, self.eat(op.as_str())?))) else {
            return Err(self.error_here("an operator: `:`, `=`, `!=`, `>`, `>=`, `<` or `<=`"));
        };
        if op != Op::Matches {
            self.space();
        } else if self.peek().is_none_or(char::is_whitespace) {
            let name = cut(self.text.get(field.start..field.end).unwrap_or_default());
            let error = self.error_here(format!("a value right after `{name}:`"));
            return Err(
                error.todo(format!("Write {name}:* for any value, or \"{name}:\" in quotes for the text itself."))
            );
        }
        Ok((op, span))
    }

    pub(super) fn value(
        &mut self,
        field: &Field,
        name: Span,
        op: Op,
        op_span: Span,
    ) -> Result<(Text, Span), QueryError> {
        let start = self.at;
        let name = cut(self.text.get(name.start..name.end).unwrap_or_default());
        match self.peek() {
            None | Some(')') => return Err(self.error_here(format!("a value after `{}`", op.as_str()))),
            Some('(') => {
                let error = self.error_here("one value");
                return Err(error.todo(format!("Write each with its field, as in ({name}:a OR {name}:b).")));
            }
            Some('[') if self.rest().contains(" TO ") => {
                let error = self.error_here("one value");
                return Err(error.todo(format!("A range is two comparisons: {name}>=1 {name}<=5.")));
            }
            Some('=' | '<' | '>') => return Err(self.two_operators(op_span)),
            Some('/') if op == Op::Matches && self.rest().starts_with("//") && matches!(field, Field::Path(_)) => {
                let run = cut(self.run(start));
                let error = self.error_here("a value");
                return Err(error.todo(format!("An address is looked for in quotes: \"{name}:{run}\".")));
            }
            _ => {}
        }
        let value = if self.peek() == Some('"') { Text::Quoted(self.quoted()?) } else { Text::Bare(self.bare(false)?) };
        let span = Span::new(start, self.at);
        self.bounded(&value, span)?;
        Ok((value, span))
    }

    /// An operator behind another, as other languages write them.
    fn two_operators(&self, first: Span) -> QueryError {
        let more = self.rest();
        let more = more.find(|c| !matches!(c, '=' | '<' | '>')).unwrap_or(more.len());
        let span = Span::new(first.start, self.at + more);
        let written = self.text.get(span.start..span.end).unwrap_or_default().replace(char::is_whitespace, "");
        let meant = match written.as_str() {
            "==" | "===" | ":=" => "=",
            "!==" | "<>" => "!=",
            "=>" | ":>=" => ">=",
            "=<" | ":<=" => "<=",
            ":>" => ">",
            ":<" => "<",
            _ => {
                return self.error(span, "one operator").todo("A value that begins with such a sign stands in quotes.");
            }
        };
        self.error(span, "one operator")
            .todo(format!("Write `{meant}`; a value that begins with such a sign stands in quotes."))
            .write(meant)
    }

    /// A word or phrase without a field.
    pub(super) fn free(&mut self) -> Result<(Text, Span), QueryError> {
        let start = self.at;
        let run = self.run(start);
        if let Some(op) = Op::ALL.iter().find(|op| run.starts_with(op.as_str())) {
            let span = Span::new(start, start + op.as_str().len());
            return Err(self.error(span, format!("a field before `{}`, as in data.amount>900", op.as_str())));
        }
        let instead = match run {
            "&&" | "&" => Some("AND"),
            "||" | "|" => Some("OR"),
            _ if run.starts_with('!') && (run.len() > 1 || self.rest()[1..].starts_with(['(', '"'])) => Some("NOT "),
            _ => None,
        };
        if let Some(word) = instead {
            let span = Span::new(start, start + if word == "NOT " { 1 } else { run.len() });
            let error = self.error(span, "a word or a comparison");
            return Err(error
                .todo(format!("Write {}; what is meant as such stands in quotes.", word.trim_end()))
                .write(word));
        }
        let text = if self.peek() == Some('"') { Text::Quoted(self.quoted()?) } else { Text::Bare(self.bare(true)?) };
        let span = Span::new(start, self.at);
        if text.literal() == Some("") {
            return Err(self.error(span, "some letters in the quotes"));
        }
        self.bounded(&text, span)?;
        Ok((text, span))
    }

    /// Up to white space, a bracket or a quote.
    pub(super) fn run(&self, from: usize) -> &'a str {
        let rest = self.text.get(from..).unwrap_or_default();
        &rest[..rest.find(ends_a_word).unwrap_or(rest.len())]
    }

    fn bounded(&self, text: &Text, span: Span) -> Result<(), QueryError> {
        if span.end - span.start > LONGEST_TEXT {
            return Err(self.error(span, format!("at most {LONGEST_TEXT} bytes here")));
        }
        if text.parts().len() > MOST_WILDCARDS + 1 {
            return Err(self.error(span, format!("at most {MOST_WILDCARDS} wildcards in one word")));
        }
        match self.peek() {
            None | Some(')') => Ok(()),
            Some(c) if c.is_whitespace() => Ok(()),
            Some(_) => Err(self
                .error_here("white space")
                .todo("Put the whole text in quotes if this belongs to it; a quote inside is written \\\"")),
        }
    }
}
