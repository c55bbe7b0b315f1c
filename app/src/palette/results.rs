use super::item::Item;
use crate::ui::{
    Icon, Kbd,
    format::middle,
    once::{click, effect, redrawn},
    varying,
};
use leptos::{ev, prelude::*};

/// The lines of the palette, with a heading where the kind changes.
pub(super) fn results(items: Signal<Vec<Item>>, chosen: RwSignal<usize>, go: Callback<String>) -> AnyView {
    effect(move || {
        let line = document().get_element_by_id(&format!("palette-{}", chosen.get()));
        if let Some(line) = line {
            line.scroll_into_view_with_bool(false);
        }
    });
    let lines = redrawn(move || {
        let (mut group, mut lines) = ("", Vec::<AnyView>::new());
        for (n, item) in items.get().into_iter().enumerate() {
            if item.group != group {
                group = item.group;
                let heading = view! {
                    <div class="palette__group" role="presentation">
                        {group}
                    </div>
                };
                lines.push(heading.into_any());
            }
            lines.push(line(n, item, chosen, go));
        }
        lines.into_any()
    });
    view! {
        <div class="palette__list" role="listbox" id="palette-list" aria-label="Results">
            {lines}
        </div>
    }
    .into_any()
}

fn line(n: usize, item: Item, chosen: RwSignal<usize>, go: Callback<String>) -> AnyView {
    let href = item.href;
    let mono = if item.group == "Pages" { "trunc" } else { "mono trunc" };
    let keys: Vec<AnyView> = item.keys.split_whitespace().map(|key| view! { <Kbd key /> }.into_any()).collect();
    let pointed = move |_: ev::PointerEvent| {
        if chosen.get_untracked() != n {
            chosen.set(n);
        }
    };
    view! {
        <div
            class="palette__item"
            role="option"
            id=format!("palette-{n}")
            aria-selected=varying(move || (chosen.get() == n).to_string())
            // The input keeps the focus.
            on:mousedown=|e| e.prevent_default()
            on:pointermove=pointed
            on:click=click(move || go.run(href.clone()))
        >
            <Icon name=item.icon />
            <bdi class=mono>{middle(&item.text, 64)}</bdi>
            <span class="muted trunc small">{item.note}</span>
            <span class="push row">{keys}</span>
        </div>
    }
    .into_any()
}
