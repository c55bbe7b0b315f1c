use crate::{
    Env,
    ui::{Icon, Pill, Time, TimeForm, Tone},
};
use leptos::prelude::*;
use weir_domain::overview::{Attention, Summary};

/// What needs a person, ranked by what becomes irreversible first.
pub(super) fn needs_attention(s: &Summary, env: Env) -> AnyView {
    let lines: Vec<AnyView> = s.attention.iter().enumerate().map(|(i, a)| line(i + 1, a, env)).collect();
    let body = match lines.is_empty() {
        true => quiet("Nothing needs you."),
        false => view! { <ol class="attn">{lines}</ol> }.into_any(),
    };
    view! {
        <section class="panel" aria-labelledby="needs-attention">
            <div class="panel__head">
                <h2 class="panel__title" id="needs-attention">
                    "Needs attention"
                </h2>
                <span class="panel__note">"ranked by what can't be made good later"</span>
            </div>
            {body}
        </section>
    }
    .into_any()
}

/// All is well, in words.
pub(super) fn quiet(words: &'static str) -> AnyView {
    view! {
        <p class="quiet">
            <span class="ok-t">
                <Icon name="check" />
            </span>
            {words}
        </p>
    }
    .into_any()
}

fn line(rank: usize, a: &Attention, env: Env) -> AnyView {
    let (tone, icon, word) = looks(&a.kind);
    let since = match a.since {
        Some(at) => {
            view! { <span class="small nowrap muted">"since " <Time at form=TimeForm::Date /></span> }.into_any()
        }
        None => ().into_any(),
    };
    view! {
        <li>
            <span class="attn__rank">{rank.to_string()}</span>
            <div>
                <div class="attn__head">
                    <Pill tone icon text=word />
                    <a class="attn__title" href=env.link(&a.link)>
                        {a.title.clone()}
                    </a>
                </div>
                <p class="attn__why">{a.detail.clone()}</p>
            </div>
            <div class="attn__end">{since}</div>
        </li>
    }
    .into_any()
}

/// Tone, icon and word for a kind of trouble; a kind this page doesn't know yet still shows.
fn looks(kind: &str) -> (Tone, &'static str, &'static str) {
    match kind {
        "down" => (Tone::Bad, "stop", "DOWN"),
        "gap" => (Tone::Bad, "gap", "GAP"),
        "held" => (Tone::Stall, "stall", "HELD"),
        "behind" => (Tone::Warn, "warn", "BEHIND"),
        "paused" => (Tone::Idle, "stall", "PAUSED"),
        "budget" => (Tone::Warn, "warn", "BUDGET"),
        "stale" => (Tone::Warn, "clock", "NO NEWS"),
        _ => (Tone::Info, "warn", "LOOK"),
    }
}
