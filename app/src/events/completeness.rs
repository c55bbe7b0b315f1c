use super::{Listed, state::Page};
use crate::ui::{Icon, Time, TimeForm, format, once::link};
use leptos::prelude::*;
use weir_domain::events::{EventPage, Scanned};

/// Did the search look everywhere? In words, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Completeness {
    /// Everything that was asked for has been looked at, and capture was complete there.
    pub sure: bool,
    /// A bound stopped it; it can go on from there.
    pub stopped: bool,
    /// "Read 189 events": what stands before the time it reached.
    pub read: String,
    pub after: &'static str,
    /// What else may be missing, one sentence each.
    pub but: Vec<String>,
}

pub(crate) fn completeness(page: &EventPage, ranged: bool) -> Completeness {
    let s = &page.scanned;
    let after = match (s.complete, page.next.is_some(), ranged) {
        (false, _, _) => " and stopped there: older ones were not looked at yet.",
        (true, true, _) => " and filled this page; older ones follow.",
        (true, false, _) if s.down_to.is_none() => " all there is; complete.",
        (true, false, false) => ", where what is stored begins; complete.",
        (true, false, true) => ", where the range begins; complete.",
    };
    let read = read(s, ranged);
    let mut but = Vec::new();
    if !s.unseen.is_empty() {
        but.push(format!("Not looked into, because your roles do not show it: {}.", s.unseen.join(", ")));
    }
    if s.unjudged > 0 {
        but.push(format!(
            "Left out, because they could not be judged: {}.",
            format::count(s.unjudged, "event", "events")
        ));
    }
    if s.gaps > 0 {
        let (verb, place) = if s.gaps == 1 { ("lies", "it") } else { ("lie", "them") };
        but.push(format!(
            "{} {verb} in between: what the broker lost before Weir read it is missing in {place}.",
            format::count(s.gaps.into(), "gap", "gaps"),
        ));
    }
    match s.silent_sources.as_slice() {
        [] => {}
        [one] => but.push(format!("{} is not being captured now and may have more.", super::visible::plain(one))),
        many => {
            let names: Vec<_> = many.iter().map(|n| super::visible::plain(n)).collect();
            but.push(format!("{} are not being captured now and may have more.", names.join(", ")));
        }
    }
    if page.hidden_channels > 0 {
        let verb = if page.hidden_channels == 1 { "is" } else { "are" };
        but.push(format!("{} {verb} left out.", format::not_seen(page.hidden_channels)));
    }
    Completeness {
        sure: s.complete && s.gaps == 0 && s.silent_sources.is_empty() && s.unseen.is_empty() && s.unjudged == 0,
        stopped: !s.complete,
        read,
        after,
        but,
    }
}

/// How much was looked at. An index rules events out without reading them, by whole days.
fn read(s: &Scanned, ranged: bool) -> String {
    match (s.indexed, s.rows) {
        (0, 0) if s.ruled_out > 0 => format!("Ruled out {} by their numbers", format::exact(s.ruled_out)),
        (0, 0) => "Searched".to_owned(),
        (0, n) => {
            let into = if s.opened > 0 { ", looked into " } else { "" };
            let opened = if s.opened > 0 { format::exact(s.opened) } else { String::new() };
            let of = if s.ruled_out > 0 { format!(" of {}", format::exact(n + s.ruled_out)) } else { String::new() };
            format!("Read {}{of}{into}{opened}", format::count(n, "event", "events"))
        }
        (n, _) => {
            let most = if ranged { "up to " } else { "" };
            format!("Searched the index of {most}{}", format::count(n, "event", "events"))
        }
    }
}

