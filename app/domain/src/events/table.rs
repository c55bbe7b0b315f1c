//! A table of events: which columns it has, and what stands in them.

use super::{EventPage, Masked};
use crate::search::Path;
use serde::{Deserialize, Serialize};

/// Columns of one table, at most.
pub const MOST_COLUMNS: usize = 16;
/// Letters of a list of columns, at most.
const LONGEST: usize = 4096;

/// What a column shows of each event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    Time,
    Captured,
    Type,
    Key,
    Channel,
    Source,
    Partition,
    Offset,
    Size,
    Summary,
    /// A header by its name, in any case.
    Header(String),
    /// What the payload has at a path, and how that is written.
    Field(Path, String),
}

/// Those that are a word, in the order in which they are offered.
const WORDS: &[(&str, Column)] = &[
    ("time", Column::Time),
    ("type", Column::Type),
    ("channel", Column::Channel),
    ("key", Column::Key),
    ("summary", Column::Summary),
    ("size", Column::Size),
    ("source", Column::Source),
    ("partition", Column::Partition),
    ("offset", Column::Offset),
    ("captured", Column::Captured),
];

const HEADER: &str = "header.";

/// Why a text is no list of columns.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ColumnsError {
    #[error("`{0}` is no column")]
    Unknown(String),
    #[error("there are more than {MOST_COLUMNS} columns")]
    TooMany,
}

impl Column {
    /// `time`, `header.tenant`, `data.amount`; a path's first name that is a word of the table takes `payload.` before it.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some((_, column)) = WORDS.iter().find(|(word, _)| *word == text) {
            return Some(column.clone());
        }
        match text.strip_prefix(HEADER) {
            Some("") => None,
            Some(name) => Some(Self::Header(name.to_owned())),
            None => Path::parse(text).map(|path| Self::Field(path, text.to_owned())),
        }
    }

    /// As it is written in an address.
    pub fn text(&self) -> String {
        match self {
            Self::Header(name) => format!("{HEADER}{name}"),
            Self::Field(_, text) => text.clone(),
            word => WORDS.iter().find(|(_, c)| c == word).map(|(w, _)| (*w).to_owned()).unwrap_or_default(),
        }
    }

    /// Those that are a word.
    pub fn words() -> impl Iterator<Item = &'static str> {
        WORDS.iter().map(|(word, _)| *word)
    }

    /// Is it read from the event's bytes, beyond what a row of a list has?
    pub const fn is_of_bytes(&self) -> bool {
        matches!(self, Self::Header(_) | Self::Field(..))
    }

    /// A list with commas between them; a comma in quotes is part of a name. Each column once.
    ///
    /// # Errors
    /// Names the first that is none.
    pub fn list(text: &str) -> Result<Vec<Self>, ColumnsError> {
        let mut columns = Vec::new();
        if text.len() > LONGEST {
            return Err(ColumnsError::TooMany);
        }
        for part in parts(text).filter(|part| !part.trim().is_empty()) {
            let column = Self::parse(part).ok_or_else(|| ColumnsError::Unknown(part.trim().to_owned()))?;
            if !columns.contains(&column) {
                columns.push(column);
            }
            if columns.len() > MOST_COLUMNS {
                return Err(ColumnsError::TooMany);
            }
        }
        Ok(columns)
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        c == ',' && !quoted
    })
}

/// What a table is sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    pub column: Column,
    pub descending: bool,
}

impl Sort {
    /// `data.amount`, or `-data.amount`: the greatest first.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (text, descending) = text.strip_prefix('-').map_or((text, false), |rest| (rest, true));
        Some(Self { column: Column::parse(text)?, descending })
    }

    pub fn text(&self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.column.text())
    }
}

/// What stands in a column that is read from the event's bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// The row has it.
    OfRow,
    /// All that is there; empty: nothing. `Shown(None)`: the bytes are not in the store, or too many to be read here.
    Values(Masked<Option<Vec<String>>>),
}

/// A stretch of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventTable {
    pub page: EventPage,
    /// Of each row, one for each column.
    pub cells: Vec<Vec<Cell>>,
    /// Events stored where the search looks, by whole days; of the first stretch alone.
    pub stored: Option<u64>,
    /// Columns that these events could have, the most frequent first, where they were asked for.
    pub fields: Vec<String>,
    /// So much lies at one time that the search went on below it without having seen all of it.
    pub passed_over: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let text = "time,type,data.amount,header.tenant,\"a,b\".c,payload.key,items[0].sku";
        let columns = Column::list(text).unwrap();
        let written: Vec<_> = columns.iter().map(Column::text).collect();
        assert_eq!(written.join(","), text);
        assert_eq!(columns[3], Column::Header("tenant".into()));
        assert!(matches!(columns[5], Column::Field(..)), "a member of that name");
        assert_eq!(Column::list(&written.join(" , ")).unwrap(), columns);
        for word in Column::words() {
            assert_eq!(Column::parse(word).unwrap().text(), word);
        }
    }

    #[test]
    fn each_once_and_not_too_many() {
        assert_eq!(Column::list("key,,key, key").unwrap(), [Column::Key]);
        assert_eq!(Column::list("").unwrap(), []);
        assert_eq!(Column::list("key,a b"), Err(ColumnsError::Unknown("a b".into())));
        let many = |n| (0..n).map(|i| format!("f{i}")).collect::<Vec<_>>().join(",");
        assert!(Column::list(&many(MOST_COLUMNS)).is_ok());
        assert_eq!(Column::list(&many(MOST_COLUMNS + 1)), Err(ColumnsError::TooMany));
        assert_eq!(Column::list(&"x".repeat(5000)), Err(ColumnsError::TooMany));
    }

    #[test]
    fn the_greatest_first_has_a_sign() {
        let sort = Sort::parse("-data.amount").unwrap();
        assert!(sort.descending && sort.text() == "-data.amount");
        assert!(!Sort::parse("time").unwrap().descending);
        for bad in ["", "-", "header.", "a b", "--a"] {
            assert_eq!(Sort::parse(bad), None, "{bad}");
        }
    }
}
