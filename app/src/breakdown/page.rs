use super::{chart::chart, values::values};
use crate::{
    Failure, RequestContext,
    drawn::{self, Address, DrawnPage, time},
    events::{Place, completeness, question},
    links,
    table::TableShown,
    ui::{Empty, ErrorPanel, format},
};
use leptos::prelude::*;
use weir_domain::{
    CaseError, ChannelId,
    access::Permission,
    events::{Breakdown, EventPage, Scanned},
};

/// The breakdown of the search that the address holds, as the Events page writes it. `part=1` leaves out what the Events
/// page shows itself.
pub(crate) async fn breakdown(cx: &RequestContext, query: &str) -> DrawnPage {
    let place = Place::parse(query).list_part().first_page();
    let part = query.split('&').any(|pair| pair == "part=1");
    let field = Address::parse(&format!("/breakdown?{query}")).given("field").map(str::to_owned);
    let answer = broken_down(cx, &place, field.as_deref()).await;
    let may = |permission| cx.caller.as_ref().is_some_and(|c| c.roles.iter().any(|r| r.allows(permission)));
    let (exports, live) = (may(Permission::EventsExport), may(Permission::EventsPayload));
    // The table says what is wrong with its columns.
    let table = TableShown::parse(query).unwrap_or_default().query();
    drawn::page("Breakdown", || match (answer, part) {
        (Ok((found, channel)), true) => {
            shown(&found, &place, true, acts(&place, channel.filter(|_| live), &table, exports))
        }
        // The list says what is wrong, with more room.
        (Err(_), true) => view! { <div class="spread">{acts(&place, None, &table, exports)}</div> }.into_any(),
        (Ok((found, channel)), false) => {
            whole(&place, shown(&found, &place, false, acts(&place, channel.filter(|_| live), &table, exports)))
        }
        (Err(failure), false) => whole(&place, view! { <ErrorPanel failure /> }.into_any()),
    })
}

/// With the one channel that is searched, if it is one.
async fn broken_down(
    cx: &RequestContext,
    place: &Place,
    field: Option<&str>,
) -> Result<(Breakdown, Option<ChannelId>), Failure> {
    let asked = question(cx, place).await?;
    if !asked.choices.is_empty() {
        return cx.told(Err(CaseError::Invalid {
            what: "Several channels have this name.".into(),
            what_to_do: "Choose one on the Events page.".into(),
        }));
    }
    let channel = asked.filter.channel;
    let found = cx.told(cx.cases.events.breakdown(&asked.caller, asked.filter, field).await)?;
    Ok((found, channel))
}

fn whole(place: &Place, body: AnyView) -> AnyView {
    let back = view! {
        <a class="btn btn--ghost btn--sm" href=place.href()>
            "The events"
        </a>
    };
    view! {
        <div class="page">
            {drawn::head("Breakdown", "of what the search finds, times in UTC", back.into_any())}
            <section class="panel">{body}</section>
        </div>
    }
    .into_any()
}

fn shown(found: &Breakdown, place: &Place, part: bool, acts: AnyView) -> AnyView {
    let Some(bins) = found.bins else {
        let missing = missing(found);
        let empty = (!part).then(|| {
            view! {
                <Empty title="Nothing to count">
                    <p>"No event is stored where this search looks. " {missing}</p>
                </Empty>
            }
        });
        return view! { <div class="spread">{empty} <div class="spread__row">{acts}</div></div> }.into_any();
    };
    view! {
        <div class="spread">
            {chart(found, &bins, place)}
            <div class="spread__row">
                <details class="spread__more" data-keep=part.then_some("values") open=!part>
                    <summary class="small">"Top values"</summary>
                    {values(found, place)} {field_form(found, place)}
                    <p class="small muted">{words(found)}</p>
                </details>
                {acts}
            </div>
        </div>
    }
    .into_any()
}

/// Asks for the values of a field as well; on a page of its own.
fn field_form(found: &Breakdown, place: &Place) -> AnyView {
    let kept = [
        ("env", &place.env),
        ("source", &place.source),
        ("channel", &place.channel),
        ("type", &place.event_type),
        ("key", &place.key),
        ("q", &place.q),
        ("from", &place.from),
        ("to", &place.to),
    ];
    let kept = kept.into_iter().filter_map(|(name, value)| Some((name, value.clone()?)));
    let kept = kept.map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view();
    let path = found.field.as_ref().map(|f| f.path.clone());
    let read = found.field.as_ref().map(|f| format!("Read in {}.", format::count(f.read, "event", "events")));
    view! {
        <form class="row row--wrap" method="get" action="/breakdown" role="search">
            {kept} <label class="small" for="spread-field">
                "Values of a field"
            </label>
            <input
                class="input input--mono"
                id="spread-field"
                name="field"
                value=path
                placeholder="data.city"
                maxlength="1024"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
            />
            <button type="submit" class="btn btn--sm">
                "Count"
            </button>
            <span class="small muted">{read}</span>
        </form>
    }
    .into_any()
}

