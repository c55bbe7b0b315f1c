use super::{Listed, Part, Place, visible};
use crate::ui::{Empty, format};
use leptos::prelude::*;

/// Words for one part of the filter, as the chips write it.
pub(super) fn part_words(place: &Place, listed: Option<&Listed>, part: Part) -> (&'static str, String) {
    let text = |t: &Option<String>| visible::plain(t.as_deref().unwrap_or_default());
    match part {
        Part::Key => ("key", text(&place.key)),
        Part::Type => ("type", text(&place.event_type)),
        Part::Source => (
            "source",
            listed.and_then(|l| l.source.as_ref()).map_or_else(|| text(&place.source), |c| visible::plain(&c.text)),
        ),
        Part::Channel => (
            "channel",
            listed.and_then(|l| l.channel.as_ref()).map_or_else(|| text(&place.channel), |c| visible::plain(&c.text)),
        ),
        Part::Range => ("time", super::range::words(place.from.as_deref(), place.to.as_deref())),
    }
}

/// No rows: nothing is stored yet, or nothing matches, and then which part of the filter to drop.
#[component]
pub(super) fn NoRows(listed: Listed, place: Place) -> impl IntoView {
    let parts = place.parts();
    let scanned = &listed.page.scanned;
    if parts.is_empty() && place.before.is_none() {
        return view! {
            <Empty title="No event captured yet">
                <p>
                    "Events appear here within a second of being sent, newest first, as soon as a source captures them."
                </p>
                <a class="btn btn--primary" href="/sources">"See the sources"</a>
            </Empty>
        }
        .into_any();
    }
    if parts.is_empty() {
        let newest = place.first_page().href();
        return view! {
            <Empty title="No event is older">
                <p>"This is the beginning of what Weir has stored."</p>
                <a class="btn" href=newest>"Back to the newest"</a>
            </Empty>
        }
        .into_any();
    }
    let looked = format::count(scanned.rows, "event was", "events were");
    let title = if scanned.complete { "No event matches" } else { "No event matches so far" };
    let go_on = listed.page.next.filter(|_| !scanned.complete).map(|next| {
        view! { <a class="btn btn--primary" href=place.older(next).href()>"Go on with older ones"</a> }
    });
    let drops = parts
        .iter()
        .map(|part| {
            let (name, value) = part_words(&place, Some(&listed), *part);
            view! {
                <li>
                    <a class="btn" href=place.without(*part).href()>
                        "Search without " {name} " " <code class="trunc">{format::middle(&value, 40)}</code>
                    </a>
                </li>
            }
        })
        .collect_view();
    let all = (parts.len() > 1).then(|| {
        let bare = Place { env: place.env.clone(), ..Place::default() };
        view! { <li><a class="btn btn--ghost" href=bare.href()>"Show all events"</a></li> }
    });
    view! {
        <Empty title=title>
            <p>{looked} " looked at. " {place.key.is_some().then_some("A key must match whole, letter by letter.")}</p>
            {go_on}
            <ul class="ev-drops">{drops} {all}</ul>
        </Empty>
    }
    .into_any()
}
