use leptos::prelude::*;
#[component]
pub fn Palette(open: RwSignal<bool>) -> impl IntoView {
    let _ = open;
}
