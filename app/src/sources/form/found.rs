//! What a test found out, and what is wrong with a form: above the form, where the page begins.

use super::{preview::preview, values::Values};
use crate::{
    drawn::failure,
    ui::{Banner, Pill, Tone, format},
};
use leptos::prelude::*;
use weir_domain::sources::{Outcome, Step};

/// The field that means the whole form.
const WHOLE: &str = "secrets_key";

pub fn found(values: &Values) -> AnyView {
    let told = &values.told;
    view! {
        {failure(&values.echo)}
        {wrong(values)}
        {told.steps.as_ref().map(|s| steps(s))}
        {told.preview.as_ref().map(preview)}
    }
    .into_any()
}

/// A list of what is wrong, each with a way to its field.
fn wrong(values: &Values) -> Option<AnyView> {
    let problems = &values.told.problems;
    if problems.is_empty() {
        return None;
    }
    let one = |p: &weir_domain::sources::FieldProblem| {
        let text = p.what.clone();
        if p.field == WHOLE {
            view! { <li>{text}</li> }.into_any()
        } else {
            view! {
                <li>
                    <a href=format!("#{}", p.field)>{text}</a>
                </li>
            }
            .into_any()
        }
    };
    let items: Vec<AnyView> = problems.iter().map(one).collect();
    let many = format::count(problems.len() as u64, "thing needs", "things need");
    Some(
        view! {
            <div role="alert">
                <Banner tone="banner--warn" icon="warn">
                    <b class="strong">{format!("{many} to be put right. Nothing was stored.")}</b>
                    <ul class="wrongs">{items}</ul>
                </Banner>
            </div>
        }
        .into_any(),
    )
}

fn steps(steps: &[Step]) -> AnyView {
    let failed = steps.iter().find(|s| s.is_failed());
    let (tone, icon, words) = match failed {
        None => ("banner--ok", "check", "The connection works.".to_owned()),
        Some(step) => ("banner--bad", "stop", format!("The test stopped at: {}.", step.kind.title())),
    };
    let items: Vec<AnyView> = steps.iter().map(step).collect();
    view! {
        <section class="panel" aria-labelledby="found">
            <div class="panel__head">
                <h2 class="panel__title" id="found" tabindex="-1" autofocus>
                    "Test of the connection"
                </h2>
                <span class="panel__note">"nothing was stored"</span>
            </div>
            <div class="panel__body stack stack--lg">
                <div role="status">
                    <Banner tone icon>
                        <b class="strong">{words}</b>
                    </Banner>
                </div>
                <ol class="trial">{items}</ol>
            </div>
        </section>
    }
    .into_any()
}

fn step(step: &Step) -> AnyView {
    let (state, tone, icon, word) = match &step.outcome {
        Outcome::Passed { .. } => ("done", Tone::Ok, "check", "OK"),
        Outcome::Failed { .. } => ("bad", Tone::Bad, "stop", "FAILED"),
        Outcome::Skipped { .. } => ("skipped", Tone::Idle, "stall", "–"),
    };
    let body = match &step.outcome {
        Outcome::Passed { detail } => view! { <p class="soft">{detail.clone()}</p> }.into_any(),
        Outcome::Skipped { why } => view! { <p class="muted">{why.clone()}</p> }.into_any(),
        Outcome::Failed { what, what_to_do } => {
            // Commands to copy stand on lines of their own.
            let (words, commands) = what_to_do.split_once('\n').unwrap_or((what_to_do, ""));
            let commands = (!commands.is_empty()).then(|| view! { <pre class="command">{commands.to_owned()}</pre> });
            view! {
                <p>{what.clone()}</p>
                <p class="strong">{words.to_owned()}</p>
                {commands}
            }
            .into_any()
        }
    };
    view! {
        <li data-s=state>
            <Pill tone icon text=word />
            <div class="stack stack--sm">
                <h3 class="med">{step.kind.title()}</h3>
                {body}
            </div>
        </li>
    }
    .into_any()
}
