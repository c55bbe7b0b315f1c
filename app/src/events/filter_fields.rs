use super::{
    Place,
    facets::{Names, if_there},
    form::follow_value,
    numbered,
    state::Page,
    visible,
};
use crate::{
    palette::Suggestions,
    ui::{once::effect, varying},
};
use leptos::{ev, html, prelude::*};
use weir_domain::catalog::{Completion, Completions};

/// Source, channel and type: exact names, with suggestions where there are any.
pub(super) fn filter_fields(page: Page, names: Names) -> AnyView {
    let sources = if_there(names.sources, move |found: Completions| source_field(page, &found.lines));
    view! {
        <div class="field">
            <label for="ev-source">"Source"</label>
            {sources}
        </div>
        {suggested(page, "channel", "Channel", |p| p.channel.clone(), Page::channel_name)}
        {suggested(page, "type", "Event type", |p| p.event_type.clone(), |_| None)}
        <button type="submit" class="btn btn--primary btn--sm">
            "Apply"
        </button>
    }
    .into_any()
}

fn source_field(page: Page, sources: &[Completion]) -> AnyView {
    let asked = Memo::new(move |_| page.place.with(|p| p.source.clone().unwrap_or_default()));
    let mut options = vec![option(asked, String::new(), "Any".into())];
    options.extend(sources.iter().filter_map(|c| Some(option(asked, numbered(c.source?), visible::plain(&c.text)))));
    view! {
        <select class="select" id="ev-source" name="source">
            {options}
        </select>
    }
    .into_any()
}

fn option(asked: Memo<String>, id: String, name: String) -> AnyView {
    // An address may name it instead.
    let (mine, named) = (id.clone(), name.clone());
    view! {
        <option value=id selected=varying(move || asked.with(|a| *a == mine || *a == named))>
            {name}
        </option>
    }
    .into_any()
}

/// A text field with a list of suggestions, asked for while typing.
fn suggested(
    page: Page,
    name: &'static str,
    label: &'static str,
    value: fn(&Place) -> Option<String>,
    named: fn(Page) -> Option<String>,
) -> AnyView {
    let found = Suggestions::new();
    let input = NodeRef::<html::Input>::new();
    let value = move || page.place.with(|p| value(p).unwrap_or_default());
    follow_value(input, value);
    // The name, where the address holds an id and the answer says whose it is.
    effect(move || {
        if let (Some(name), Some(input)) = (named(page), input.get_untracked())
            && input.value() == value()
        {
            input.set_value(&name);
        }
    });
    let ask = move |e: ev::Event| found.ask(format!("{name}:{}", event_target_value(&e)));
    let id = format!("ev-{name}");
    let list = format!("ev-{name}-list");
    let options = move || {
        let each = |c: Completion| view! { <option value=c.text>{c.note}</option> }.into_any();
        found.lines.get().into_iter().map(each).collect::<Vec<AnyView>>()
    };
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                node_ref=input
                class="input input--mono"
                id=id.clone()
                name=name
                list=list.clone()
                value=untrack(value)
                placeholder="Name, whole"
                autocomplete="off"
                spellcheck="false"
                maxlength="1024"
                on:input=ask
                on:focusin=move |e| found.ask(format!("{name}:{}", event_target_value(&e)))
            />
            <datalist id=list>{varying(options)}</datalist>
        </div>
    }
    .into_any()
}
