use super::Icon;
use crate::shell::use_toasts;
use leptos::prelude::*;

/// Copies `text` in full. Hidden until the page is alive, since it needs the script.
#[component]
pub fn CopyButton(
    #[prop(into)] text: Signal<String>,
    /// What is copied, for the label: "key" gives "Copy key".
    #[prop(into)]
    what: String,
) -> impl IntoView {
    let toasts = use_toasts();
    let label = format!("Copy {what}");
    view! {
        <button
            type="button"
            class="btn btn--ghost btn--icon btn--sm needs-script"
            title=label.clone()
            aria-label=label
            on:click=move |_| copy(text.get_untracked(), what.clone(), toasts)
        >
            <Icon name="copy" small=true />
        </button>
    }
    .into_any()
}

/// Puts `text` on the clipboard and says so.
pub(crate) fn copy(text: String, what: String, toasts: crate::shell::Toasts) {
    #[cfg(feature = "hydrate")]
    leptos::task::spawn_local(async move {
        let promise = window().navigator().clipboard().write_text(&text);
        match wasm_bindgen_futures::JsFuture::from(promise).await {
            Ok(_) => toasts.say(format!("Copied the {what}")),
            Err(_) => toasts.say("The browser did not allow copying. Select the text and copy it by hand."),
        }
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = (text, what, toasts);
}
