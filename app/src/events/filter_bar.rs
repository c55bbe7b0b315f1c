use super::{
    Part, Place,
    drop_menu::DropMenu,
    empty::part_words,
    facets::Names,
    filter_fields::FilterFields,
    range_menu::RangeMenu,
    state::{Page, use_page},
};
use crate::{
    shell::use_toasts,
    ui::{Icon, Kbd},
};
use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast as _;

/// The filter: a GET form whose fields are the address's own, so it works without the script.
#[component]
pub(super) fn FilterBar(names: Names) -> impl IntoView {
    let page = use_page();
    let toasts = use_toasts();
    view! {
        <div class="ev__head">
            <div class="row row--wrap">
                <h1 class="page__title ev-title">"Events"</h1>
                <RangeMenu />
                <span class="push row">
                    <TailSwitch />
                    <button
                        type="button"
                        class="btn btn--sm needs-script"
                        title="Copy a link that shows the same later: its times are absolute"
                        on:click=move |_| crate::ui::copy(link(page), "link".into(), toasts)
                    >
                        <Icon name="link" small=true />
                        "Copy link"
                    </button>
                </span>
            </div>
            <form class="ev-filter" method="get" action="/events" role="search" on:submit=move |e| submitted(page, &e)>
                <HiddenFields />
                <div class="querybar">
                    <Icon name="search" />
                    <Chips />
                    <label class="vh" for="ev-key">
                        "Key"
                    </label>
                    <KeyField />
                    <span class="needs-script" aria-hidden="true">
                        <Kbd key="/" />
                    </span>
                    <button type="submit" class="btn btn--sm">
                        "Search"
                    </button>
                </div>
                <DropMenu id="ev-filters" label=|| view! { <Icon name="filter" small=true /> "Filters" }>
                    <FilterFields names />
                </DropMenu>
            </form>
        </div>
    }
    .into_any()
}

/// What a filter keeps of the address though the form doesn't show it.
#[component]
fn HiddenFields() -> impl IntoView {
    let place = use_page().place;
    let field = move |name: &'static str, value: fn(&Place) -> Option<String>| {
        move || place.with(value).map(|value| view! { <input type="hidden" name=name value=value /> })
    };
    view! {
        {field("env", |p| p.env.clone())}
        {field("from", |p| p.from.clone())}
        {field("to", |p| p.to.clone())}
        {field("tail", |p| p.tail.then(|| "1".into()))}
    }
    .into_any()
}

#[component]
fn KeyField() -> impl IntoView {
    let place = use_page().place;
    let input = NodeRef::<html::Input>::new();
    let key = Memo::new(move |_| place.with(|p| p.key.clone().unwrap_or_default()));
    // Not a bound property: what was typed before the page came alive must stay.
    Effect::watch(
        move || key.get(),
        move |key, _, _| {
            if let Some(input) = input.get_untracked() {
                input.set_value(key);
            }
        },
        false,
    );
    view! {
        <input
            node_ref=input
            id="ev-key"
            type="search"
            name="key"
            value=key.get_untracked()
            placeholder="Key, whole: ord-4711"
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            maxlength="65536"
            on:keydown=|e| {
                if e.key() == "Escape" {
                    e.stop_propagation();
                    let _ = event_target::<web_sys::HtmlElement>(&e).blur();
                }
            }
        />
    }
    .into_any()
}

/// The parts of the filter that the fields below set, each with its way out. The key stands in its field.
#[component]
fn Chips() -> impl IntoView {
    let page = use_page();
    view! {
        <Transition>
            {move || Suspend::new(async move {
                let listed = page.list.await.ok();
                let place = page.place.get();
                let chips = [Part::Source, Part::Channel, Part::Type]
                    .into_iter()
                    .filter(|part| place.parts().contains(part))
                    .map(|part| {
                        let (name, value) = part_words(&place, listed.as_ref(), part);
                        let whole = value.clone();
                        view! {
                            <span class="chip">
                                <span>{name}</span>
                                <b>"="</b>
                                <span class="ev-chip" title=whole>{value}</span>
                                <a
                                    class="chip__x"
                                    href=place.without(part).href()
                                    aria-label=format!("Remove the filter by {name}")
                                >
                                    <Icon name="x" small=true />
                                </a>
                            </span>
                        }
                    })
                    .collect_view();
                chips
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn TailSwitch() -> impl IntoView {
    let place = use_page().place;
    view! {
        <a
            class="ev-switch"
            role="switch"
            aria-checked=move || place.with(|p| p.tail).to_string()
            href=move || place.with(|p| p.tailing(!p.tail).href())
            data-noscroll=""
            on:keydown=|e| {
                // A switch is pressed with space too; a link by itself is not.
                if e.key() == " " {
                    e.prevent_default();
                    event_target::<web_sys::HtmlElement>(&e).click();
                }
            }
        >
            <span class="ev-switch__knob" aria-hidden="true"></span>
            "Live tail"
            <span class="needs-script" aria-hidden="true">
                <Kbd key="l" />
            </span>
        </a>
    }
    .into_any()
}

fn submitted(page: Page, e: &ev::SubmitEvent) {
    let Some(form) = e.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) else { return };
    e.prevent_default();
    let value = |name: &str| {
        let field = form.query_selector(&format!("[name={name}]")).ok().flatten()?;
        let value = js_sys::Reflect::get(&field, &"value".into()).ok()?.as_string()?;
        (!value.is_empty()).then_some(value)
    };
    let place = page.place.get_untracked();
    let next = Place {
        key: value("key"),
        source: value("source"),
        channel: value("channel"),
        event_type: value("type"),
        ..place.first_page()
    };
    if let Some(key) = &next.key {
        crate::palette::remember_key(key);
    }
    // Asking the same again asks the server again: there may be newer events.
    if next == place {
        page.list.refetch();
    } else {
        page.go(&next);
    }
}

/// The page's address with absolute times, as far as they are known.
fn link(page: Page) -> String {
    let place = page.place.get_untracked();
    let frozen = page.list.with_untracked(|l| match l {
        Some(Ok(listed)) => place.frozen(listed.filter.range, listed.at),
        _ => place,
    });
    format!("{}{}", location().origin().unwrap_or_default(), frozen.href())
}
