//! The page's keyboard: `j k ↵ esc f c / l space t` (design, "Interaction").

use super::{
    Place,
    drop_menu::{focus, open},
    keyed::whole,
    live_tail::pause,
    state::Page,
};
use crate::shell::{Toasts, use_keys, use_toasts};
use leptos::prelude::*;
use weir_domain::{EventId, events::EventRow};

pub(super) fn bind(page: Page) {
    let keys = use_keys();
    let toasts = use_toasts();
    keys.bind("/", "Search", || focus("#ev-q"));
    keys.bind("j", "Next event", move || step(page, 1));
    keys.bind("k", "Previous event", move || step(page, -1));
    keys.bind("Enter", "Open the event", move || {
        if let Some(id) = present(page) {
            page.open(id);
        }
    });
    keys.bind("Escape", "Close the event", move || close(page));
    keys.bind("f", "Filter by the event's key", move || filter(page, toasts));
    keys.bind("c", "Copy the event's key", move || copy(page, toasts));
    keys.bind("t", "Time range", || open("ev-range"));
    keys.bind("l", "Live tail", move || {
        let place = page.place.get_untracked();
        page.go(&place.tailing(!place.tail));
    });
    keys.bind(" ", "Pause the live tail", move || {
        if page.place.with_untracked(|p| p.tail) || page.tailing.kept.get_untracked() {
            pause(page);
        }
    });
}

/// The row that keys act on: the one moved to, else the open one.
fn present(page: Page) -> Option<EventId> {
    page.cursor.get_untracked().or_else(|| page.place.with_untracked(|p| p.sel))
}

fn present_row(page: Page) -> Option<EventRow> {
    let id = present(page)?;
    page.drawn.with_value(|rows| rows.iter().find(|r| r.id == id).cloned())
}

/// Where a step leads: from nowhere to the first row, else on to a neighbour, never past the ends.
fn neighbour(rows: &[EventId], from: Option<EventId>, by: isize) -> Option<EventId> {
    let at = from.and_then(|id| rows.iter().position(|r| *r == id));
    match at {
        None => rows.first().copied(),
        Some(at) => rows.get(at.checked_add_signed(by)?).copied(),
    }
}

fn step(page: Page, by: isize) {
    let rows: Vec<EventId> = page.drawn.with_value(|rows| rows.iter().map(|r| r.id).collect());
    let Some(id) = neighbour(&rows, present(page), by) else { return };
    page.cursor.set(Some(id));
    focus_row(id);
    if page.place.with_untracked(|p| p.sel.is_some_and(|sel| sel != id)) {
        page.open(id);
    }
}

/// Moves the focus to a row's link.
pub(super) fn focus_row(id: EventId) {
    focus(&format!("tr[data-event=\"{id}\"] a"));
}

/// Closes the inspector and gives the focus back to its row.
pub(super) fn close(page: Page) {
    let place = page.place.get_untracked();
    if let Some(id) = place.sel {
        page.go(&place.select(None));
        focus_row(id);
    }
}

fn filter(page: Page, toasts: Toasts) {
    let Some(row) = present_row(page) else { return };
    match whole(&row.key) {
        Some(key) => {
            let place = page.place.get_untracked();
            page.go(&Place { key: Some(key), ..place.first_page() });
        }
        None => toasts.say("This event has no key that could be searched for."),
    }
}

fn copy(page: Page, toasts: Toasts) {
    let Some(row) = present_row(page) else { return };
    match whole(&row.key) {
        Some(key) => crate::ui::copy(key, "key".into(), toasts),
        None => crate::ui::copy(row.id.to_string(), "event's id".into(), toasts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::sample::row;

    #[test]
    fn steps_stop_at_the_ends() {
        let rows: Vec<_> = (1..4).map(|n| row(1, n).id).collect();
        assert_eq!(neighbour(&rows, None, 1), Some(rows[0]));
        assert_eq!(neighbour(&rows, Some(rows[0]), 1), Some(rows[1]));
        assert_eq!(neighbour(&rows, Some(rows[0]), -1), None);
        assert_eq!(neighbour(&rows, Some(rows[2]), 1), None);
        assert_eq!(neighbour(&rows, Some(row(2, 9).id), -1), Some(rows[0]));
        assert_eq!(neighbour(&[], None, 1), None);
    }
}
