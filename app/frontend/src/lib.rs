//! The browser bundle: brings the server-rendered page to life and nothing else.

// Leptos views are types: a page is one deep type.
#![recursion_limit = "512"]

use leptos::mount::hydrate_body;
use wasm_bindgen::prelude::wasm_bindgen;
use weir_app::App;

#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    hydrate_body(App);
}
