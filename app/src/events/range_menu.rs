use super::{
    Place,
    drop_menu::drop_menu,
    form::{kept, sent},
    range::{self, End, PRESETS},
    state::Page,
};
use crate::ui::{Icon, Kbd, Zone, time, use_zone, varying};
use leptos::{ev, prelude::*};

/// The time range: presets are links, one's own range is a GET form.
pub(super) fn range_menu(page: Page) -> AnyView {
    let zone = use_zone();
    let words = move || page.place.with(|p| range::words(p.from.as_deref(), p.to.as_deref(), zone.get()));
    let mut links = vec![preset(page, None, "Any time")];
    links.extend(PRESETS.iter().map(|(value, name)| preset(page, Some(value), name)));
    let kept = kept(
        page,
        &[
            ("env", |p| p.env.clone()),
            ("source", |p| p.source.clone()),
            ("channel", |p| p.channel.clone()),
            ("type", |p| p.event_type.clone()),
            ("key", |p| p.key.clone()),
            ("q", |p| p.q.clone()),
        ],
    );
    let label = view! {
        <Icon name="clock" small=true />
        <span>{varying(words)}</span>
        <Icon name="down" small=true />
        <span class="needs-script" aria-hidden="true">
            <Kbd key="t" />
        </span>
    };
    let inner = view! {
        <div class="drop__links">{links}</div>
        <form class="stack" method="get" action="/events" on:submit=move |e| submitted(page, &e, zone.get_untracked())>
            {kept}
            {field(page, "from", "From", zone, |p| &p.from)}
            {field(page, "to", "To", zone, |p| &p.to)}
            <button type="submit" class="btn btn--sm">
                "Set range"
            </button>
        </form>
    };
    drop_menu(page, "ev-range", label.into_any(), inner.into_any())
}

fn preset(page: Page, value: Option<&'static str>, name: &'static str) -> AnyView {
    let current = move || page.place.with(|p| p.from.as_deref() == value && p.to.is_none()).then_some("true");
    let href = move || page.href(|p| Place { from: value.map(Into::into), to: None, ..p.first_page() });
    view! {
        <a class="menu__item" href=varying(href) aria-current=varying(current)>
            {name}
        </a>
    }
    .into_any()
}

/// One end of one's own range, in the zone of the page's times; relative ends leave it empty.
fn field(
    page: Page,
    name: &'static str,
    label: &'static str,
    zone: Signal<Zone>,
    end: fn(&Place) -> &Option<String>,
) -> AnyView {
    let value = move || match page.place.with(|p| end(p).as_deref().and_then(End::parse)) {
        Some(End::At(t)) => range::field_value(time::shown_in(t, zone.get())),
        _ => String::new(),
    };
    let words = move || match zone.get() {
        Zone::Utc => format!("{label} (UTC)"),
        Zone::Local => format!("{label} (local)"),
    };
    let id = format!("ev-{name}");
    view! {
        <div class="field">
            <label for=id.clone()>{varying(words)}</label>
            <input class="input" type="datetime-local" step="1" id=id.clone() name=name value=varying(value) />
        </div>
    }
    .into_any()
}

fn submitted(page: Page, e: &ev::SubmitEvent, zone: Zone) {
    let value = sent(e);
    let end = |name: &str| match End::parse(&value(name)?) {
        Some(End::At(t)) => Some(range::absolute_text(time::meant_in(t, zone))),
        _ => None,
    };
    let place = page.place.get_untracked();
    page.go(&Place { from: end("from"), to: end("to"), tail: false, ..place.first_page() });
}
