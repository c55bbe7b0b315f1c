//! What programs may ask, as a page. The server hands over what its own description says.

mod example;
mod operation;
mod page;

pub(crate) use page::by_program;

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Name and description, in order.
    pub tags: Vec<(String, String)>,
    pub operations: Vec<Operation>,
    pub errors: Vec<Kind>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    pub id: String,
    pub method: String,
    pub path: String,
    pub tag: String,
    pub summary: String,
    pub description: String,
    /// `None`: any token may.
    pub permission: Option<&'static str>,
    pub roles: Vec<&'static str>,
    pub parameters: Vec<Parameter>,
    /// What it answers with, by name or media type.
    pub answer: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    pub name: String,
    /// `query`, `path` or `header`.
    pub place: String,
    pub required: bool,
    pub description: String,
    pub example: Option<String>,
}

/// A kind of error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    pub code: &'static str,
    pub status: u16,
    pub title: &'static str,
    pub meaning: &'static str,
}
