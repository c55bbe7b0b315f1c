use super::{Place, live_tail::Tailing};
use crate::wire::{self, Loaded, Question};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_url},
};
use std::sync::Arc;
use weir_domain::{EventId, events::EventRow};

/// Rows of the list, newest first.
pub(super) type Rows = Arc<Vec<EventRow>>;

/// What the parts of the Events page share.
#[derive(Clone, Copy)]
pub(super) struct Page {
    pub place: Memo<Place>,
    /// A [`super::Listed`].
    pub list: Loaded,
    /// The row that `j` and `k` move.
    pub cursor: RwSignal<Option<EventId>>,
    pub tailing: Tailing,
    /// The rows on the page now, for keys.
    pub drawn: StoredValue<Rows>,
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
    pub fn new() -> Self {
        let place = use_place();
        Self {
            place,
            list: wire::load(move || Question::Events { query: place.with(|p| p.list_part().query()) }),
            cursor: RwSignal::new(None),
            tailing: Tailing::new(),
            drawn: StoredValue::new(Arc::default()),
            go: use_go(),
        }
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
    pub fn under_tail(self, list: &Rows) -> Rows {
        match self.place.with(|p| p.tail) {
            true => Arc::new(self.tailing.tail.with(|t| t.over(list))),
            false => Arc::clone(list),
        }
    }

    /// The address of a place made from the present one.
    pub fn href(self, next: impl FnOnce(&Place) -> Place) -> String {
        self.place.with(|p| next(p).href())
    }
}
