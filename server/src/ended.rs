//! How a command ends when it can't do its work: words for a person, and a number for the shell.

use std::{fmt, io};

use crate::print::{WIDTH, wrapped};

/// Exit codes, which the README lists: they are part of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Code {
    /// Whoever read the output has gone: nothing went wrong.
    Quiet = 0,
    Failed = 1,
    /// What was asked can't be right. clap's own mistakes end with the same number.
    Usage = 2,
    /// The token is missing, ended, or lacks a permission.
    NotAllowed = 3,
    /// The server can't be reached, or is not ready.
    Unreachable = 4,
}

/// What happened, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    pub code: Code,
    pub what: String,
    pub what_to_do: String,
}

impl Ended {
    pub fn new(code: Code, what: impl Into<String>, what_to_do: impl Into<String>) -> Self {
        Self { code, what: what.into(), what_to_do: what_to_do.into() }
    }
    pub fn usage(what: impl Into<String>, what_to_do: impl Into<String>) -> Self {
        Self::new(Code::Usage, what, what_to_do)
    }
    pub fn unreachable(what: impl Into<String>, what_to_do: impl Into<String>) -> Self {
        Self::new(Code::Unreachable, what, what_to_do)
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&wrapped(&self.what, WIDTH, ""))?;
        if self.what_to_do.is_empty() { Ok(()) } else { write!(f, "\n{}", wrapped(&self.what_to_do, WIDTH, "")) }
    }
}

impl std::error::Error for Ended {}

impl From<io::Error> for Ended {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::new(Code::Quiet, "", "");
        }
        Self::new(Code::Failed, format!("The output can't be written: {error}."), "")
    }
}
