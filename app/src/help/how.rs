use crate::{env::use_env, ui::varying};
use leptos::prelude::*;

/// The way to the first source.
#[component]
pub(crate) fn HowToConnect() -> impl IntoView {
    let env = use_env();
    view! {
        <a class="btn btn--primary" href=varying(move || env.link("/help#connect"))>
            "How to connect a source"
        </a>
    }
    .into_any()
}
