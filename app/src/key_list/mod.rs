//! A list of keys, from a ticket or a table: what is known of each.

mod answer;
mod asked;
mod form;
mod page;

pub use asked::Asked;
pub(crate) use page::page;
