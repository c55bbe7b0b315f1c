use super::problem::Problem;
use crate::shell::Mark;
use leptos::prelude::*;

/// The frame of the pages outside of the console: what the page is for, what went wrong, and its form.
pub(super) fn gate(title: &'static str, intro: &'static str, form: AnyView, note: &'static str) -> AnyView {
    view! {
        <main class="gate" id="main">
            <div class="gate__brand">
                <Mark />
                "Weir"
            </div>
            <section class="panel gate__panel" aria-labelledby="gate-title">
                <h1 class="page__title" id="gate-title">
                    {title}
                </h1>
                <p class="soft" hidden=intro.is_empty()>
                    {intro}
                </p>
                <Problem />
                {form}
                <p class="small muted">{note}</p>
            </section>
        </main>
    }
    .into_any()
}
