use crate::ui::{Pill, Tone, format};
use leptos::prelude::*;
use weir_domain::erasures::{Erasure, ErasureState, SubjectKind};

pub(super) fn pill(state: ErasureState) -> AnyView {
    let (tone, icon, text) = match state {
        ErasureState::Counting => (Tone::Info, "clock", "counting"),
        ErasureState::Waiting => (Tone::Warn, "people", "waits for a second person"),
        ErasureState::Running => (Tone::Info, "play", "erasing"),
        ErasureState::Cleaning => (Tone::Info, "clock", "cleaning up"),
        ErasureState::Done => (Tone::Ok, "check", "done"),
        ErasureState::Declined => (Tone::Idle, "x", "declined"),
        ErasureState::Withdrawn => (Tone::Idle, "undo", "withdrawn"),
        ErasureState::Expired => (Tone::Idle, "clock", "ended undecided"),
    };
    view! { <Pill tone icon text /> }.into_any()
}

pub(super) const fn of_what(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Key => "a key",
        SubjectKind::Value => "a value",
        SubjectKind::Events => "single events",
    }
}

pub(super) fn wherever(request: &Erasure) -> String {
    match &request.channels {
        None => "every channel".into(),
        Some(channels) => format::count(channels.len() as u64, "channel", "channels"),
    }
}
