use crate::{
    sources::{gap_bounds, reason_words},
    ui::{Icon, Time, TimeForm},
};
use leptos::prelude::*;
use weir_domain::{overview::Summary, sources::GapShown};

/// How many are listed here; a source's page has them all.
const MOST: usize = 6;

/// What brokers lost before it could be read, newest first.
#[component]
pub(super) fn RecentGaps(summary: Memo<Summary>) -> impl IntoView {
    let gaps = Memo::new(move |_| summary.with(|s| s.recent_gaps.iter().take(MOST).cloned().collect::<Vec<_>>()));
    view! {
        <section class="panel" aria-labelledby="recent-gaps">
            <div class="panel__head">
                <h2 class="panel__title" id="recent-gaps">
                    "Gaps"
                </h2>
                <span class="panel__note">"what brokers lost unread"</span>
            </div>
            <Show
                when=move || !gaps.with(Vec::is_empty)
                fallback=|| {
                    view! {
                        <p class="quiet">
                            <span class="ok-t">
                                <Icon name="check" />
                            </span>
                            "None: every position since capture began is stored or accounted for."
                        </p>
                    }
                }
            >
                <ul class="gaps">
                    <For each=move || gaps.get() key=|g| g.id children=line />
                </ul>
            </Show>
        </section>
    }
    .into_any()
}

fn line(gap: GapShown) -> impl IntoView {
    view! {
        <li>
            <span class="row row--between">
                <span class="mono med trunc">{format!("{}/{}", gap.channel_name, gap.partition_number)}</span>
                <span class="small muted">
                    <Time at=gap.found_at form=TimeForm::Date />
                </span>
            </span>
            <span class="small soft">{gap_bounds(&gap)} ": " {reason_words(gap.reason)}</span>
        </li>
    }
}
