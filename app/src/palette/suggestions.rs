use crate::wire::{self, Question};
use leptos::prelude::*;
use std::time::Duration;
use weir_domain::{
    EnvironmentId,
    catalog::{Completion, Completions},
};

/// Typing faster than this asks only once.
const DEBOUNCE: Duration = Duration::from_millis(120);

/// What completes a text, asked for while it is typed. Only the newest question's answer counts.
#[derive(Clone, Copy)]
pub(crate) struct Suggestions {
    pub lines: RwSignal<Vec<Completion>>,
    /// "n channels you may not see"
    pub hidden: RwSignal<u32>,
    turn: StoredValue<u32>,
    env: Signal<Option<EnvironmentId>>,
}

impl Suggestions {
    pub fn new() -> Self {
        let env = crate::env::use_env();
        Self {
            lines: RwSignal::new(Vec::new()),
            hidden: RwSignal::new(0),
            turn: StoredValue::new(0),
            env: Signal::derive(move || env.get()),
        }
    }

    /// Forgets the answers, those under way too.
    pub fn clear(self) {
        self.next_turn();
        self.lines.set(Vec::new());
    }

    pub fn ask(self, text: String) {
        let mine = self.next_turn();
        let question = Question::Complete { env: self.env.get_untracked(), text };
        let ask = move || {
            if self.turn.try_get_value() == Some(mine) {
                leptos::task::spawn_local(self.answer(mine, question));
            }
        };
        set_timeout(ask, DEBOUNCE);
    }

    async fn answer(self, mine: u32, question: Question) {
        // An answer that failed suggests nothing; what was typed can still be used.
        let found = wire::fetch::<Completions>(question).await.unwrap_or_default();
        if self.turn.try_get_value() == Some(mine) {
            self.hidden.try_set(found.hidden_channels);
            self.lines.try_set(found.lines);
        }
    }

    fn next_turn(self) -> u32 {
        let next = self.turn.get_value().wrapping_add(1);
        self.turn.set_value(next);
        next
    }
}
