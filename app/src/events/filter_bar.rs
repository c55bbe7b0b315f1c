use super::{
    Listed, Part, Place,
    drop_menu::drop_menu,
    empty::part_words,
    facets::Names,
    filter_fields::filter_fields,
    form::{follow_value, kept, sent},
    range_menu::range_menu,
    state::{Page, use_place},
};
use crate::{
    address,
    shell::use_toasts,
    ui::{
        Icon, Kbd,
        once::{click, link},
        varying,
    },
    wire,
};
use leptos::{ev, html, prelude::*};

/// The filter: a GET form whose fields are the address's own, so it works without the script.
pub(super) fn filter_bar(page: Page, names: Names) -> AnyView {
    let toasts = use_toasts();
    let copy = click(move || crate::ui::copy(copied(page), "link".into(), toasts));
    let filters = view! {
        <Icon name="filter" small=true />
        "Filters"
    };
    let kept = kept(
        page,
        &[
            ("env", |p| p.env.clone()),
            ("key", |p| p.key.clone()),
            ("from", |p| p.from.clone()),
            ("to", |p| p.to.clone()),
            ("tail", |p| p.tail.then(|| "1".into())),
        ],
    );
    view! {
        <div class="ev__head">
            <div class="row row--wrap">
                <h1 class="page__title ev-title">"Events"</h1>
                {range_menu(page)}
                <span class="push row">
                    {tail_switch(page)}
                    <button
                        type="button"
                        class="btn btn--sm needs-script"
                        title="Copy a link that shows the same later: its times are absolute"
                        on:click=copy
                    >
                        <Icon name="link" small=true />
                        "Copy link"
                    </button>
                </span>
            </div>
            <form class="ev-filter" method="get" action="/events" role="search" on:submit=move |e| submitted(page, &e)>
                {kept}
                <div class="querybar">
                    <Icon name="search" />
                    {chips(page)}
                    <label class="vh" for="ev-q">
                        "Query"
                    </label>
                    {query_field(page)}
                    <span class="needs-script" aria-hidden="true">
                        <Kbd key="/" />
                    </span>
                    <button type="submit" class="btn btn--sm">
                        "Search"
                    </button>
                </div>
                {drop_menu(page, "ev-filters", filters.into_any(), filter_fields(page, names))}
            </form>
        </div>
    }
    .into_any()
}

fn query_field(page: Page) -> AnyView {
    let input = NodeRef::<html::Input>::new();
    let query = move || page.place.with(|p| p.q.clone().unwrap_or_default());
    follow_value(input, query);
    view! {
        <input
            node_ref=input
            id="ev-q"
            type="search"
            name="q"
            value=untrack(query)
            placeholder="declined, key:ord-4711, data.amount>900"
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            maxlength="65536"
            on:keydown=move |e| {
                if e.key() == "Escape" {
                    e.stop_propagation();
                    // The browser would empty the field and leave the filter: what is shown is what filters.
                    e.prevent_default();
                    if let Some(input) = input.get_untracked() {
                        input.set_value(&untrack(query));
                    }
                    // What has no focus can't lose it.
                    let _ = event_target::<web_sys::HtmlElement>(&e).blur();
                }
            }
        />
    }
    .into_any()
}

/// The parts of the filter that the fields below and links set, each with its way out. The query stands in its field.
fn chips(page: Page) -> AnyView {
    wire::show_or(
        page.list,
        || ().into_any(),
        move |listed: Listed| all_chips(page.place, Some(&listed)),
        // What can't be answered must still be taken back.
        |_, _| all_chips(use_place(), None),
    )
}

fn all_chips(at: Memo<Place>, listed: Option<&Listed>) -> AnyView {
    let place = at.get_untracked();
    let mut chips: Vec<AnyView> = [Part::Key, Part::Source, Part::Channel, Part::Type]
        .into_iter()
        .filter(|part| place.parts().contains(part))
        .map(|part| {
            let (name, value) = part_words(&place, listed, part);
            let whole = value.clone();
            view! {
                <span class="chip">
                    <span>{name}</span>
                    <b>"="</b>
                    <span class="ev-chip" title=whole>
                        {value}
                    </span>
                    <a
                        class="chip__x"
                        href=varying(move || at.with(|p| p.without(part).href()))
                        aria-label=format!("Remove the filter by {name}")
                    >
                        <Icon name="x" small=true />
                    </a>
                </span>
            }
            .into_any()
        })
        .collect();
    if !place.parts().is_empty() {
        chips.push(link("btn btn--ghost btn--sm", move || at.with(|p| p.bare().href()), "Clear all".into_any()));
    }
    chips.into_any()
}

fn tail_switch(page: Page) -> AnyView {
    view! {
        <a
            class="ev-switch"
            role="switch"
            aria-checked=varying(move || page.place.with(|p| p.tail).to_string())
            href=varying(move || page.href(|p| p.tailing(!p.tail)))
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
    let value = sent(e);
    let place = page.place.get_untracked();
    let mut channel = value("channel");
    // The field shows the name of what the address holds as an id.
    if channel.is_some() && channel == untrack(|| page.channel_name()) {
        channel.clone_from(&place.channel);
    }
    let next =
        Place { q: value("q"), source: value("source"), channel, event_type: value("type"), ..place.first_page() };
    // Asking the same again asks the server again: there may be newer events.
    if next == place {
        page.list.refetch();
    } else {
        page.go(&next);
    }
}

/// The page's address, to be copied, with absolute times, as far as they are known.
fn copied(page: Page) -> String {
    let place = page.place.get_untracked();
    let frozen = match untrack(|| page.list.get::<Listed>()) {
        Some(Ok(listed)) => place.frozen(listed.filter.range, listed.at),
        _ => place,
    };
    address::whole(&frozen.href())
}
