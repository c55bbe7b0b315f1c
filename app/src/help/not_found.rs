use crate::ui::Empty;
use axum::http::request::Parts;
use leptos::prelude::*;

/// An address that leads nowhere.
pub(crate) fn not_found() -> AnyView {
    let is_page = use_context::<Parts>().is_some_and(|p| !p.uri.path().starts_with("/api/"));
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>().filter(|_| is_page) {
        response.set_status(axum::http::StatusCode::NOT_FOUND);
    }
    view! {
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
