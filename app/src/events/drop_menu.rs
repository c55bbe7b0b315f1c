use super::state::Page;
use crate::ui::once::effect;
use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast as _;

/// A button that opens a small panel below it. `<details>`, so it works without the script; with it,
/// Escape, a click elsewhere and a changed address close it.
pub(super) fn drop_menu(page: Page, id: &'static str, label: AnyView, inner: AnyView) -> AnyView {
    let details = NodeRef::<html::Details>::new();
    let close = move || {
        if let Some(details) = details.get_untracked() {
            // An attribute that is not there needs no removal.
            let _ = details.remove_attribute("open");
        }
    };
    let mut begun = false;
    effect(move || {
        page.place.track();
        if begun {
            close();
        }
        begun = true;
    });
    effect(move || {
        let listener = window_event_listener(ev::pointerdown, move |e| {
            let target = e.target().and_then(|t| t.dyn_into::<web_sys::Node>().ok());
            let inside = details.get_untracked().is_some_and(|d| d.contains(target.as_ref()));
            if !inside {
                close();
            }
        });
        on_cleanup(move || listener.remove());
    });
    let on_key = move |e: ev::KeyboardEvent| {
        let open = details.get_untracked().is_some_and(|d| d.has_attribute("open"));
        if e.key() == "Escape" && open {
            e.stop_propagation();
            close();
            focus(&format!("#{id} > summary"));
        }
    };
    view! {
        <details class="drop" id=id node_ref=details on:keydown=on_key>
            <summary class="btn btn--sm">{label}</summary>
            <div class="drop__panel">{inner}</div>
        </details>
    }
    .into_any()
}

/// Opens the menu of that id and goes into it.
pub(super) fn open(id: &str) {
    let Some(details) = document().get_element_by_id(id) else { return };
    // Refused only where there is no page.
    let _ = details.set_attribute("open", "");
    focus(&format!("#{id} .drop__panel a, #{id} .drop__panel input, #{id} .drop__panel select"));
}

/// Moves the focus to the first element that matches.
pub(super) fn focus(selector: &str) {
    let element = document().query_selector(selector).ok().flatten();
    if let Some(element) = element.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
        // Something that can't take the focus leaves it where it is.
        let _ = element.focus();
    }
}
