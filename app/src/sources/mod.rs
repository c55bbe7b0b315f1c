//! Where events come from, and how capture stands there.

pub mod api;
mod detail;
mod list;

pub use detail::Source;
pub use list::Sources;
