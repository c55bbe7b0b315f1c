use super::attention::quiet;
use crate::{
    Env,
    changes::icon,
    ui::{Icon, Time, TimeForm},
};
use leptos::prelude::*;
use weir_domain::{changes::ChangeShown, overview::Summary};

/// What changed lately, newest first: the likely cause of what needs attention.
pub(super) fn what_changed(s: &Summary, env: Env) -> AnyView {
    let lines: Vec<AnyView> = s.changes.iter().map(|c| line(c, env)).collect();
    let body = match lines.is_empty() {
        true => quiet("Nothing changed."),
        false => view! { <ul class="changes panel__body">{lines}</ul> }.into_any(),
    };
    let (all, more) = (s.changes_total.to_string(), if s.more_changes { "+" } else { "" });
    view! {
        <section class="panel" aria-labelledby="what-changed">
            <div class="panel__head">
                <h2 class="panel__title" id="what-changed">
                    "What changed"
                </h2>
                <span class="panel__note">"last 24 h"</span>
                <a class="push small" href=env.link("/changes")>
                    "All "
                    {all}
                    {more}
                </a>
            </div>
            {body}
        </section>
    }
    .into_any()
}

fn line(change: &ChangeShown, env: Env) -> AnyView {
    let title = match change.link.as_deref().filter(|l| l.starts_with('/')) {
        Some(path) => view! { <a href=env.link(path)>{change.title.clone()}</a> }.into_any(),
        None => view! { <b class="med">{change.title.clone()}</b> }.into_any(),
    };
    view! {
        <li>
            <Time at=change.at form=TimeForm::Clock />
            <Icon name=icon(change.kind) />
            <span>{title} " " <span class="soft">{change.detail.clone()}</span></span>
        </li>
    }
    .into_any()
}
