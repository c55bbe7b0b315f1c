use crate::ui::format;
use leptos::prelude::*;
use weir_domain::sources::SourceDetail;

/// Channels that exist at the broker and that no pattern includes: seen by name only, nothing stored.
pub(super) fn left_out(d: &SourceDetail) -> AnyView {
    let total = u64::from(d.source.left_out_total);
    if total == 0 {
        return ().into_any();
    }
    let mut names: Vec<AnyView> =
        d.left_out.iter().map(|name| view! { <li class="mono">{name.clone()}</li> }.into_any()).collect();
    if let Some(more) = total.checked_sub(d.left_out.len() as u64).filter(|n| *n > 0) {
        names.push(view! { <li class="muted">{format!("and {} more", format::exact(more))}</li> }.into_any());
    }
    let note = format!(
        "{} no pattern includes; nothing of them is read",
        format::count(total, "channel that", "channels that")
    );
    view! {
        <section class="panel" aria-labelledby="left-out">
            <div class="panel__head">
                <h2 class="panel__title" id="left-out">
                    "Left out"
                </h2>
                <span class="panel__note">{note}</span>
            </div>
            <ul class="panel__body names">{names}</ul>
        </section>
    }
    .into_any()
}
