use leptos::prelude::*;
#[component]
pub fn Sources() -> impl IntoView {
    view! { <h1>"Sources"</h1> }
}
