use super::api::{SourcesPause, SourcesResume};
use crate::{
    shell::use_toasts,
    ui::{FailureText, Icon},
};
use leptos::prelude::*;
use weir_domain::{SourceId, capture::SourceState, sources::SourceShown};

/// Pauses or resumes a source: acts at once and offers undo. A plain form until the page is alive.
#[component]
pub(super) fn PauseButton(
    #[prop(into)] source: Signal<SourceShown>,
    /// Called once the server has acted, to show the new state.
    on_done: Callback<()>,
) -> impl IntoView {
    let pause = ServerAction::<SourcesPause>::new();
    let resume = ServerAction::<SourcesResume>::new();
    let toasts = use_toasts();
    let id = move || source.with_untracked(|s| s.id);
    let name = move || source.with_untracked(|s| s.name.clone());
    Effect::new(move |_| {
        if let Some(Ok(true)) = pause.value().get() {
            let undo = Callback::new(move |()| {
                resume.dispatch(SourcesResume { source: id() });
            });
            toasts.undoable(format!("Paused {}; its positions stay", name()), undo);
            on_done.run(());
        }
    });
    Effect::new(move |_| {
        if let Some(Ok(true)) = resume.value().get() {
            toasts.say(format!("Resumed {}", name()));
            on_done.run(());
        }
    });
    let problem = move || {
        let failed = |v: Option<Result<bool, crate::Failure>>| v.and_then(Result::err);
        failed(pause.value().get())
            .or_else(|| failed(resume.value().get()))
            .map(|failure| view! { <span class="field__err" role="alert"><FailureText failure /></span> })
    };
    let paused = Memo::new(move |_| source.with(|s| s.state == SourceState::Paused));
    let offered = Memo::new(move |_| source.with(|s| s.may_pause && !s.orphan && s.state != SourceState::Off));
    view! {
        {move || {
            offered
                .get()
                .then(|| {
                    if paused.get() {
                        view! {
                            <ActionForm action=resume>
                                <Source id=id() />
                                <button type="submit" class="btn" disabled=move || resume.pending().get()>
                                    <Icon name="play" small=true />
                                    "Resume"
                                    <span class="vh">{name()}</span>
                                </button>
                            </ActionForm>
                        }
                            .into_any()
                    } else {
                        view! {
                            <ActionForm action=pause>
                                <Source id=id() />
                                <button type="submit" class="btn" disabled=move || pause.pending().get()>
                                    <Icon name="pause" small=true />
                                    "Pause"
                                    <span class="vh">{name()}</span>
                                </button>
                            </ActionForm>
                        }
                            .into_any()
                    }
                })
        }}
        {problem}
    }
    .into_any()
}

#[component]
fn Source(id: SourceId) -> impl IntoView {
    view! { <input type="hidden" name="source" value=id.to_string() /> }
}
