use crate::{
    env::use_env,
    ui::{Icon, Pill, Time, TimeForm, Tone},
};
use leptos::prelude::*;
use weir_domain::overview::{Attention, Summary};

/// What needs a person, ranked by what becomes irreversible first.
#[component]
pub(super) fn NeedsAttention(summary: Memo<Summary>) -> impl IntoView {
    let lines = Memo::new(move |_| summary.with(|s| s.attention.clone()));
    view! {
        <section class="panel" aria-labelledby="needs-attention">
            <div class="panel__head">
                <h2 class="panel__title" id="needs-attention">
                    "Needs attention"
                </h2>
                <span class="panel__note">"ranked by what can't be made good later"</span>
            </div>
            <Show
                when=move || !lines.with(Vec::is_empty)
                fallback=|| {
                    view! {
                        <p class="quiet">
                            <span class="ok-t">
                                <Icon name="check" />
                            </span>
                            "Nothing needs you."
                        </p>
                    }
                }
            >
                <ol class="attn">
                    {move || lines.with(|l| l.iter().cloned().enumerate().map(|(i, a)| line(i + 1, a)).collect_view())}
                </ol>
            </Show>
        </section>
    }
    .into_any()
}

fn line(rank: usize, a: Attention) -> impl IntoView {
    let env = use_env();
    let (tone, icon, word) = looks(&a.kind);
    let link = StoredValue::new(a.link);
    let href = move || link.with_value(|l| env.link(l));
    view! {
        <li>
            <span class="attn__rank">{rank}</span>
            <div>
                <div class="attn__head">
                    <Pill tone icon text=word />
                    <a class="attn__title" href=href>
                        {a.title}
                    </a>
                </div>
                <p class="attn__why">{a.detail}</p>
            </div>
            <div class="attn__end">
                {a
                    .since
                    .map(|at| {
                        view! {
                            <span class="small nowrap muted">"since " <Time at form=TimeForm::Date /></span>
                        }
                    })}
            </div>
        </li>
    }
}

/// Tone, icon and word for a kind of trouble; a kind this page doesn't know yet still shows.
fn looks(kind: &str) -> (Tone, &'static str, &'static str) {
    match kind {
        "down" => (Tone::Bad, "stop", "DOWN"),
        "gap" => (Tone::Bad, "gap", "GAP"),
        "held" => (Tone::Stall, "stall", "HELD"),
        "behind" => (Tone::Warn, "warn", "BEHIND"),
        "stale" => (Tone::Warn, "clock", "NO NEWS"),
        _ => (Tone::Info, "warn", "LOOK"),
    }
}
