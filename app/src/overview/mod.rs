//! The first page: is anything about to cost us data or customers?

pub mod api;
pub(crate) mod figures;
mod page;

pub(crate) use figures::FIGURES;
pub use page::Overview;
