use super::{api::catalog_complete, item, recent, results::Results};
use crate::{
    env::use_env,
    ui::{Icon, Kbd},
};
use leptos::{ev, html, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use std::time::Duration;
use weir_domain::catalog::Completion;

/// Typing faster than this asks only once.
const DEBOUNCE: Duration = Duration::from_millis(120);

/// The dialog over the page. A native modal dialog: the browser keeps the focus inside, closes it on
/// Escape and gives the focus back. Combobox with a list box (WAI-ARIA APG, "Combobox").
#[component]
pub fn Palette(open: RwSignal<bool>) -> impl IntoView {
    let env = use_env();
    let text = RwSignal::new(String::new());
    let found = RwSignal::new(Vec::<Completion>::new());
    let recent = RwSignal::new(Vec::<String>::new());
    let chosen = RwSignal::new(0_usize);
    let turn = StoredValue::new(0_u32);
    let dialog = NodeRef::<html::Dialog>::new();
    let input = NodeRef::<html::Input>::new();

    let items = Memo::new(move |_| {
        let env = env.get().map(|id| id.to_string());
        text.with(|t| found.with(|f| recent.with(|r| item::items(t, f, r, env.as_deref()))))
    });

    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        match (open.get(), dialog.open()) {
            (true, false) => {
                recent.set(recent::all());
                found.set(Vec::new());
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

    let typed = move |value: String| {
        text.set(value.clone());
        chosen.set(0);
        let mine = turn.get_value().wrapping_add(1);
        turn.set_value(mine);
        if value.trim().is_empty() {
            found.set(Vec::new());
            return;
        }
        let env = untrack(|| env.get());
        let ask = move || {
            if turn.try_get_value() != Some(mine) {
                return;
            }
            leptos::task::spawn_local(async move {
                // An answer that failed offers nothing; the text can still be searched as a key.
                let answer = catalog_complete(env, value).await.unwrap_or_default();
                if turn.try_get_value() == Some(mine) {
                    found.try_set(answer);
                }
            });
        };
        set_timeout(ask, DEBOUNCE);
    };

    let navigate = use_navigate();
    let go = Callback::new(move |href: String| {
        open.set(false);
        if let Some(key) = href.split_once('?').and_then(|(_, query)| crate::events::Place::parse(query).key) {
            recent::add(&key);
        }
        navigate(&href, NavigateOptions::default());
    });

    let on_key = move |e: ev::KeyboardEvent| {
        let count = items.with(Vec::len);
        let step = |by: usize| {
            e.prevent_default();
            if count > 0 {
                chosen.update(|c| *c = (*c + by) % count);
            }
        };
        match e.key().as_str() {
            "ArrowDown" => step(1),
            "ArrowUp" => step(count.saturating_sub(1)),
            "Enter" => {
                e.prevent_default();
                let item = items.with(|i| i.get(chosen.get_untracked()).cloned());
                match item {
                    Some(item) if e.ctrl_key() || e.meta_key() => {
                        // A blocked pop-up is the browser's to tell.
                        let _ = window().open_with_url_and_target(&item.href, "_blank");
                    }
                    Some(item) => go.run(item.href),
                    None => {}
                }
            }
            _ => {}
        }
    };

    view! {
        <dialog
            class="palette"
            node_ref=dialog
            aria-label="Search pages, channels and keys"
            on:close=move |_| open.set(false)
            on:click=move |e| {
                // A click on the dialog itself is one on its backdrop.
                if Some(event_target::<web_sys::Element>(&e)) == dialog.get().map(|d| web_sys::Element::from((*d).clone()))
                {
                    open.set(false);
                }
            }
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
                    aria-activedescendant=move || items.with(|i| !i.is_empty()).then(|| format!("palette-{}", chosen.get()))
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    maxlength="4096"
                    on:input=move |e| typed(event_target_value(&e))
                    on:keydown=on_key
                />
                <Kbd key="esc" />
            </div>
            <Results items chosen go />
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
