//! What is wrong in a configuration, told so that it can be put right without a manual.

use std::fmt;

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A line of the file, from 1.
    Line(usize),
    /// An environment variable that stands over the file.
    Environment(String),
}

/// One thing to put right. Never holds the value of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub place: Place,
    /// `sources.shop.capture`
    pub key: String,
    /// Goes on after the key: "is missing".
    pub what: String,
    pub expected: String,
    /// Lines as they would stand in the file.
    pub example: String,
}

/// Every mistake of one configuration, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Mistakes {
    /// The file's name as the person gave it.
    pub file: String,
    pub all: Vec<Mistake>,
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for mistake in &self.all {
            match &mistake.place {
                Place::Line(line) => write!(f, "{}:{line}: ", self.file)?,
                Place::Environment(variable) => write!(f, "environment {variable}: ")?,
            }
            writeln!(f, "{} {}", mistake.key, mistake.what)?;
            writeln!(f, "    expected: {}", mistake.expected)?;
            let mut label = "example: ";
            for line in mistake.example.lines() {
                writeln!(f, "    {label} {line}")?;
                label = "         ";
            }
        }
        match self.all.len() {
            1 => writeln!(f, "1 mistake in {}.", self.file),
            n => writeln!(f, "{n} mistakes in {}.", self.file),
        }
    }
}
