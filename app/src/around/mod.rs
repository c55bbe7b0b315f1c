//! What lies around one event, and what to tell others of it: a page of its own, and a part of the inspector.

mod chat;
mod page;

pub(crate) use page::around;
