use crate::{
    Env,
    access::{SetUp, SignIn},
    events::{EventPage, Events},
    help::{Help, NotFound},
    overview::Overview,
    shell::Shell,
    sources::{Source, Sources},
};
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    hooks::use_location,
    path,
};

/// The whole console. Pages are rendered completely before they are sent ([`SsrMode::Async`]), so
/// that they can be read and used before the bundle has loaded, or without it.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Inside />
        </Router>
    }
}

#[component]
fn Inside() -> impl IntoView {
    Env::provide();
    if stands_alone(&use_location().pathname.get_untracked()) {
        view! { <Pages /> }.into_any()
    } else {
        view! {
            <Shell>
                <Pages />
            </Shell>
        }
        .into_any()
    }
}

/// Pages without the shell. What leads from one kind to the other loads the page anew.
fn stands_alone(path: &str) -> bool {
    // Routes are listed without a request: nobody is there for the shell to ask about.
    #[cfg(feature = "ssr")]
    if use_context::<crate::RequestContext>().is_none() {
        return true;
    }
    matches!(path, "/sign-in" | "/setup")
}

#[component]
fn Pages() -> impl IntoView {
    view! {
        <FlatRoutes fallback=NotFound>
            <Route path=path!("/sign-in") view=SignIn ssr=SsrMode::Async />
            <Route path=path!("/setup") view=SetUp ssr=SsrMode::Async />
            <Route path=path!("/") view=Overview ssr=SsrMode::Async />
            <Route path=path!("/events") view=Events ssr=SsrMode::Async />
            <Route path=path!("/events/:id") view=EventPage ssr=SsrMode::Async />
            <Route path=path!("/sources") view=Sources ssr=SsrMode::Async />
            <Route path=path!("/sources/:id") view=Source ssr=SsrMode::Async />
            <Route path=path!("/help") view=Help ssr=SsrMode::Async />
            <Route path=path!("/*any") view=NotFound ssr=SsrMode::Async />
        </FlatRoutes>
    }
}
