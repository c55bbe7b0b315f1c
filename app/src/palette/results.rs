use super::item::Item;
use crate::ui::{Icon, Kbd, format::middle};
use leptos::prelude::*;

/// The lines of the palette, with a heading where the kind changes.
#[component]
pub(super) fn Results(items: Memo<Vec<Item>>, chosen: RwSignal<usize>, go: Callback<String>) -> impl IntoView {
    Effect::new(move |_| {
        let line = document().get_element_by_id(&format!("palette-{}", chosen.get()));
        if let Some(line) = line {
            line.scroll_into_view_with_bool(false);
        }
    });
    let lines = move || {
        let mut group = "";
        items
            .get()
            .into_iter()
            .enumerate()
            .map(|(n, item)| {
                let heading = (item.group != group).then(|| {
                    group = item.group;
                    view! {
                        <div class="palette__group" role="presentation">
                            {group}
                        </div>
                    }
                });
                view! {
                    {heading}
                    <Line n item chosen go />
                }
            })
            .collect_view()
    };
    view! {
        <div class="palette__list" role="listbox" id="palette-list" aria-label="Results">
            {lines}
        </div>
    }
    .into_any()
}

#[component]
fn Line(n: usize, item: Item, chosen: RwSignal<usize>, go: Callback<String>) -> impl IntoView {
    let href = item.href;
    let mono = if item.group == "Pages" { "trunc" } else { "mono trunc" };
    let keys: Vec<_> = item.keys.split_whitespace().map(|key| view! { <Kbd key /> }).collect();
    view! {
        <div
            class="palette__item"
            role="option"
            id=format!("palette-{n}")
            aria-selected=move || (chosen.get() == n).to_string()
            // The input keeps the focus.
            on:mousedown=|e| e.prevent_default()
            on:pointermove=move |_| {
                if chosen.get_untracked() != n {
                    chosen.set(n);
                }
            }
            on:click=move |_| go.run(href.clone())
        >
            <Icon name=item.icon />
            <bdi class=mono>{middle(&item.text, 64)}</bdi>
            <span class="muted trunc small">{item.note}</span>
            <span class="push row">{keys}</span>
        </div>
    }
    .into_any()
}
