use crate::{
    shell::{Toasts, use_toasts},
    ui::Icon,
    wire,
};
use leptos::prelude::*;
use weir_domain::{SourceId, capture::SourceState, sources::SourceShown};

/// Pauses or resumes a source: acts at once and offers undo. A plain form until the page is alive.
/// `on_done` is called once the server has acted, to show the new state.
pub(super) fn pause_button(source: &SourceShown, on_done: Callback<()>) -> AnyView {
    if !source.may_pause || source.orphan || source.state == SourceState::Off {
        return ().into_any();
    }
    let act = Act { source: source.id, name: source.name.clone(), toasts: use_toasts(), on_done };
    let paused = source.state == SourceState::Paused;
    let (path, icon, word) = if paused { (RESUME, "play", "Resume ") } else { (PAUSE, "pause", "Pause ") };
    let name = source.name.clone();
    let id = source.id.to_string();
    view! {
        <form
            method="post"
            action=format!("/api/{path}")
            on:submit=move |e| {
                e.prevent_default();
                act.clone().send(path);
            }
        >
            <input type="hidden" name="source" value=id />
            <button type="submit" class="btn">
                <Icon name=icon small=true />
                {word}
                <span class="vh">{name}</span>
            </button>
        </form>
    }
    .into_any()
}

const PAUSE: &str = "sources/pause";
const RESUME: &str = "sources/resume";

#[derive(Clone)]
struct Act {
    source: SourceId,
    name: String,
    toasts: Toasts,
    on_done: Callback<()>,
}

impl Act {
    fn send(self, path: &'static str) {
        leptos::task::spawn_local(async move {
            match wire::command(path, &[("source", self.source.to_string())]).await.as_deref() {
                Ok("true") if path == PAUSE => {
                    let again = self.clone();
                    let undo = Callback::new(move |()| again.clone().send(RESUME));
                    self.toasts.undoable(format!("Paused {}; its positions stay", self.name), undo);
                }
                Ok("true") => self.toasts.say(format!("Resumed {}", self.name)),
                Ok(_) => self.toasts.say(format!("{} is not there any more", self.name)),
                Err(failure) => self.toasts.say(failure.to_string()),
            }
            // Undone from another page there is nothing to show here any more.
            self.on_done.try_run(());
        });
    }
}
