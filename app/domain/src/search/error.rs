use std::fmt;

/// A stretch of the query's text, in bytes; both ends lie between characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }
}

/// Why a text is no query: where, what was expected there, and how it could be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    /// What is at fault, in bytes.
    pub span: Span,
    /// Where `span` begins, in characters from 0.
    pub character: usize,
    /// How many characters `span` has; 0 at the end of the text.
    pub characters: usize,
    /// What stands there, cut to a line; empty at the end of the text.
    pub found: String,
    /// What was expected there: the rest of "expected …".
    pub expected: String,
    /// What to do about it, as a sentence.
    pub what_to_do: Option<String>,
    /// A text that can stand in place of `span`.
    pub write: Option<String>,
}

impl QueryError {
    pub fn new(text: &str, span: Span, expected: impl Into<String>) -> Self {
        let found = text.get(span.start..span.end).unwrap_or_default();
        Self {
            span,
            character: text.get(..span.start).map_or(0, |t| t.chars().count()),
            characters: found.chars().count(),
            found: cut(found),
            expected: expected.into(),
            what_to_do: None,
            write: None,
        }
    }

    pub fn todo(mut self, what: impl Into<String>) -> Self {
        self.what_to_do = Some(what.into());
        self
    }

    pub fn write(mut self, text: impl Into<String>) -> Self {
        self.write = Some(text.into());
        self
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "At character {}: expected {}", self.character + 1, self.expected)?;
        match self.found.as_str() {
            "" => f.write_str(", found the end.")?,
            found => write!(f, ", found `{found}`.")?,
        }
        if let Some(what) = &self.what_to_do {
            write!(f, " {what}")?;
        }
        Ok(())
    }
}

impl std::error::Error for QueryError {}

/// Longest piece of the query that is told back, in characters.
const TOLD: usize = 40;

pub(super) fn cut(text: &str) -> String {
    let mut chars = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut out: String = chars.by_ref().take(TOLD).collect();
    if chars.next().is_some() {
        out.push('…');
    }
    out
}
