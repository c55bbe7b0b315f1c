use super::{Suggestions, item, recent, results::results};
use crate::{
    address,
    env::use_env,
    ui::{Icon, Kbd, format, once::effect, varying},
};
use leptos::{ev, html, prelude::*};
use leptos_router::NavigateOptions;

/// The dialog over the page. A native modal dialog: the browser keeps the focus inside, closes it on
/// Escape and gives the focus back. Combobox with a list box (WAI-ARIA APG, "Combobox").
#[component]
pub fn Palette(open: RwSignal<bool>) -> impl IntoView {
    let env = use_env();
    let found = Suggestions::new();
    let text = RwSignal::new(String::new());
    let recent = RwSignal::new(Vec::<String>::new());
    let chosen = RwSignal::new(0_usize);
    let dialog = NodeRef::<html::Dialog>::new();
    let input = NodeRef::<html::Input>::new();
    let items = Signal::derive(move || {
        let env = env.get().map(|id| id.to_string());
        text.with(|t| found.lines.with(|f| recent.with(|r| item::items(t, f, r, env.as_deref()))))
    });

    effect(move || {
        let Some(dialog) = dialog.get() else { return };
        match (open.get(), dialog.open()) {
            (true, false) => {
                recent.set(recent::all());
                found.clear();
                text.set(String::new());
                chosen.set(0);
                if let Some(input) = input.get_untracked() {
                    input.set_value("");
                }
                // Refused only when it is open or not in the page; neither needs telling.
                let _ = dialog.show_modal();
            }
            (false, true) => dialog.close(),
            _ => {}
        }
    });

    let typed = move |e: ev::Event| {
        let value = event_target_value(&e);
        chosen.set(0);
        match value.trim().is_empty() {
            true => found.clear(),
            false => found.ask(value.clone()),
        }
        text.set(value);
    };

    let navigate = address::navigator();
    let go = Callback::new(move |href: String| {
        open.set(false);
        if let Some(key) = href.split_once('?').and_then(|(_, query)| crate::events::Place::parse(query).key) {
            recent::add(&key);
        }
        navigate(&href, NavigateOptions::default());
    });

    let on_key = move |e: ev::KeyboardEvent| {
        let items = items.get_untracked();
        let at = chosen.get_untracked();
        let next = match e.key().as_str() {
            "ArrowDown" => at + 1,
            "ArrowUp" => at + items.len().saturating_sub(1),
            "Enter" => {
                e.prevent_default();
                match items.get(at) {
                    Some(item) if e.ctrl_key() || e.meta_key() => {
                        address::open(&item.href);
                    }
                    Some(item) => go.run(item.href.clone()),
                    None => {}
                }
                return;
            }
            _ => return,
        };
        e.prevent_default();
        if !items.is_empty() {
            chosen.set(next % items.len());
        }
    };
    // A click on the dialog itself is one on its backdrop.
    let on_click = move |e: ev::MouseEvent| {
        let on_itself = dialog.get_untracked().is_some_and(|d| e.target().as_ref() == Some(d.as_ref()));
        if on_itself {
            open.set(false);
        }
    };

    view! {
        <dialog
            class="palette"
            node_ref=dialog
            aria-label="Search pages, channels and keys"
            on:close=move |_| open.set(false)
            on:click=on_click
        >
            <div class="palette__input">
                <Icon name="search" />
                <input
                    node_ref=input
                    type="text"
                    role="combobox"
                    aria-label="Search pages, channels, types and keys"
                    placeholder="Key, channel, event type or page"
                    aria-expanded="true"
                    aria-controls="palette-list"
                    aria-autocomplete="list"
                    aria-activedescendant=varying(move || format!("palette-{}", chosen.get()))
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    maxlength="4096"
                    on:input=typed
                    on:keydown=on_key
                />
                <Kbd key="esc" />
            </div>
            {results(items, chosen, go)}
            <p class="palette__note">{varying(move || format::not_seen(found.hidden.get()))}</p>
            <div class="palette__foot" aria-hidden="true">
                <span>
                    <Kbd key="↑" />
                    " "
                    <Kbd key="↓" />
                    " move"
                </span>
                <span>
                    <Kbd key="↵" />
                    " open"
                </span>
                <span class="hide-m">
                    <Kbd key="Ctrl" />
                    " "
                    <Kbd key="↵" />
                    " new tab"
                </span>
            </div>
        </dialog>
    }
    .into_any()
}
