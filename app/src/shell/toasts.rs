use crate::ui::{Icon, Kbd, varying};
use leptos::prelude::*;
use std::time::Duration;

/// How long a toast, and with it the offer to undo, stays.
const STAYS: Duration = Duration::from_secs(10);

#[derive(Clone)]
struct Toast {
    id: u32,
    text: String,
    undo: Option<Callback<()>>,
}

/// Short messages at the foot of the page. Acts happen at once and offer undo here.
#[derive(Clone, Copy)]
pub struct Toasts {
    list: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
}

impl Toasts {
    pub(super) fn provide() -> Self {
        let toasts = Self { list: RwSignal::new(Vec::new()), next: StoredValue::new(0) };
        provide_context(toasts);
        toasts
    }

    pub fn say(self, text: impl Into<String>) {
        self.add(text.into(), None);
    }

    /// Says what was done and offers to undo it for 10 s (also by the key `z`).
    pub fn undoable(self, text: impl Into<String>, undo: Callback<()>) {
        self.add(text.into(), Some(undo));
    }

    /// Undoes the newest act that can be undone.
    pub(super) fn undo_newest(self) {
        let newest = self.list.with_untracked(|l| l.iter().rev().find_map(|t| t.undo.map(|u| (t.id, u))));
        if let Some((id, undo)) = newest {
            self.remove(id);
            undo.run(());
        }
    }

    fn add(self, text: String, undo: Option<Callback<()>>) {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        self.list.update(|l| {
            l.push(Toast { id, text, undo });
            // At most four at a time: older ones leave.
            let surplus = l.len().saturating_sub(4);
            l.drain(..surplus);
        });
        set_timeout(move || self.remove(id), STAYS);
    }

    fn remove(self, id: u32) {
        // The page may have gone by the time a toast's 10 s are over.
        self.list.try_update(|l| l.retain(|t| t.id != id));
    }
}

/// The page's toasts.
pub fn use_toasts() -> Toasts {
    use_context::<Toasts>().unwrap_or_else(Toasts::provide)
}

#[component]
pub(super) fn ToastList() -> impl IntoView {
    let toasts = use_toasts();
    let list = move || toasts.list.with(|l| l.iter().map(|t| toasts.draw(t)).collect::<Vec<_>>().into_any());
    view! {
        <div class="toasts" role="status" aria-live="polite">
            {varying(list)}
        </div>
    }
    .into_any()
}

impl Toasts {
    fn draw(self, toast: &Toast) -> AnyView {
        let id = toast.id;
        let undo = match toast.undo {
            Some(undo) => view! {
                <button
                    type="button"
                    class="btn btn--sm push"
                    on:click=move |_| {
                        self.remove(id);
                        undo.run(());
                    }
                >
                    <Icon name="undo" small=true />
                    "Undo"
                    <Kbd key="z" />
                </button>
            }
            .into_any(),
            None => ().into_any(),
        };
        view! {
            <div class="toast">
                <Icon name="check" />
                <span>{toast.text.clone()}</span>
                {undo}
            </div>
        }
        .into_any()
    }
}
