use super::Icon;
use leptos::prelude::*;

/// Status colours. Colour never stands alone: a pill always has its icon and its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    #[default]
    Idle,
    Ok,
    Info,
    Warn,
    Stall,
    Bad,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::Idle => "pill",
            Self::Ok => "pill pill--ok",
            Self::Info => "pill pill--info",
            Self::Warn => "pill pill--warn",
            Self::Stall => "pill pill--stall",
            Self::Bad => "pill pill--bad",
        }
    }
}

/// A status in one word, capitals by convention ("UP", "PAUSED").
#[component]
pub fn Pill(tone: Tone, icon: &'static str, #[prop(into)] text: String) -> impl IntoView {
    view! {
        <span class=tone.class()>
            <Icon name=icon />
            {text}
        </span>
    }
    .into_any()
}

/// A key of the keyboard.
#[component]
pub fn Kbd(#[prop(into)] key: String) -> impl IntoView {
    view! { <kbd class="kbd">{key}</kbd> }
}
