use super::{
    Place,
    drop_menu::DropMenu,
    range::{self, End, PRESETS},
    state::{Page, use_page},
};
use crate::ui::{Icon, Kbd};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast as _;

/// The time range: presets are links, one's own range is a GET form.
#[component]
pub(super) fn RangeMenu() -> impl IntoView {
    let page = use_page();
    let place = page.place;
    let words = Memo::new(move |_| place.with(|p| range::words(p.from.as_deref(), p.to.as_deref())));
    let any = std::iter::once((None, "Any time"));
    let links = any
        .chain(PRESETS.iter().map(|(value, name)| (Some(*value), *name)))
        .map(|(value, name)| {
            let current = move || place.with(|p| p.from.as_deref() == value && p.to.is_none()).then_some("true");
            let href = move || place.with(|p| Place { from: value.map(Into::into), to: None, ..p.first_page() }.href());
            view! { <a class="menu__item" href=href aria-current=current>{name}</a> }
        })
        .collect_view();
    view! {
        <DropMenu
            id="ev-range"
            label=move || {
                view! {
                    <Icon name="clock" small=true />
                    <span>{move || words.get()}</span>
                    <Icon name="down" small=true />
                }
            }
        >
            <div class="drop__links">{links}</div>
            <form class="stack" method="get" action="/events" on:submit=move |e| submitted(page, &e)>
                <Kept />
                <Field name="from" label="From (UTC)" value=Signal::derive(move || place.with(|p| field(p.from.as_deref()))) />
                <Field name="to" label="To (UTC)" value=Signal::derive(move || place.with(|p| field(p.to.as_deref()))) />
                <button type="submit" class="btn btn--sm">
                    "Set range"
                    <span class="needs-script" aria-hidden="true">
                        <Kbd key="t" />
                    </span>
                </button>
            </form>
        </DropMenu>
    }
    .into_any()
}

/// An absolute end as the field writes it; relative ones leave it empty.
fn field(text: Option<&str>) -> String {
    match text.and_then(End::parse) {
        Some(End::At(t)) => range::field_value(t),
        _ => String::new(),
    }
}

#[component]
fn Field(name: &'static str, label: &'static str, value: Signal<String>) -> impl IntoView {
    let id = format!("ev-{name}");
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input class="input" type="datetime-local" step="1" id=id name=name value=move || value.get() />
        </div>
    }
    .into_any()
}

/// The rest of the filter, for the form without the script.
#[component]
fn Kept() -> impl IntoView {
    let place = use_page().place;
    let field = move |name: &'static str, value: fn(&Place) -> Option<String>| {
        move || place.with(value).map(|value| view! { <input type="hidden" name=name value=value /> })
    };
    view! {
        {field("env", |p| p.env.clone())}
        {field("source", |p| p.source.clone())}
        {field("channel", |p| p.channel.clone())}
        {field("type", |p| p.event_type.clone())}
        {field("key", |p| p.key.clone())}
    }
    .into_any()
}

fn submitted(page: Page, e: &ev::SubmitEvent) {
    let Some(form) = e.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) else { return };
    e.prevent_default();
    let value = |name: &str| {
        let field = form.query_selector(&format!("[name={name}]")).ok().flatten()?;
        let text = js_sys::Reflect::get(&field, &"value".into()).ok()?.as_string()?;
        match End::parse(&text) {
            Some(End::At(t)) => Some(range::absolute_text(t)),
            _ => None,
        }
    };
    let place = page.place.get_untracked();
    page.go(&Place { from: value("from"), to: value("to"), tail: false, ..place.first_page() });
}
