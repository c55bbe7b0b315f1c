//! The command palette: pages, channels, types, sources and keys from anywhere (`Ctrl K`).

mod api;
mod item;
mod recent;
mod results;
mod view;

pub use api::{CatalogComplete, catalog_complete};
pub(crate) use recent::add as remember_key;
pub use view::{Palette, PaletteProps};
