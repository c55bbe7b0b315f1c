use leptos::prelude::*;

/// A figure's label that can say how the figure was counted: on hover, and on focus and click as a
/// popover that needs no script.
#[component]
pub fn HowCounted(
    /// Unique on the page.
    id: &'static str,
    label: &'static str,
    how: &'static str,
) -> impl IntoView {
    let id = format!("how-{id}");
    view! {
        <button type="button" class="u how" title=how popovertarget=id.clone()>
            {label}
        </button>
        <div class="how__body" id=id popover="auto">
            {how}
        </div>
    }
}
