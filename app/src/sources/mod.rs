//! Where events come from, and how capture stands there.

#[cfg(feature = "ssr")]
pub mod api;
mod channels;
mod detail;
mod facts;
#[cfg(feature = "ssr")]
pub mod form;
mod gaps;
mod left_out;
mod list;
mod pause;
mod positions;
#[cfg(test)]
pub(crate) mod sample;
pub(crate) mod state;

pub use detail::Source;
pub use list::Sources;
pub(crate) use list::no_sources;
