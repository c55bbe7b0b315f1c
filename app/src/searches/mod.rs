//! Searches that people keep under a name: the list, and the form that keeps one more.

mod address;
mod list;
mod new;
mod page;

pub use address::address_of;
pub(crate) use address::words as question_words;
pub(crate) use new::new;
pub(crate) use page::page;
