use leptos::prelude::*;

/// The way to ask for what is kept away: `query` names the role and the permission, `role=…&for=…`.
pub(crate) fn ask_link(query: &str) -> AnyView {
    view! { <a href=format!("/account/ask?{query}&at={}", here())>"Ask for access"</a> }.into_any()
}

/// The path of the page in view, without its query: that may hold a key.
#[cfg(feature = "ssr")]
fn here() -> String {
    let drawn = use_context::<crate::drawn::DrawnAt>().map(|at| at.0);
    let asked = || use_context::<axum::http::request::Parts>().map(|p| p.uri.path().to_owned());
    drawn.or_else(asked).unwrap_or_default()
}

#[cfg(not(feature = "ssr"))]
fn here() -> String {
    crate::address::here().get_untracked()
}
