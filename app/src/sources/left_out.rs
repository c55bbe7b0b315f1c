use crate::ui::format;
use leptos::prelude::*;
use weir_domain::sources::SourceDetail;

/// Channels that exist at the broker and that no pattern includes: seen by name only, nothing stored.
#[component]
pub(super) fn LeftOut(detail: RwSignal<SourceDetail>) -> impl IntoView {
    let names = Memo::new(move |_| detail.with(|d| d.left_out.clone()));
    let total = Memo::new(move |_| detail.with(|d| d.source.left_out_total));
    let more = move || {
        let listed = names.with(|n| n.len() as u64);
        u64::from(total.get()).checked_sub(listed).filter(|n| *n > 0)
    };
    view! {
        <Show when=move || { total.get() > 0 } fallback=|| ()>
            <section class="panel" aria-labelledby="left-out">
                <div class="panel__head">
                    <h2 class="panel__title" id="left-out">
                        "Left out"
                    </h2>
                    <span class="panel__note">
                        {move || {
                            format!(
                                "{} no pattern in weir.toml includes; nothing of them is read",
                                format::count(total.get().into(), "channel that", "channels that"),
                            )
                        }}
                    </span>
                </div>
                <ul class="panel__body names">
                    <For each=move || names.get() key=Clone::clone let:name>
                        <li class="mono">{name}</li>
                    </For>
                    {move || more().map(|n| view! { <li class="muted">{format!("and {} more", format::exact(n))}</li> })}
                </ul>
            </section>
        </Show>
    }
    .into_any()
}
