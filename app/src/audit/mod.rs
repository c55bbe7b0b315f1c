//! The audit log: who did what, and who saw what. Drawn by the server alone.

mod asked;
mod entry;
mod filters;
mod list;
mod rows;
mod words;

pub use asked::Asked;
pub(crate) use entry::{entry, load_entry};
pub(crate) use list::{list, load_list};
