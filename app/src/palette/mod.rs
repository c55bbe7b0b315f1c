//! The command palette: pages, channels, types, sources and keys from anywhere (`Ctrl K`).

#[cfg(feature = "ssr")]
mod api;
mod item;
mod recent;
mod results;
mod suggestions;
mod view;

#[cfg(feature = "ssr")]
pub use api::{CatalogComplete, catalog_complete};
pub(crate) use suggestions::Suggestions;
pub use view::Palette;
