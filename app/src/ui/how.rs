use crate::overview::figures::Figure;
use leptos::prelude::*;

/// A figure's label that can say how the figure was counted: on hover, and on focus and click as a
/// popover that needs no script. Once per figure and page.
#[component]
pub fn HowCounted(
    figure: &'static Figure,
    /// Instead of the figure's own name.
    #[prop(optional)]
    label: Option<&'static str>,
) -> impl IntoView {
    let id = format!("how-{}", figure.id);
    view! {
        <button type="button" class="u how" title=figure.how popovertarget=id.clone()>
            {label.unwrap_or(figure.label)}
        </button>
        <div class="how__body" id=id popover="auto">
            {figure.how}
        </div>
    }
    .into_any()
}