/// The lines above the list.
pub(super) fn completeness_lines(page: Page, listed: &Listed) -> AnyView {
    let answer = &listed.page;
    let words = completeness(answer, listed.filter.range.from.is_some());
    let (class, icon) = if words.sure { ("ok-t", "check") } else { ("warn-t", "warn") };
    let next = answer.next.filter(|_| words.stopped);
    let go_on = next.map(|next| link("", move || page.href(|p| p.older(next)), "Go on from there".into_any()));
    let time = answer.scanned.down_to.map(|at| {
        view! {
            " down to "
            <Time at form=TimeForm::Date />
        }
        .into_any()
    });
    let but: Vec<AnyView> = words
        .but
        .into_iter()
        .map(|but| view! { <div class="complete__line complete__but">{but}</div> }.into_any())
        .collect();
    view! {
        <div class="complete" role="status">
            <div class="complete__line">
                <span class=class>
                    <Icon name=icon small=true />
                </span>
                <span class="grow">{words.read} {time} {words.after} " " {go_on}</span>
                <a class="muted nowrap" href="/help#events" title="How the search counts and what it can't know">
                    "How counted"
                </a>
            </div>
            {but}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::{
        EventId, PartitionId, Position, Timestamp,
        events::{PageCursor, Scanned},
    };

    fn page(complete: bool, next: bool, gaps: u32, silent: &[&str], hidden: u32) -> EventPage {
        let id = EventId { partition: PartitionId(1), position: Position(1) };
        EventPage {
            rows: Vec::new(),
            scanned: Scanned {
                rows: 12_345,
                indexed: 0,
                opened: 0,
                ruled_out: 0,
                unjudged: 0,
                unseen: Vec::new(),
                complete,
                down_to: Some(Timestamp(0)),
                gaps,
                silent_sources: silent.iter().map(|s| (*s).into()).collect(),
            },
            next: next.then_some(PageCursor { time: Timestamp(0), id }),
            hidden_channels: hidden,
        }
    }

    #[test]
    fn a_search_that_looked_everywhere_says_so() {
        let c = completeness(&page(true, false, 0, &[], 0), false);
        assert!(c.sure && !c.stopped && c.but.is_empty());
        assert_eq!((c.read.as_str(), c.after), ("Read 12,345 events", ", where what is stored begins; complete."));
        assert!(completeness(&page(true, false, 0, &[], 0), true).after.contains("the range begins"));
        let mut none = page(true, false, 0, &[], 0);
        none.scanned.rows = 0;
        assert_eq!(completeness(&none, false).read, "Searched");
        none.scanned.indexed = 70_000;
        assert_eq!(completeness(&none, false).read, "Searched the index of 70,000 events");
        assert_eq!(completeness(&none, true).read, "Searched the index of up to 70,000 events");
        let mut into = page(true, false, 0, &[], 0);
        into.scanned.opened = 1_200;
        assert_eq!(completeness(&into, false).read, "Read 12,345 events, looked into 1,200");
        into.scanned.unseen = vec!["key".into(), "payload".into()];
        let blind = completeness(&into, false);
        assert!(!blind.sure && blind.but[0].ends_with("do not show it: key, payload."), "{blind:?}");
        into.scanned.ruled_out = 90_000;
        assert_eq!(completeness(&into, false).read, "Read 12,345 events of 102,345, looked into 1,200");
    }

    #[test]
    fn a_bound_is_not_hidden() {
        let c = completeness(&page(false, true, 0, &[], 0), true);
        assert!(!c.sure && c.stopped);
        assert!(c.after.contains("not looked at"));
    }

    #[test]
    fn what_may_be_missing_is_named() {
        let c = completeness(&page(true, true, 2, &["kafka-us", "rabbit\u{202e}"], 1), false);
        assert!(!c.sure);
        assert_eq!(
            c.but,
            [
                "2 gaps lie in between: what the broker lost before Weir read it is missing in them.",
                "kafka-us, rabbit[U+202E] are not being captured now and may have more.",
                "1 channel you may not see is left out.",
            ]
        );
    }

    #[test]
    fn channels_one_may_not_see_do_not_make_the_rest_doubtful() {
        assert!(completeness(&page(true, false, 0, &[], 3), false).sure);
    }
}
