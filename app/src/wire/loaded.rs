use super::{Answer, Carried, Question, ask, read};
use crate::{
    Failure,
    ui::{ErrorPanel, varying},
};
use codee::string::FromToStringCodec;
use leptos::{prelude::*, tachys::reactive_graph::OwnedView};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// An answer that is there, on its way, or being asked for again.
#[derive(Clone, Copy)]
pub(crate) struct Loaded {
    answer: Resource<Carried, FromToStringCodec>,
    /// Is a newer answer on its way, while the old one is still shown?
    pub busy: RwSignal<bool>,
}

/// Asks, and asks again whenever the question changes.
pub(crate) fn load(question: impl Fn() -> Question + Send + Sync + 'static) -> Loaded {
    let question: Arc<dyn Fn() -> Question + Send + Sync> = Arc::new(question);
    asked(question)
}

async fn carried(question: Question) -> Carried {
    Carried(ask(question).await)
}

fn asked(question: Arc<dyn Fn() -> Question + Send + Sync>) -> Loaded {
    Loaded { answer: Resource::new_str(move || question(), carried), busy: RwSignal::new(false) }
}

impl Loaded {
    pub fn refetch(self) {
        self.answer.refetch();
    }

    /// Asks again, as the way out of a failure.
    pub fn retry(self) -> Callback<()> {
        Callback::new(move |()| self.refetch())
    }

    /// The answer, for effects; views use [`show`].
    pub fn get<T: DeserializeOwned>(self) -> Option<Result<T, Failure>> {
        self.answer.with(|a| a.as_ref().map(|a| read(&a.0)))
    }
}

/// A function that draws an answer.
type Draw = Arc<dyn Fn(Answer) -> AnyView + Send + Sync>;

/// Draws the answer; `skeleton` until it is there, and what failed instead if it failed. While a newer
/// answer is on its way the old one stays.
pub(crate) fn show<T: DeserializeOwned + 'static>(
    loaded: Loaded,
    skeleton: fn() -> AnyView,
    ready: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    show_or(loaded, skeleton, ready, |failure, retry| view! { <ErrorPanel failure retry /> }.into_any())
}

/// [`show`], with its own way of telling a failure.
pub(crate) fn show_or<T: DeserializeOwned + 'static>(
    loaded: Loaded,
    skeleton: fn() -> AnyView,
    ready: impl Fn(T) -> AnyView + Send + Sync + 'static,
    failed: fn(Failure, Callback<()>) -> AnyView,
) -> AnyView {
    let draw: Draw = Arc::new(move |answer| match read(&answer) {
        Ok(value) => ready(value),
        Err(failure) => failed(failure, loaded.retry()),
    });
    suspended(loaded, skeleton, draw)
}

fn suspended(loaded: Loaded, skeleton: fn() -> AnyView, draw: Draw) -> AnyView {
    view! {
        <Transition fallback=skeleton set_pending=loaded.busy>
            {
                let home = Owner::current().unwrap_or_default();
                varying(move || {
                    let (draw, home) = (Arc::clone(&draw), home.clone());
                    Suspend::new(async move {
                        let answer = loaded.answer.await.0;
                        // The reader hung up, and the signals of the page are gone with its request.
                        #[cfg(feature = "ssr")]
                        if loaded.busy.is_disposed() {
                            return OwnedView::new_with_owner(().into_any(), home);
                        }
                        // What a section reads is its own, and goes when the newer one stands in its place. Owned by
                        // this closure it would go with the question, under a section that is still drawn.
                        let owner = home.child();
                        let section = owner.with(|| draw(answer));
                        OwnedView::new_with_owner(section, owner)
                    })
                })
            }
        </Transition>
    }
    .into_any()
}
