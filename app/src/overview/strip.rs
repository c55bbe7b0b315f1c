use crate::{
    Env,
    sources::state::{dimmed, is_dim, state_pills, state_why},
    ui::{SourceBadge, format, spark_last_hour},
};
use leptos::prelude::*;
use weir_domain::{capture::SourceState, overview::Summary, sources::SourceShown};

/// One cell per source. An unreachable broker dims its own and nothing else; why it is, is told once, under what needs
/// attention.
pub(super) fn strip(s: &Summary, env: Env) -> AnyView {
    let cells: Vec<AnyView> = s.sources.iter().map(|s| cell(s, env)).collect();
    view! {
        <ul class="conns" aria-label="Sources">
            {cells}
        </ul>
    }
    .into_any()
}

fn cell(s: &SourceShown, env: Env) -> AnyView {
    let note = match (s.behind, s.state) {
        (Some(0), SourceState::Up) => "up to date".to_owned(),
        (Some(n), state) if state.stands_still() => format!("at least {} behind", format::short(n)),
        (Some(n), _) => format!("{} behind", format::short(n)),
        (None, _) => String::new(),
    };
    view! {
        <li class=dimmed("conn", is_dim(s))>
            <div class="row row--between conn__head">
                <a class="trunc" href=env.link(&format!("/sources/{}", s.id))>
                    <SourceBadge kind=s.kind.clone() name=s.name.clone() />
                </a>
                <span class="muted tiny nowrap">{format!("{}/s", format::rate_or_unknown(s.events_per_s))}</span>
            </div>
            {spark_last_hour(&s.spark, is_dim(s))}
            <div class="row row--between conn__state">
                <span class="row">{state_pills(s)}</span>
                <span class="small soft nowrap">{note}</span>
            </div>
            <p class="conn__why">{state_why(s, s.state != SourceState::Down)}</p>
        </li>
    }
    .into_any()
}
