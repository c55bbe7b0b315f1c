use super::{facets::Names, state::use_page, visible};
use crate::palette::catalog_complete;
use leptos::{html, prelude::*};
use std::time::Duration;
use weir_domain::catalog::{Completion, CompletionKind};

const DEBOUNCE: Duration = Duration::from_millis(150);

/// Source, channel and type: exact names, with suggestions where there are any.
#[component]
pub(super) fn FilterFields(names: Names) -> impl IntoView {
    let place = use_page().place;
    view! {
        <div class="field">
            <label for="ev-source">"Source"</label>
            <Transition>
                {move || Suspend::new(async move {
                    let sources: Vec<_> = names
                        .await
                        .unwrap_or_default()
                        .into_iter()
                        .filter(|c| c.kind == CompletionKind::Source)
                        .collect();
                    view! { <SourceField sources /> }
                })}
            </Transition>
        </div>
        <Suggested
            name="channel"
            label="Channel"
            placeholder="Name, whole"
            value=Signal::derive(move || place.with(|p| p.channel.clone().unwrap_or_default()))
        />
        <Suggested
            name="type"
            label="Event type"
            placeholder="Name, whole"
            value=Signal::derive(move || place.with(|p| p.event_type.clone().unwrap_or_default()))
        />
        <div class="row">
            <button type="submit" class="btn btn--primary btn--sm">
                "Apply"
            </button>
            <a class="btn btn--ghost btn--sm" href=move || place.with(clear)>
                "Clear all"
            </a>
        </div>
    }
    .into_any()
}

fn clear(place: &super::Place) -> String {
    super::Place { env: place.env.clone(), tail: place.tail, ..super::Place::default() }.href()
}

#[component]
fn SourceField(sources: Vec<Completion>) -> impl IntoView {
    let place = use_page().place;
    let asked = Memo::new(move |_| place.with(|p| p.source.clone().unwrap_or_default()));
    let options = sources
        .into_iter()
        .filter_map(|c| {
            let id = c.source?.to_string();
            let mine = id.clone();
            Some(view! {
                <option value=id selected=move || asked.with(|a| *a == mine)>
                    {visible::plain(&c.text)}
                </option>
            })
        })
        .collect_view();
    view! {
        <select class="select" id="ev-source" name="source">
            <option value="" selected=move || asked.with(String::is_empty)>
                "Any"
            </option>
            {options}
        </select>
    }
    .into_any()
}

/// A text field with a list of suggestions, asked for while typing.
#[component]
fn Suggested(
    name: &'static str,
    label: &'static str,
    placeholder: &'static str,
    value: Signal<String>,
) -> impl IntoView {
    let env = crate::env::use_env();
    let found = RwSignal::new(Vec::<Completion>::new());
    let turn = StoredValue::new(0_u32);
    let input = NodeRef::<html::Input>::new();
    Effect::watch(
        move || value.get(),
        move |value, _, _| {
            if let Some(input) = input.get_untracked() {
                input.set_value(value);
            }
        },
        false,
    );
    let ask = move |text: String| {
        let mine = turn.get_value().wrapping_add(1);
        turn.set_value(mine);
        let env = untrack(|| env.get());
        set_timeout(
            move || {
                if turn.try_get_value() != Some(mine) {
                    return;
                }
                leptos::task::spawn_local(async move {
                    // No suggestions leave a plain field.
                    let answer = catalog_complete(env, format!("{name}:{text}")).await.unwrap_or_default();
                    if turn.try_get_value() == Some(mine) {
                        found.try_set(answer);
                    }
                });
            },
            DEBOUNCE,
        );
    };
    let id = format!("ev-{name}");
    let list = format!("ev-{name}-list");
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                node_ref=input
                class="input input--mono"
                id=id
                name=name
                list=list.clone()
                value=value.get_untracked()
                placeholder=placeholder
                autocomplete="off"
                spellcheck="false"
                maxlength="1024"
                on:focus=move |e| ask(event_target_value(&e))
                on:input=move |e| ask(event_target_value(&e))
            />
            <datalist id=list>
                {move || found.get().into_iter().map(|c| view! { <option value=c.text>{c.note}</option> }).collect_view()}
            </datalist>
        </div>
    }
    .into_any()
}
