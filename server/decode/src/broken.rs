use weir_domain::events::NotJson;

/// Why a payload can't be read in a format, with the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error(transparent)]
    Json(#[from] NotJson),
    /// Line and column are counted from 1, in bytes.
    #[error("line {line}, column {column}: {what}")]
    Line { line: usize, column: usize, what: &'static str },
    /// Counted from 1.
    #[error("byte {at}: {what}")]
    Byte { at: usize, what: &'static str },
    #[error("{0}")]
    Whole(&'static str),
}

impl Broken {
    /// At the place `at` of a text.
    pub(crate) fn in_text(text: &[u8], at: usize, what: &'static str) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        let column = before.iter().rev().take_while(|b| **b != b'\n').count() + 1;
        Self::Line { line, column, what }
    }

    /// At the place `at` of bytes.
    pub(crate) const fn at(at: usize, what: &'static str) -> Self {
        Self::Byte { at: at + 1, what }
    }
}
