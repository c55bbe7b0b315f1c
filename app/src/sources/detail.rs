use leptos::prelude::*;
#[component]
pub fn Source() -> impl IntoView {
    view! { <h1>"Source"</h1> }
}
