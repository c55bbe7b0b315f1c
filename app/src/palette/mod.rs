//! The command palette: pages, channels, types, sources and keys from anywhere.

mod api;
mod item;
mod recent;

pub use api::{CatalogComplete, catalog_complete};

use leptos::prelude::*;
#[component]
pub fn Palette(open: RwSignal<bool>) -> impl IntoView {
    let _ = open;
}
