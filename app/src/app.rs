#[cfg(feature = "ssr")]
use crate::access;
use crate::{
    Env, address,
    drawn::Drawn,
    events::{EventPage, Events},
    overview::Overview,
    shell::Shell,
    sources::{Source, Sources},
};
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

/// The whole console. Pages are rendered completely before they are sent ([`SsrMode::Async`]), so
/// that they can be read and used before the bundle has loaded, or without it.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router base=address::root()>
            <Inside />
        </Router>
    }
}

#[component]
fn Inside() -> impl IntoView {
    Env::provide();
    #[cfg(feature = "ssr")]
    match use_context::<axum::http::request::Parts>() {
        Some(request) => {
            if let Some(page) = access::gate_page(request.uri.path()) {
                return page;
            }
        }
        // Routes are listed without a request: nobody is there for the shell to ask about.
        None => return view! { <Pages /> }.into_any(),
    }
    view! {
        <Shell>
            <Pages />
        </Shell>
    }
    .into_any()
}

#[component]
fn Pages() -> impl IntoView {
    view! {
        <FlatRoutes fallback=Drawn>
            <Route path=path!("/") view=Overview ssr=SsrMode::Async />
            <Route path=path!("/events") view=Events ssr=SsrMode::Async />
            <Route path=path!("/events/:id") view=EventPage ssr=SsrMode::Async />
            <Route path=path!("/sources") view=Sources ssr=SsrMode::Async />
            <Route path=path!("/sources/:id") view=Source ssr=SsrMode::Async />
            // What the server draws alone, and what leads nowhere.
            <Route path=path!("/*any") view=Drawn ssr=SsrMode::Async />
        </FlatRoutes>
    }
}
