//! The live tail in the browser: follows the stream and decides when rows may move.

use super::{Listed, Place, state::Page, tail::Tail};
use crate::{
    live::{Bye, Frame, follow},
    ui::once::effect,
};
use leptos::prelude::*;
use weir_domain::events::{EventFilter, TailFrame};

/// The live tail's state.
#[derive(Clone, Copy)]
pub(super) struct Tailing {
    pub tail: RwSignal<Tail>,
    /// By the person, with `space` or the button.
    pub paused: RwSignal<bool>,
    /// The list is scrolled away from its top.
    pub scrolled: RwSignal<bool>,
    /// The pointer is over the rows.
    pub pointed: RwSignal<bool>,
    /// The stream has answered since the tail was switched on.
    pub begun: RwSignal<bool>,
    /// Why nothing comes any more.
    pub over: RwSignal<Option<Bye>>,
    /// It was switched off, and its rows stay for who reads them.
    pub kept: RwSignal<bool>,
    /// The list should be asked for again, once nothing is being read.
    stale_list: StoredValue<bool>,
}

impl Tailing {
    pub fn new() -> Self {
        Self {
            tail: RwSignal::new(Tail::default()),
            paused: RwSignal::new(false),
            scrolled: RwSignal::new(false),
            pointed: RwSignal::new(false),
            begun: RwSignal::new(false),
            over: RwSignal::new(None),
            kept: RwSignal::new(false),
            stale_list: StoredValue::new(false),
        }
    }
}

/// Is somebody reading? Then rows must not move.
fn held(page: Page) -> bool {
    let t = page.tailing;
    t.paused.get_untracked()
        || t.scrolled.get_untracked()
        || t.pointed.get_untracked()
        || page.place.with_untracked(|p| p.sel.is_some())
        || focus_in_rows()
}

fn focus_in_rows() -> bool {
    let active = document().active_element();
    active.is_some_and(|e| e.closest(".ev-rows").ok().flatten().is_some())
}

/// What to follow: the list's own filter, in ids. The range is left out: new events are newer than its end.
fn topic(env: Option<&str>, filter: &EventFilter) -> String {
    let mut out = String::from("tail");
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            out.push(if out.contains('?') { '&' } else { '?' });
            out.push_str(name);
            out.push('=');
            super::encode(&value, &mut out);
        }
    };
    put("env", env.map(str::to_owned));
    put("source", filter.source.map(|id| id.to_string()));
    put("channel", filter.channel.map(|id| id.to_string()));
    put("type", filter.event_type.clone());
    put("key", filter.key.clone());
    put("q", filter.query.clone());
    out
}

/// Follows the stream while the address says so.
pub(super) fn run(page: Page) {
    let Tailing { tail, begun, over, kept, .. } = page.tailing;
    let wanted = Memo::new(move |_| {
        let env = page.place.with(|p| p.tail.then(|| p.env.clone()))?;
        match page.list.get::<Listed>() {
            Some(Ok(listed)) if listed.choices.is_empty() => Some(topic(env.as_deref(), &listed.filter)),
            _ => None,
        }
    });
    let mut before = None::<(Option<String>, Place)>;
    effect(move || {
        let now = (wanted.get(), page.place.with(|p| p.list_part()));
        let same_list = before.as_ref().is_none_or(|(_, list)| *list == now.1);
        if before.as_ref().is_some_and(|(topic, _)| *topic != now.0) || (kept.get_untracked() && !same_list) {
            // Switched off with rows on the page: they stay until another list is asked for.
            let off = same_list && !page.place.with_untracked(|p| p.tail);
            let keep = off && tail.with_untracked(|t| !t.shown.is_empty());
            kept.set(keep);
            tail.update(|t| if keep { t.keep() } else { *t = Tail::default() });
            begun.set(false);
            over.set(None);
            page.tailing.paused.set(false);
        }
        before = Some(now);
    });
    follow(wanted.into(), move |frame| match frame {
        Frame::Data(json) => {
            let Ok(frame) = crate::wire::from_str::<TailFrame>(&json) else { return };
            if over.get_untracked().is_some() {
                over.set(None);
            }
            // What came between the list's reading and the stream's beginning is in neither: read the list again.
            if !begun.get_untracked() {
                begun.set(true);
                page.tailing.stale_list.set_value(true);
            }
            let held = held(page);
            tail.update(|t| t.take(frame.rows, frame.skipped, held));
            freshen(page, held);
        }
        Frame::Missed(events) => {
            tail.update(|t| t.missed(events));
            page.tailing.stale_list.set_value(true);
            freshen(page, held(page));
        }
        Frame::Bye(why) => over.set(Some(why)),
        Frame::Polled(_) => {}
    });
}

fn freshen(page: Page, held: bool) {
    if !held && page.tailing.stale_list.get_value() {
        page.tailing.stale_list.set_value(false);
        page.list.refetch();
    }
}

/// Shows what waits, at the top of the list.
pub(super) fn release(page: Page) {
    page.tailing.paused.set(false);
    page.tailing.tail.update(Tail::release);
    if let Some(list) = document().query_selector(".ev-scroll").ok().flatten() {
        list.set_scroll_top(0);
    }
    freshen(page, false);
}

/// Pauses the tail, or lets it run and shows what waited. After it: lets the rows go that stayed, and asks for the newest.
pub(super) fn pause(page: Page) {
    if page.tailing.kept.get_untracked() {
        page.tailing.kept.set(false);
        page.tailing.tail.set(Tail::default());
        page.list.refetch();
    } else if page.tailing.paused.get_untracked() {
        release(page);
    } else {
        page.tailing.paused.set(true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::{ChannelId, SourceId};

    #[test]
    fn a_topic_says_what_to_follow_in_ids() {
        let filter = EventFilter {
            source: Some(SourceId(3)),
            channel: Some(ChannelId(7)),
            event_type: Some("a?b".into()),
            key: Some("ord 1&2".into()),
            ..EventFilter::default()
        };
        assert_eq!(topic(Some("2"), &filter), "tail?env=2&source=3&channel=7&type=a%3Fb&key=ord%201%262");
        assert_eq!(topic(None, &EventFilter::default()), "tail");
    }
}
