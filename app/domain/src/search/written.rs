//! Words, phrases and values as somebody wrote them.

/// What to look for or to compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// As typed: may hold wildcards, may be a number.
    Bare(Pattern),
    /// In quotes: letter by letter.
    Quoted(String),
}

/// Literals with a wildcard between each two; only the first and the last may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<String>);

impl Pattern {
    /// Neighbouring wildcards become one.
    pub fn new(literals: impl IntoIterator<Item = String>) -> Self {
        let all: Vec<_> = literals.into_iter().collect();
        let last = all.len().saturating_sub(1);
        let mut parts: Vec<_> = all
            .into_iter()
            .enumerate()
            .filter(|(i, l)| *i == 0 || *i == last || !l.is_empty())
            .map(|(_, l)| l)
            .collect();
        if parts.is_empty() {
            parts.push(String::new());
        }
        Self(parts)
    }
    pub fn parts(&self) -> &[String] {
        &self.0
    }
    /// The text, where there is no wildcard.
    pub fn literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
    /// `*` and nothing else.
    pub fn is_any(&self) -> bool {
        self.0.len() > 1 && self.0.iter().all(String::is_empty)
    }
}

impl Text {
    /// A word without wildcards. What can't stand alone is put in quotes.
    pub fn word(text: &str) -> Self {
        match text {
            "" => Self::Quoted(String::new()),
            text => Self::Bare(Pattern::new([text.to_owned()])),
        }
    }
    /// The letters, where there is no wildcard.
    pub fn literal(&self) -> Option<&str> {
        match self {
            Self::Bare(p) => p.literal(),
            Self::Quoted(q) => Some(q),
        }
    }
    pub fn is_any(&self) -> bool {
        matches!(self, Self::Bare(p) if p.is_any())
    }
    /// The literals around the wildcards.
    pub fn parts(&self) -> &[String] {
        match self {
            Self::Bare(p) => p.parts(),
            Self::Quoted(q) => std::slice::from_ref(q),
        }
    }
    /// As a free word: words that would be read as something else stand in quotes, which mean the same.
    pub(super) fn free(self) -> Self {
        let Some(text) = self.literal() else { return self };
        let taken = matches!(text, "" | "AND" | "OR" | "NOT" | "&" | "&&" | "|" | "||") || text.starts_with(['-', '!']);
        if taken { Self::Quoted(text.to_owned()) } else { self }
    }
}
