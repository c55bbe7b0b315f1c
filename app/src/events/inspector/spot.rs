use crate::events::{Place, Tab};
use leptos::prelude::*;
use weir_domain::EventId;

/// Where the inspector stands: in the drawer of the list, or on the event's own page.
#[derive(Clone, Copy)]
pub(in crate::events) struct Spot {
    pub place: Memo<Place>,
    /// The event's own page.
    pub alone: Option<EventId>,
}

impl Spot {
    /// The same event with another tab open.
    pub fn tab_href(self, tab: Tab) -> String {
        self.place.with(|p| {
            let place = Place { tab, ..p.clone() };
            match self.alone {
                None => place.href(),
                Some(id) => {
                    let page = Place { env: p.env.clone(), tab, ..Place::default() };
                    match page.query() {
                        q if q.is_empty() => format!("/events/{id}"),
                        q => format!("/events/{id}?{q}"),
                    }
                }
            }
        })
    }

    /// The list filtered by one thing of this event, within the same environment.
    pub fn list_href(self, set: impl FnOnce(&mut Place)) -> String {
        let env = self.place.with(|p| p.env.clone());
        let mut place = Place { env, ..Place::default() };
        set(&mut place);
        place.href()
    }
}
