use super::{
    keyboard::{KeyDialog, Keys},
    me::Me,
    preferences::Preferences,
    rail::Rail,
    toasts::{ToastList, Toasts},
    topbar::Topbar,
};
use crate::{
    live::LiveSummary,
    palette::Palette,
    ui::{clock::Clock, once::effect},
};
use leptos::prelude::*;

/// Everything that stands around a page for a person who is signed in.
#[component]
pub fn Shell(children: Children) -> impl IntoView {
    #[cfg(feature = "ssr")]
    send_to_sign_in();
    let clock = Clock::provide();
    Preferences::provide(clock);
    Toasts::provide();
    let me = Me::provide();
    let keys = Keys::provide();
    LiveSummary::provide(me);
    let palette = RwSignal::new(false);
    keys.listen(palette);
    mark_alive();
    view! {
        <a class="skip" href="#main">
            "Skip to content"
        </a>
        <div class="app">
            <Rail me />
            <div class="main">
                <Topbar me palette />
                <main id="main" tabindex="-1">
                    {children()}
                </main>
            </div>
        </div>
        <ToastList />
        <KeyDialog />
        {view! { <Palette open=palette /> }.into_any()}
    }
    .into_any()
}

/// Lets the style show what needs the script, once it runs.
fn mark_alive() {
    effect(|| {
        if let Some(root) = document().document_element() {
            // An attribute that can't be set only leaves buttons hidden whose acts have plain links beside them.
            let _ = root.set_attribute("data-hydrated", "");
        }
    });
}

/// Nobody is signed in: the page is asked for again after signing in.
#[cfg(feature = "ssr")]
fn send_to_sign_in() {
    let Some(context) = use_context::<crate::RequestContext>() else { return };
    if context.caller.is_none() {
        let here = use_context::<axum::http::request::Parts>().map(|p| p.uri.to_string());
        leptos_axum::redirect(&crate::access::sign_in_path(here.as_deref()));
    }
}
