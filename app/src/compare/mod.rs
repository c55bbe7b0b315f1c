//! Two events side by side.

mod differences;
mod page;

pub(crate) use page::compare;
