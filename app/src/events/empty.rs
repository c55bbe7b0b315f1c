use super::{Listed, Part, Place, visible};
use crate::ui::{Empty, Zone, format};
use leptos::prelude::*;

/// Words for one part of the filter, as the chips write it.
pub(super) fn part_words(place: &Place, listed: Option<&Listed>, part: Part) -> (&'static str, String) {
    let text = |t: &Option<String>| visible::plain(t.as_deref().unwrap_or_default());
    match part {
        Part::Key => ("key", text(&place.key)),
        Part::Query => ("query", text(&place.q)),
        Part::Type => ("type", text(&place.event_type)),
        Part::Source => (
            "source",
            listed.and_then(|l| l.source.as_ref()).map_or_else(|| text(&place.source), |c| visible::plain(&c.text)),
        ),
        Part::Channel => (
            "channel",
            listed.and_then(|l| l.channel.as_ref()).map_or_else(|| text(&place.channel), |c| visible::plain(&c.text)),
        ),
        Part::Range => ("time", super::range::words(place.from.as_deref(), place.to.as_deref(), Zone::Utc)),
    }
}

/// No rows: nothing is stored yet, or nothing matches, and then which part of the filter to drop.
pub(super) fn no_rows(listed: &Listed, place: &Place) -> AnyView {
    let scanned = &listed.page.scanned;
    if place.parts().is_empty() && place.before.is_none() {
        let words =
            "Events appear here within a second of being sent, newest first, as soon as a source captures them.";
        return told(
            "No event captured yet",
            words,
            vec![("btn btn--primary", "/sources".into(), "See the sources".into())],
        );
    }
    if place.parts().is_empty() {
        let newest = ("btn", place.first_page().href(), "Back to the newest".into());
        return told("No event is older", "This is the beginning of what Weir has stored.", vec![newest]);
    }
    let title = if scanned.complete { "No event matches" } else { "No event matches so far" };
    let mut words = searched(listed);
    if place.key.is_some() {
        words.push_str(" A key must match whole, letter by letter.");
    }
    told(title, &words, ways_out(listed, place))
}

/// How much was searched, as far as that is known.
fn searched(listed: &Listed) -> String {
    let scanned = &listed.page.scanned;
    let within = if listed.filter.range == Default::default() { "" } else { " in this range" };
    let was = |n| format::count(n, "event was", "events were");
    if !scanned.unseen.is_empty() {
        return "What your roles show was searched.".into();
    }
    match (scanned.complete, scanned.rows, scanned.indexed) {
        (true, 0, 0) => format!("All that is stored{within} was searched."),
        (true, n, 0) => format!("All that is stored{within} was searched; {} read.", was(n)),
        (true, _, n) => {
            format!("All that is stored{within} was searched by key: {}.", format::count(n, "event", "events"))
        }
        (false, n, _) => format!("{} read, and there are older ones.", was(n)),
    }
}

/// A link: class, address, words.
type Way = (&'static str, String, String);

fn ways_out(listed: &Listed, place: &Place) -> Vec<Way> {
    let mut ways = Vec::new();
    if let Some(next) = listed.page.next.filter(|_| !listed.page.scanned.complete) {
        ways.push(("btn btn--primary", place.older(next).href(), "Go on with older ones".into()));
    }
    let key = place.key.as_deref().unwrap_or_default();
    if key.trim() != key && !key.trim().is_empty() {
        let next = Place { key: Some(key.trim().to_owned()), ..place.first_page() };
        ways.push(("btn btn--primary", next.href(), "Search without the spaces around the key".into()));
    }
    for part in place.parts() {
        let (name, value) = part_words(place, Some(listed), part);
        let words = format!("Search without {name} {}", format::middle(&value, 40));
        ways.push(("btn", place.without(part).href(), words));
    }
    if place.parts().len() > 1 {
        let bare = Place { env: place.env.clone(), ..Place::default() };
        ways.push(("btn btn--ghost", bare.href(), "Show all events".into()));
    }
    ways
}

fn told(title: &'static str, words: &str, ways: Vec<Way>) -> AnyView {
    let ways: Vec<AnyView> = ways
        .into_iter()
        .map(|(class, href, words)| {
            view! {
                <li>
                    <a class=class href=href>
                        <span class="trunc">{words}</span>
                    </a>
                </li>
            }
            .into_any()
        })
        .collect();
    let words = words.to_owned();
    view! {
        <Empty title=title>
            <p>{words}</p>
            <ul class="ev-drops">{ways}</ul>
        </Empty>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::{
        EventId, PartitionId, Position, Timestamp,
        events::{EventFilter, EventPage, PageCursor, Scanned},
    };

    fn listed(rows: u64, complete: bool) -> Listed {
        let id = EventId { partition: PartitionId(1), position: Position(1) };
        Listed {
            page: EventPage {
                rows: Vec::new(),
                scanned: Scanned { rows, complete, ..Scanned::default() },
                next: (!complete).then_some(PageCursor { time: Timestamp(5), id }),
                hidden_channels: 0,
            },
            filter: EventFilter::default(),
            at: Timestamp(0),
            source: None,
            channel: None,
            choices: Vec::new(),
        }
    }

    #[test]
    fn every_part_of_the_filter_can_be_dropped_alone() {
        let place = Place::parse("env=2&key=%20ord-1&type=a%00b&from=-1h&tail=1");
        let ways = ways_out(&listed(0, true), &place);
        let words: Vec<_> = ways.iter().map(|(_, _, w)| w.as_str()).collect();
        assert_eq!(
            words,
            [
                "Search without the spaces around the key",
                "Search without key  ord-1",
                "Search without type a\u{fffd}b",
                "Search without time Last 1 h",
                "Show all events",
            ]
        );
        assert_eq!(ways[0].1, "/events?env=2&type=a%EF%BF%BDb&key=ord-1&from=-1h&tail=1");
        assert_eq!(ways[4].1, "/events?env=2");
    }

    #[test]
    fn it_says_how_much_was_searched() {
        assert_eq!(searched(&listed(0, true)), "All that is stored was searched.");
        assert_eq!(searched(&listed(1, true)), "All that is stored was searched; 1 event was read.");
        let mut by_key = listed(0, true);
        by_key.page.scanned.indexed = 4651;
        assert_eq!(searched(&by_key), "All that is stored was searched by key: 4,651 events.");
        assert_eq!(searched(&listed(20_000, false)), "20,000 events were read, and there are older ones.");
        let ways = ways_out(&listed(20_000, false), &Place::parse("key=k"));
        assert_eq!(ways[0].1, "/events?key=k&before=5.1-1&page=2");
    }
}
