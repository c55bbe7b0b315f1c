//! The first page: is anything about to cost us data or customers?

#[cfg(feature = "ssr")]
pub mod api;
mod attention;
mod changes;
mod channels;
pub(crate) mod figures;
mod page;
mod strip;
mod tiles;

#[cfg(feature = "ssr")]
pub(crate) use figures::FIGURES;
pub use page::Overview;
pub(crate) use tiles::tile;
