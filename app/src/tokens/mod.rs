//! A person's access tokens: the list, a new one, and the one time that its text is shown.

mod create;
mod list;
mod page;
mod words;

pub(crate) use page::tokens;
