use leptos::{prelude::*, svg};

/// A 16 px line icon from the page's sprite; decoration only, so a word stands beside it.
#[component]
pub fn Icon(
    /// Name of a symbol in [`Sprite`], without the `i-`.
    name: &'static str,
    #[prop(optional)] small: bool,
) -> impl IntoView {
    view! {
        <svg class=if small { "i i--sm" } else { "i" } aria-hidden="true">
            {svg::r#use().attr("href", format!("#i-{name}"))}
        </svg>
    }
    .into_any()
}

/// All icons, once per page. Written by the server behind the console and not part of what is
/// hydrated, so the bundle does not carry it.
#[cfg(feature = "ssr")]
#[component]
pub fn Sprite() -> impl IntoView {
    view! { <svg width="0" height="0" style="position:absolute" aria-hidden="true" inner_html=include_str!("icons.svg")></svg> }
}
