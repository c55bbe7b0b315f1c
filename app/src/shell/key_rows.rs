use super::keyboard::PAGE_KEYS;
use crate::ui::Kbd;
use leptos::prelude::*;

/// What acts on every page: the search, and the way to each page.
pub(crate) fn page_key_rows() -> Vec<AnyView> {
    let or = || view! { " or " }.into_any();
    let mut rows = vec![line(vec![kbd("Ctrl"), or(), kbd("⌘"), kbd("K")], "Search pages, channels and keys".into())];
    rows.extend(PAGE_KEYS.iter().map(|(key, page, _)| line(vec![kbd("g"), kbd(key)], format!("Go to {page}"))));
    rows
}

/// A key and what it does.
pub(crate) fn key_row(key: &'static str, does: &'static str) -> AnyView {
    line(vec![kbd(key)], does.to_owned())
}

fn kbd(key: &'static str) -> AnyView {
    view! {
        <Kbd key />
        " "
    }
    .into_any()
}

fn line(keys: Vec<AnyView>, does: String) -> AnyView {
    view! {
        <dt>{keys}</dt>
        <dd>{does}</dd>
    }
    .into_any()
}
