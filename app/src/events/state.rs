use super::{Listed, Place, api::events_list, live_tail::Tailing};
use crate::Failure;
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_url},
};
use std::sync::Arc;
use weir_domain::{EventId, events::EventRow};

/// What the parts of the Events page share.
#[derive(Clone, Copy)]
pub(super) struct Page {
    pub place: Memo<Place>,
    pub list: Resource<Result<Listed, Failure>>,
    /// The row that `j` and `k` move, which has the list's one tab stop.
    pub cursor: RwSignal<Option<EventId>>,
    pub tailing: Tailing,
    /// The rows on the page now, for keys.
    rows: StoredValue<Option<Memo<Vec<EventRow>>>>,
    go: Callback<(String, bool)>,
}

/// The place the address tells.
pub(super) fn use_place() -> Memo<Place> {
    let url = use_url();
    Memo::new(move |_| url.with(|u| Place::parse(u.search())))
}

/// A function that changes the address within the page: nothing scrolls, `true` replaces the present entry.
pub(super) fn use_go() -> Callback<(String, bool)> {
    let navigate = use_navigate();
    Callback::new(move |(href, replace): (String, bool)| {
        navigate(&href, NavigateOptions { replace, scroll: false, ..NavigateOptions::default() });
    })
}

impl Page {
    pub fn provide() -> Self {
        let place = use_place();
        let list = Resource::new(move || place.with(|p| p.list_part().query()), events_list);
        let page = Self {
            place,
            list,
            cursor: RwSignal::new(None),
            tailing: Tailing::new(),
            rows: StoredValue::new(None),
            go: use_go(),
        };
        provide_context(page);
        page
    }

    /// Moves to another place; the way back stays open.
    pub fn go(self, place: &Place) {
        self.go.run((place.href(), false));
    }

    /// Opens an event. Moving on from an open one leaves no trace in the history, opening the first does.
    pub fn open(self, id: EventId) {
        let place = self.place.get_untracked();
        self.cursor.set(Some(id));
        self.go.run((place.select(Some(id)).href(), place.sel.is_some()));
    }

    /// The list's rows under those of the live tail.
    pub fn rows_over(self, list: Arc<Vec<EventRow>>) -> Memo<Vec<EventRow>> {
        let tail = self.tailing.tail;
        let tailing = self.place;
        Memo::new(move |_| match tailing.with(|p| p.tail) {
            true => tail.with(|t| t.over(&list)),
            false => list.to_vec(),
        })
    }

    /// Keeps the rows that are drawn at hand for [`Self::drawn`].
    pub fn draws(self, rows: Memo<Vec<EventRow>>) {
        self.rows.set_value(Some(rows));
    }

    /// The rows on the page now.
    pub fn drawn(self) -> Vec<EventRow> {
        self.rows.get_value().and_then(|rows| rows.try_get_untracked()).unwrap_or_default()
    }
}

/// The page this is called in.
pub(super) fn use_page() -> Page {
    use_context::<Page>().unwrap_or_else(Page::provide)
}