/// The same question to the broker, which may have what the store has not.
fn at_broker(id: ChannelId, place: &Place) -> AnyView {
    let asked =
        Place { channel: None, source: None, key: None, event_type: None, q: asked(place), ..place.first_page() };
    let there = format!("/channels/{id}/at-broker?{}", asked.query());
    view! {
        <a href=there title="For payloads that are not stored">
            "In the broker"
        </a>
    }
    .into_any()
}

/// The whole filter as a query.
fn asked(place: &Place) -> Option<String> {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let terms = [
        place.q.as_ref().map(|q| format!("({q})")),
        place.event_type.as_deref().map(|t| format!("type:{}", quoted(t))),
        place.key.as_deref().map(|k| format!("key:{}", quoted(k))),
    ];
    let terms: Vec<_> = terms.into_iter().flatten().collect();
    match terms.as_slice() {
        [] => None,
        [_] if place.q.is_some() => place.q.clone(),
        terms => Some(terms.join(" ")),
    }
}

/// What can be done with all that is found.
fn acts(place: &Place, channel: Option<ChannelId>, shown: &str, exports: bool) -> AnyView {
    let query = place.query();
    let live = channel.map(|id| at_broker(id, place));
    let export = |format: &str| format!("/events/export?{query}{shown}&format={format}");
    let exports = exports.then(|| {
        view! {
            <a href=export("ndjson") download="" rel="external" title="All that is found, a line of JSON each">
                "Export NDJSON"
            </a>
            <a href=export("csv") download="" rel="external" title="All that is found, as a table">
                "Export CSV"
            </a>
        }
    });
    view! {
        <nav class="spread__acts small" aria-label="With what is found">
            {exports} {links::button(&format!("{query}{shown}"))}
            <a href=format!("/searches/new?{query}{shown}")>"Save this search"</a> <a href="/searches">"Saved searches"</a>
            <a href="/keys">"List of keys"</a> {live}
            <a href=format!("/offsets?{query}")>"By offset"</a>
            <a href=format!("/table?{query}&order=oldest") data-found="order">
                "Oldest first"
            </a>
            <a href=format!("/table?{query}{shown}") data-found="columns" data-columns=TableShown::usual()>
                "Columns"
            </a>
        </nav>
    }
    .into_any()
}

/// What the figures are figures of.
fn words(found: &Breakdown) -> AnyView {
    let counted = format::count(found.counted, "event", "events");
    let newest = match found.down_to {
        Some(down_to) => view! {
            "Values are those of the newest " {counted} " found, down to " {time(down_to)} "; older ones were not counted. "
        }
        .into_any(),
        None => view! { "Values are those of all " {counted} " found. " }.into_any(),
    };
    let bars = match (&found.all, &found.found) {
        (None, _) => "Bars show what was counted: there is too much to count all.",
        (_, None) => "Bars count what is stored, batch by batch.",
        (_, Some(_)) => "Pale bars count all of these channels, batch by batch; the others what the search finds.",
    };
    let missing = missing(found);
    view! { {newest} {bars} " " {missing} }.into_any()
}

/// What the figures can't hold, in the words of lists.
fn missing(found: &Breakdown) -> String {
    let scanned = Scanned {
        unjudged: found.unjudged,
        unseen: found.unseen.clone(),
        gaps: found.gaps,
        silent_sources: found.silent_sources.clone(),
        ..Scanned::default()
    };
    let list = EventPage { rows: Vec::new(), scanned, next: None, hidden_channels: found.hidden_channels };
    completeness(&list, false).but.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::events::{Bins, Masked};

    #[test]
    fn what_the_figures_can_not_hold_is_told_as_lists_tell_it() {
        let bins = Bins { from: weir_domain::Timestamp(0), width_us: 1_000_000, count: 1 };
        let found = Breakdown {
            bins: Some(bins),
            all: Some(vec![3]),
            found: None,
            counted: 3,
            unjudged: 0,
            down_to: None,
            types: Vec::new(),
            channels: Vec::new(),
            keys: Masked::Shown(Vec::new()),
            field: None,
            unseen: Vec::new(),
            gaps: 0,
            silent_sources: Vec::new(),
            hidden_channels: 0,
        };
        let drawn =
            |found: &Breakdown| Owner::new().with(|| shown(found, &Place::default(), false, ().into_any()).to_html());
        let whole = drawn(&found);
        assert!(!whole.contains("in between") && !whole.contains("may have more"), "{whole}");
        let names = || vec!["bank".to_owned(), "kafka-us".to_owned()];
        let less = Breakdown { gaps: 2, silent_sources: names(), hidden_channels: 1, ..found };
        for html in [drawn(&less), drawn(&Breakdown { bins: None, ..less.clone() })] {
            for told in ["2 gaps lie in between", "bank, kafka-us are not being captured now", "1 channel"] {
                assert!(html.contains(told), "{told} in {html}");
            }
        }
    }
}
