//! Mistakes of an expression, told as those of the query language are: where they stand, and what was expected there.

use cel::ParseErrors;
use weir_domain::search::{QueryError, Span};

/// Where an expression stands in the text of the query bar.
#[derive(Clone, Copy)]
pub(crate) struct Place<'t> {
    pub(crate) text: &'t str,
    pub(crate) source: &'t str,
}

impl Place<'_> {
    /// So many characters of the expression from one on.
    pub(crate) fn span(self, from: usize, characters: usize) -> Span {
        let base = self.text.len() - self.source.len();
        let byte = |n: usize| self.source.char_indices().nth(n).map_or(self.source.len(), |(at, _)| at);
        Span::new(base + byte(from), base + byte(from + characters))
    }

    pub(crate) fn error(self, span: Span, expected: impl Into<String>) -> QueryError {
        QueryError::new(self.text, span, expected)
    }

    /// The first of what the parser has to say.
    pub(crate) fn told(self, errors: &ParseErrors) -> QueryError {
        let Some(first) = errors.errors.iter().find(|e| !e.msg.contains("ecursion")) else {
            let whole = self.span(0, self.source.chars().count());
            return self.error(whole, "less nested in one another").todo("Leave out brackets that change nothing.");
        };
        let message = first.msg.strip_prefix("Syntax error: ").unwrap_or(&first.msg);
        let character = self.character(first.pos);
        let found = between(message, "at: '", "'").or_else(|| between(message, "input '", "' expecting"));
        let found = found.or_else(|| between(message, "at '", "'").or_else(|| between(message, "input '", "'")));
        let length = match found {
            Some("<EOF>") | None => 0,
            Some(found) => found.trim_end().chars().count(),
        };
        let span = match found {
            Some("<EOF>") => self.span(self.source.chars().count(), 0),
            None => self.span(character, 1),
            Some(_) => self.span(character, length),
        };
        if message.starts_with("token recognition error") {
            return match found.unwrap_or_default().trim_end() {
                "=" => self.error(span, "`==`, which asks whether two values are equal").write("=="),
                "&" => self.error(span, "`&&`").write("&&"),
                "|" => self.error(span, "`||`").write("||"),
                text if text.contains(['"', '\'']) => self.error(
                    span,
                    "a text that ends with the quote that it begins with, and has no line end or unknown `\\` in it",
                ),
                _ => self.error(span, "a name, a number, a text in quotes or an operator"),
            };
        }
        let expected = match message.split_once("expecting ").map(|(_, expected)| expected.trim()) {
            Some(set) if set.contains("IDENTIFIER") && set.contains("STRING") => {
                "a value: a name, a number, a text in quotes, or something in brackets".to_owned()
            }
            Some(set) if set.contains("<EOF>") => "an operator or the end".to_owned(),
            Some(set) if set.contains("IDENTIFIER") => "a name".to_owned(),
            Some(set) => set.trim_matches(['{', '}']).replace("', '", "` or `").replace('\'', "`"),
            None => match between(message, "missing ", " at ") {
                Some(missing) => missing.replace('\'', "`"),
                None if message.starts_with("invalid int") => "a whole number of at most 64 bits".to_owned(),
                None if message.contains("has()") => "a member in has(…), as in has(data.amount)".to_owned(),
                None if message.contains("simple name") => {
                    "a name for each element, as in list.all(x, x > 0)".to_owned()
                }
                None => "an expression".to_owned(),
            },
        };
        let error = self.error(span, expected);
        match found {
            Some("AND" | "and") => error.todo("CEL writes && between two conditions that must both hold."),
            Some("OR" | "or") => error.todo("CEL writes || between two conditions of which one is enough."),
            Some("NOT" | "not") => error.todo("CEL writes ! before a condition that must not hold."),
            Some(":") => {
                error.todo("CEL compares by ==, !=, <, <=, > and >=; without cel: this is the query language.")
            }
            _ => error,
        }
    }

    /// Of line and column, both from 1.
    fn character(self, (line, column): (isize, isize)) -> usize {
        let line = usize::try_from(line - 1).unwrap_or(0);
        let before: usize = self.source.split_inclusive('\n').take(line).map(|l| l.chars().count()).sum();
        before + usize::try_from(column - 1).unwrap_or(0)
    }
}

fn between<'m>(message: &'m str, from: &str, to: &str) -> Option<&'m str> {
    let (_, rest) = message.split_once(from)?;
    let end = if to == "'" { rest.rfind(to)? } else { rest.find(to)? };
    rest.get(..end)
}
