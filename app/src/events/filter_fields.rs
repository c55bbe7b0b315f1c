use super::{
    Place,
    facets::{Names, if_there},
    form::follow_value,
    state::Page,
    visible,
};
use crate::{palette::Suggestions, ui::varying};
use leptos::{ev, html, prelude::*};
use weir_domain::catalog::Completion;

/// Source, channel and type: exact names, with suggestions where there are any.
pub(super) fn filter_fields(page: Page, names: Names) -> AnyView {
    let sources = if_there(names.sources, move |sources: Vec<Completion>| source_field(page, &sources));
    let clear = move || page.href(|p| Place { env: p.env.clone(), tail: p.tail, ..Place::default() });
    view! {
        <div class="field">
            <label for="ev-source">"Source"</label>
            {sources}
        </div>
        {suggested(page, "channel", "Channel", |p| p.channel.clone())}
        {suggested(page, "type", "Event type", |p| p.event_type.clone())}
        <div class="row">
            <button type="submit" class="btn btn--primary btn--sm">
                "Apply"
            </button>
            <a class="btn btn--ghost btn--sm" href=varying(clear)>
                "Clear all"
            </a>
        </div>
    }
    .into_any()
}

fn source_field(page: Page, sources: &[Completion]) -> AnyView {
    let asked = Memo::new(move |_| page.place.with(|p| p.source.clone().unwrap_or_default()));
    let mut options = vec![option(asked, String::new(), "Any".into())];
    options.extend(sources.iter().filter_map(|c| Some(option(asked, c.source?.to_string(), visible::plain(&c.text)))));
    view! {
        <select class="select" id="ev-source" name="source">
            {options}
        </select>
    }
    .into_any()
}

fn option(asked: Memo<String>, id: String, name: String) -> AnyView {
    let mine = id.clone();
    view! {
        <option value=id selected=varying(move || asked.with(|a| *a == mine))>
            {name}
        </option>
    }
    .into_any()
}

/// A text field with a list of suggestions, asked for while typing.
fn suggested(page: Page, name: &'static str, label: &'static str, value: fn(&Place) -> Option<String>) -> AnyView {
    let found = Suggestions::new();
    let input = NodeRef::<html::Input>::new();
    let value = move || page.place.with(|p| value(p).unwrap_or_default());
    follow_value(input, value);
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
                on:focusin=move |_| found.ask(format!("{name}:{}", untrack(value)))
            />
            <datalist id=list>{varying(options)}</datalist>
        </div>
    }
    .into_any()
}
