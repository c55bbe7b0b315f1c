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
    components::{ParentRoute, Route, Router, Routes},
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
    view! {
        <Routes fallback=NotFound>
            <Route path=path!("/sign-in") view=SignIn ssr=SsrMode::Async />
            <Route path=path!("/setup") view=SetUp ssr=SsrMode::Async />
            <ParentRoute path=path!("") view=Shell ssr=SsrMode::Async>
                <Route path=path!("/") view=Overview ssr=SsrMode::Async />
                <Route path=path!("/events") view=Events ssr=SsrMode::Async />
                <Route path=path!("/events/:id") view=EventPage ssr=SsrMode::Async />
                <Route path=path!("/sources") view=Sources ssr=SsrMode::Async />
                <Route path=path!("/sources/:id") view=Source ssr=SsrMode::Async />
                <Route path=path!("/help") view=Help ssr=SsrMode::Async />
                <Route path=path!("/*any") view=NotFound ssr=SsrMode::Async />
            </ParentRoute>
        </Routes>
    }
}
