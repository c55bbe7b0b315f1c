use crate::{
    address,
    wire::{self, Question},
};
use leptos::prelude::*;
use leptos_meta::Title;
use serde::{Deserialize, Serialize};

/// What the server drew for one address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawnPage {
    pub title: String,
    pub html: String,
}

/// Whatever page the server draws at this address.
#[component]
pub(crate) fn Drawn() -> impl IntoView {
    let (path, query) = (address::here(), address::query());
    let question = move || {
        let (path, query) = (path.get(), query.get());
        let joint = if query.is_empty() || query.starts_with('?') { "" } else { "?" };
        Question::Drawn { address: format!("{path}{joint}{query}") }
    };
    wire::show(wire::load(question), || ().into_any(), shown)
}

fn shown(page: DrawnPage) -> AnyView {
    view! {
        <Title text=format!("{} · Weir", page.title) />
        <div class="drawn" inner_html=page.html></div>
    }
    .into_any()
}
