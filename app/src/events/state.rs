use super::{Listed, Place, live_tail::Tailing, numbered, tail::Older};
use crate::{
    address,
    wire::{self, Loaded, Question},
};
use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_url};
use std::sync::Arc;
use weir_domain::{
    EventId,
    events::{EventRow, PageCursor},
};

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
    let navigate = address::navigator();
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
        match self.place.with(|p| p.tail) || self.tailing.kept.get() {
            true => Arc::new(self.tailing.tail.with(|t| t.over(list))),
            false => Arc::clone(list),
        }
    }

    /// The address of the rows after those on the page, if there are any. `next` is the list's own.
    pub fn older(self, list: &Rows, next: Option<PageCursor>) -> Option<String> {
        let place = self.place.get();
        let older = match place.tail || self.tailing.kept.get() {
            true => self.tailing.tail.with(|t| t.older(list, next)),
            false => next.map_or(Older::Nowhere, Older::Before),
        };
        match older {
            Older::Nowhere => None,
            Older::Before(next) => Some(place.older(next).href()),
            // Where the tail is off already, the list is read anew by its own button.
            Older::Among => place.tail.then(|| place.tailing(false).first_page().href()),
        }
    }

    /// The name of the channel that the address holds as an id, once the answer has told it.
    pub fn channel_name(self) -> Option<String> {
        let asked = self.place.with(|p| p.channel.clone())?;
        let channel = self.list.get::<Listed>()?.ok()?.channel?;
        (channel.channel.is_some_and(|id| numbered(id) == asked)).then_some(channel.text)
    }

    /// The address of a place made from the present one.
    pub fn href(self, next: impl FnOnce(&Place) -> Place) -> String {
        self.place.with(|p| next(p).href())
    }
}
