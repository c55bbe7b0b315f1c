use super::state::use_page;
use crate::ui::{Icon, format};
use leptos::prelude::*;
use weir_domain::events::EventPage;

/// Did the search look everywhere? In words, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Completeness {
    /// Everything that was asked for has been looked at, and capture was complete there.
    pub sure: bool,
    /// Until a bound: ends with where it stopped, which [`Words`] writes as a time.
    pub stopped: bool,
    pub scanned: String,
    pub after: &'static str,
    /// What else may be missing, one sentence each.
    pub but: Vec<String>,
}

pub(super) fn completeness(page: &EventPage) -> Completeness {
    let s = &page.scanned;
    let after = match (s.complete, page.next.is_some()) {
        (false, _) => "and stopped there: older ones were not looked at yet.",
        (true, true) => "and filled this page; older ones follow.",
        (true, false) => "down to the beginning; complete.",
    };
    let mut but = Vec::new();
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
        but.push(format!(
            "{} you may not see {} left out.",
            format::count(page.hidden_channels.into(), "channel", "channels"),
            if page.hidden_channels == 1 { "is" } else { "are" },
        ));
    }
    Completeness {
        sure: s.complete && s.gaps == 0 && s.silent_sources.is_empty(),
        stopped: !s.complete,
        scanned: format::exact(s.rows),
        after,
        but,
    }
}

/// The line above the list.
#[component]
pub(super) fn CompletenessLine(answer: EventPage) -> impl IntoView {
    let page = use_page();
    let words = completeness(&answer);
    let down_to = answer.scanned.down_to.filter(|_| !answer.scanned.complete || answer.next.is_some());
    let (class, icon) = if words.sure { ("ok-t", "check") } else { ("warn-t", "warn") };
    let go_on = answer.next.filter(|_| words.stopped).map(|next| {
        view! { <a href=move || page.place.with(|p| p.older(next).href())>"Go on from there"</a> }
    });
    view! {
        <div class="complete__line" role="status">
            <span class=class>
                <Icon name=icon small=true />
            </span>
            <span>
                "Looked at " <strong>{words.scanned}</strong>
                {if answer.scanned.rows == 1 { " event " } else { " events " }}
                {down_to
                    .map(|at| {
                        view! {
                            "down to "
                            <crate::ui::Time at form=crate::ui::TimeForm::Date />
                            " "
                        }
                    })} {words.after}
            </span>
            {go_on}
            {words.but.into_iter().map(|but| view! { <span class="complete__but">{but}</span> }).collect_view()}
            <a class="push muted" href="/help#events" title="How the search counts and what it can't know">"How counted"</a>
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
        let c = completeness(&page(true, false, 0, &[], 0));
        assert!(c.sure && !c.stopped && c.but.is_empty());
        assert_eq!((c.scanned.as_str(), c.after), ("12,345", "down to the beginning; complete."));
    }

    #[test]
    fn a_bound_is_not_hidden() {
        let c = completeness(&page(false, true, 0, &[], 0));
        assert!(!c.sure && c.stopped);
        assert!(c.after.contains("not looked at"));
    }

    #[test]
    fn what_may_be_missing_is_named() {
        let c = completeness(&page(true, true, 2, &["kafka-us", "rabbit\u{202e}"], 1));
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
        assert!(completeness(&page(true, false, 0, &[], 3)).sure);
    }
}
