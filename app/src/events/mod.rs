use leptos::prelude::*;
#[component]
pub fn Events() -> impl IntoView {
    view! { <h1>"Events"</h1> }
}
#[component]
pub fn EventPage() -> impl IntoView {
    view! { <h1>"Event"</h1> }
}
