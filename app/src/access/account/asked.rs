use crate::{
    drawn::time,
    ui::{Pill, Tone},
};
use leptos::prelude::*;
use weir_domain::access::people::{AccountShown, RequestShown};

/// What one asked for, with the answers.
pub(super) fn asked(account: &AccountShown) -> AnyView {
    if account.asked.is_empty() {
        return ().into_any();
    }
    let each = account.asked.iter().map(request).collect::<Vec<_>>();
    view! {
        <section class="panel" aria-labelledby="asked">
            <div class="panel__head">
                <h2 class="panel__title" id="asked">
                    "What you asked for"
                </h2>
            </div>
            <ul class="asks">{each}</ul>
        </section>
    }
    .into_any()
}

fn request(r: &RequestShown) -> AnyView {
    let (tone, icon, word) = match &r.answer {
        None => (Tone::Info, "clock", "WAITS"),
        Some(a) if a.granted => (Tone::Ok, "check", "GIVEN"),
        Some(_) => (Tone::Idle, "x", "DECLINED"),
    };
    let answer = r.answer.as_ref().map(|a| {
        let by = a.by.clone().unwrap_or_else(|| "an administrator".into());
        let word = if a.word.is_empty() { String::new() } else { format!(": {}", a.word) };
        view! { <p>"Answered " {time(a.at)} " by " {by} {word}</p> }
    });
    view! {
        <li class="ask">
            <div class="stack stack--sm">
                <p class="row">
                    <Pill tone icon text=word />
                    <b class="strong">{r.role.as_str()}</b>
                    <span class="muted">"asked " {time(r.made_at)}</span>
                </p>
                <p class="ask__reason">{r.reason.clone()}</p>
                {answer}
            </div>
        </li>
    }
    .into_any()
}
