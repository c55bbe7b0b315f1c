use super::{
    key_rows::{key_row, page_key_rows},
    preferences::use_preferences,
    toasts::use_toasts,
};
use crate::{
    address,
    env::use_env,
    ui::{once::effect, sort_by_key, varying},
};
use leptos::{ev, html, prelude::*};
use leptos_router::NavigateOptions;
use wasm_bindgen::JsCast as _;
use web_sys::KeyboardEvent;

/// `g` and then one of these goes to a page.
pub const PAGE_KEYS: &[(&str, &str, &str)] =
    &[("o", "Overview", "/"), ("e", "Events", "/events"), ("s", "Sources", "/sources")];

/// So soon after `g`.
const SECOND_KEY_WITHIN_MS: f64 = 1500.0;

/// A key and what it does, for the list that `?` opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyHint {
    pub key: &'static str,
    pub does: &'static str,
}

#[derive(Clone, Copy)]
struct Bound {
    id: u32,
    hint: KeyHint,
    act: Callback<()>,
}

/// The keyboard map. Single keys do nothing while typing, and can be turned off.
#[derive(Clone, Copy)]
pub struct Keys {
    bound: RwSignal<Vec<Bound>>,
    next: StoredValue<u32>,
    /// When `g` was pressed, until another key is.
    g_at: StoredValue<f64>,
    list_open: RwSignal<bool>,
}

impl Keys {
    pub(super) fn provide() -> Self {
        let keys = Self {
            bound: RwSignal::new(Vec::new()),
            next: StoredValue::new(0),
            g_at: StoredValue::new(f64::NEG_INFINITY),
            list_open: RwSignal::new(false),
        };
        provide_context(keys);
        keys
    }

    /// Lets `key` (as in [`KeyboardEvent::key`]) act while the calling component lives. The newest binding wins.
    pub fn bind(self, key: &'static str, does: &'static str, act: impl Fn() + Send + Sync + 'static) {
        self.bind_act(key, does, Callback::new(move |()| act()));
    }

    fn bind_act(self, key: &'static str, does: &'static str, act: Callback<()>) {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        effect(move || self.bound.update(|b| b.push(Bound { id, hint: KeyHint { key, does }, act })));
        on_cleanup(move || {
            self.bound.try_update(|b| b.retain(|x| x.id != id));
        });
    }

    /// Opens the list of keys.
    pub fn show_list(self) {
        self.list_open.set(true);
    }

    /// Listens on the window; called once, by the shell.
    pub(super) fn listen(self, palette: RwSignal<bool>) {
        let toasts = use_toasts();
        let preferences = use_preferences();
        self.bind("?", "This list", move || self.show_list());
        self.bind("z", "Undo", move || toasts.undo_newest());
        if let Some(p) = preferences {
            self.bind("u", "UTC or local time", move || p.toggle_zone());
        }
        let env = use_env();
        let navigate = address::navigator();
        effect(move || {
            let navigate = navigate.clone();
            let listener = window_event_listener(ev::keydown, move |e: KeyboardEvent| {
                if (e.ctrl_key() || e.meta_key()) && !e.alt_key() && e.key().eq_ignore_ascii_case("k") {
                    e.prevent_default();
                    palette.update(|open| *open = !*open);
                    return;
                }
                let single = preferences.is_none_or(|p| p.single_keys.get_untracked());
                if !single || e.ctrl_key() || e.meta_key() || e.alt_key() || e.default_prevented() || takes_keys(&e) {
                    return;
                }
                let key = e.key();
                // Times of the keys themselves: a busy page may hear of the second one late.
                let now = e.time_stamp();
                let after_g = now - self.g_at.get_value() < SECOND_KEY_WITHIN_MS;
                self.g_at.set_value(f64::NEG_INFINITY);
                if after_g {
                    if let Some((_, _, path)) = PAGE_KEYS.iter().find(|(k, _, _)| *k == key) {
                        e.prevent_default();
                        navigate(&untrack(|| env.link(path)), NavigateOptions::default());
                    }
                    return;
                }
                if key == "g" {
                    self.g_at.set_value(now);
                    return;
                }
                let bound = self.bound.with_untracked(|b| b.iter().rev().find(|x| x.hint.key == key).copied());
                if let Some(bound) = bound {
                    e.prevent_default();
                    bound.act.run(());
                }
            });
            on_cleanup(move || listener.remove());
        });
    }
}

/// Is the person typing, choosing, or in a dialog? Then single keys are not ours.
fn takes_keys(e: &KeyboardEvent) -> bool {
    let Some(target) = e.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) else { return false };
    let taken = "input:not([type=checkbox]), textarea, select, [contenteditable=true], dialog";
    // Enter and space press what has the focus; space does nothing on a link.
    let pressed = match e.key().as_str() {
        "Enter" => "button, a[href], summary, input",
        " " => "button, summary, input",
        _ => taken,
    };
    target.closest(taken).ok().flatten().is_some() || target.closest(pressed).ok().flatten().is_some()
}

/// The keyboard map of this page.
pub fn use_keys() -> Keys {
    use_context::<Keys>().unwrap_or_else(Keys::provide)
}

/// The list of keys, opened by `?`.
#[component]
pub(super) fn KeyDialog() -> impl IntoView {
    let keys = use_keys();
    let dialog = NodeRef::<html::Dialog>::new();
    effect(move || {
        let Some(dialog) = dialog.get() else { return };
        if keys.list_open.get() && !dialog.open() {
            // Refused only when it is open or not in the page; neither needs telling.
            let _ = dialog.show_modal();
        }
    });
    let close = move |_| {
        if let Some(dialog) = dialog.get() {
            dialog.close();
        }
    };
    view! {
        <dialog class="dialog" node_ref=dialog aria-labelledby="keys-title" on:close=move |_| keys.list_open.set(false)>
            <h2 class="dialog__head" id="keys-title">
                "Keyboard"
            </h2>
            <div class="dialog__body">
                <dl class="keys">
                    {page_key_rows()} {varying(move || bound_rows(keys))}
                </dl>
            </div>
            <div class="dialog__foot">
                <button type="button" class="btn" on:click=close>
                    "Close"
                </button>
            </div>
        </dialog>
    }
    .into_any()
}

fn bound_rows(keys: Keys) -> AnyView {
    let mut hints: Vec<KeyHint> = keys.bound.with(|b| b.iter().map(|x| x.hint).collect());
    sort_by_key(&mut hints, |h| h.key);
    hints.dedup_by_key(|h| h.key);
    let rows = hints.into_iter().map(|h| {
        let key = match h.key {
            " " => "space",
            "Enter" => "↵",
            "Escape" => "esc",
            key => key,
        };
        key_row(key, h.does)
    });
    rows.collect::<Vec<_>>().into_any()
}
