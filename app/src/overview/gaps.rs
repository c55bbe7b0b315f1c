use super::attention::quiet;
use crate::{
    sources::{gap_bounds, reason_words},
    ui::{Time, TimeForm},
};
use leptos::prelude::*;
use weir_domain::{overview::Summary, sources::GapShown};

/// How many are listed here; a source's page has them all.
const MOST: usize = 6;

/// What brokers lost before it could be read, newest first.
pub(super) fn recent_gaps(s: &Summary) -> AnyView {
    let lines: Vec<AnyView> = s.recent_gaps.iter().take(MOST).map(line).collect();
    let body = match lines.is_empty() {
        true => quiet("None: every position since capture began is stored or accounted for."),
        false => view! { <ul class="gaps">{lines}</ul> }.into_any(),
    };
    view! {
        <section class="panel" aria-labelledby="recent-gaps">
            <div class="panel__head">
                <h2 class="panel__title" id="recent-gaps">
                    "Gaps"
                </h2>
                <span class="panel__note">"what brokers lost unread"</span>
            </div>
            {body}
        </section>
    }
    .into_any()
}

fn line(gap: &GapShown) -> AnyView {
    view! {
        <li>
            <span class="row row--between">
                <span class="mono med trunc">{format!("{}/{}", gap.channel_name, gap.partition_number)}</span>
                <span class="small muted">
                    <Time at=gap.found_at form=TimeForm::Date />
                </span>
            </span>
            <span class="small soft">{format!("{}: {}", gap_bounds(gap), reason_words(gap.reason))}</span>
        </li>
    }
    .into_any()
}
