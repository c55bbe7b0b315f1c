use leptos::prelude::*;

/// Rows in the shape of what is being loaded: final row height, shown after 150 ms (by the style).
#[component]
pub fn SkeletonRows(
    /// What is being loaded, for those who don't see the grey bars: "events".
    what: &'static str,
    #[prop(default = 8)] rows: u32,
) -> impl IntoView {
    let bars = (0..rows)
        .map(|i| {
            let width = ["8rem", "6.5rem", "9rem", "7.5rem"][i as usize % 4];
            view! {
                <div class="skel-row">
                    <span class="skel" style="width:5.5rem"></span>
                    <span class="skel" style=format!("width:{width}")></span>
                    <span class="skel grow"></span>
                    <span class="skel" style="width:3rem"></span>
                </div>
            }
        })
        .collect_view();
    view! {
        <div class="skel-rows" aria-busy="true">
            <span class="vh" role="status">
                {format!("Loading {what}")}
            </span>
            {bars}
        </div>
    }
    .into_any()
}
