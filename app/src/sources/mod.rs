//! Where events come from, and how capture stands there.

#[cfg(feature = "ssr")]
pub mod api;
mod channels;
mod detail;
mod facts;
mod gaps;
mod left_out;
mod list;
mod pause;
mod positions;
pub(crate) mod state;

pub use detail::Source;
pub(crate) use gaps::{bounds as gap_bounds, reason_words};
pub use list::Sources;
pub(crate) use list::no_sources;
