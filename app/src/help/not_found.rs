use crate::ui::Empty;
use leptos::prelude::*;
use leptos_meta::Title;

/// An address that leads nowhere.
#[component]
pub fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(axum::http::StatusCode::NOT_FOUND);
    }
    view! {
        <Title text="Not found · Weir" />
        <div class="page">
            <div class="page__head">
                <h1 class="page__title">"Nothing here"</h1>
            </div>
            <section class="panel">
                <Empty title="This address leads to no page">
                    <p>"The link may be mistyped, or it belongs to a newer Weir."</p>
                    <a class="btn btn--primary" href="/">
                        "Go to the overview"
                    </a>
                </Empty>
            </section>
        </div>
    }
    .into_any()
}
