use crate::{
    drawn::{self, Address, copied},
    events::{Place, line},
    ui::{Banner, Icon, format},
};
use leptos::prelude::*;
use weir_domain::events::{FEW_KEYS, KeyFound, KeyLine, KeysFound, any_of_keys};

/// What was found, key by key. It has no address to come back to, so what is beside it opens in new tabs.
pub(super) fn answer(all: &KeysFound, address: &Address) -> AnyView {
    let env = address.given("env");
    let place = || Place { env: env.map(str::to_owned), ..Place::default() };
    let (found, total) = (all.found().count(), all.keys.len());
    let title = format!("{} of {} found", format::exact(found as u64), format::count(total as u64, "key", "keys"));
    let doubles = (all.doubles > 0)
        .then(|| format!("{} stood there before and counted once", format::count(all.doubles, "key", "keys")));
    let rows: Vec<AnyView> = all.keys.iter().map(|key| row(key, &place, all.scanned.complete)).collect();
    view! {
        <section class="panel keys-answer" aria-labelledby="answer">
            <div class="panel__head">
                <h2 class="panel__title" id="answer">
                    {title}
                </h2>
                <span class="panel__note">{doubles}</span>
                <span class="push row">
                    {download("csv", "CSV")} {download("ndjson", "NDJSON")} {search(all, place())}
                </span>
            </div>
            {bounds(all)}
            {missing(all)}
            <div class="tablewrap">
                <table class="table keys-table">
                    <thead>
                        <tr>
                            <th scope="col">"Key"</th>
                            <th scope="col">"Last event, UTC"</th>
                            <th scope="col">"Last state"</th>
                            <th scope="col">"Where"</th>
                            <th scope="col" class="num">
                                "Events"
                            </th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

/// The same question once more, answered by a file.
fn download(kind: &'static str, words: &'static str) -> AnyView {
    view! {
        <button type="submit" class="btn btn--sm" form="keys-form" name="format" value=kind>
            <Icon name="download" small=true />
            {words}
        </button>
    }
    .into_any()
}

/// The found ones as a search.
fn search(all: &KeysFound, place: Place) -> AnyView {
    let mut found = all.found().peekable();
    if found.peek().is_none() {
        return ().into_any();
    }
    match any_of_keys(found.map(|(key, _)| key)) {
        Some(query) => view! {
            <a
                class="btn btn--sm btn--primary"
                target="_blank"
                rel="noopener"
                href=Place { q: Some(query), ..place }.href()
            >
                "Search for the found ones"
            </a>
        }
        .into_any(),
        None => view! {
            <span class="small muted">"Too many for one search: look for fewer to get a link to it."</span>
        }
        .into_any(),
    }
}

/// What the answer does not know of.
fn bounds(all: &KeysFound) -> AnyView {
    let scanned = &all.scanned;
    let mut words = Vec::new();
    if !scanned.complete {
        let so_far = match scanned.captured_since {
            Some(since) => format!("Only what was captured since {} was looked at: ", since.rfc3339()),
            None => "Only a part of the newest events was looked at: ".to_owned(),
        };
        words.push(format!(
            "{so_far}there is more than can be read in a few seconds. A key that was not found may be there, and counts are “at least”. Choose a channel or a shorter time, or look for at most {FEW_KEYS} keys, which an index finds."
        ));
    }
    if !scanned.silent_sources.is_empty() {
        words.push(format!("Not being read now, and may have more: {}.", scanned.silent_sources.join(", ")));
    }
    if scanned.gaps > 0 {
        let gaps = format::count(u64::from(scanned.gaps), "gap", "gaps");
        words.push(format!("{gaps} in what was searched: the broker lost events before they were read."));
    }
    if all.hidden_channels > 0 {
        words.push(format::not_seen(all.hidden_channels));
    }
    let banners = words.into_iter().map(|words| {
        view! {
            <Banner tone="banner--warn" icon="warn">
                {words}
            </Banner>
        }
    });
    let searched = format!("Searched the keys of {}.", format::count(scanned.events, "event", "events"));
    view! {
        {banners.collect_view()}
        <p class="panel__body small muted keys-how">
            {searched} " Events that are captured as metadata keep no key, and are not found by it. "
            <a href="/help#events">"How a search counts"</a>
        </p>
    }
    .into_any()
}

/// Those not found: alone in the table, and to be taken along.
fn missing(all: &KeysFound) -> AnyView {
    let missing: Vec<_> = all.missing().collect();
    if missing.is_empty() {
        return ().into_any();
    }
    let title = format!("Copy the {} not found", format::exact(missing.len() as u64));
    view! {
        <div class="panel__body row keys-missing">
            <label class="check">
                <input type="checkbox" name="only" autocomplete="off" />
                <span>"Only those not found"</span>
            </label>
            <details>
                <summary>{title}</summary>
                {copied(&missing.join("\n"), "keys that were not found")}
            </details>
        </div>
    }
    .into_any()
}

fn row(of: &KeyLine, place: &impl Fn() -> Place, complete: bool) -> AnyView {
    let key = line(&of.key);
    match &of.found {
        None => view! {
            <tr class="keys-none">
                <th scope="row" class="mono wrap">
                    {key}
                </th>
                <td colspan="4" class="muted">
                    "not found"
                </td>
            </tr>
        }
        .into_any(),
        Some(KeyFound { events, newest, by_hash }) => {
            let all = Place { key: Some(of.key.clone()), ..place() }.href();
            let one = place().permalink(newest.id);
            let count = format::exact(*events);
            let count = if complete { count } else { format!("at least {count}") };
            let by_hash = by_hash.then(|| {
                view! {
                    " "
                    <span class="tag" title="Its bytes are past their retention: the key was known by its hash alone.">
                        "by hash"
                    </span>
                }
            });
            view! {
                <tr>
                    <th scope="row" class="mono wrap">
                        <a href=all target="_blank" rel="noopener" title="All events with this key, in a new tab">
                            {key}
                        </a>
                        {by_hash}
                    </th>
                    <td>
                        <a href=one target="_blank" rel="noopener" title="This event, in a new tab">
                            {drawn::time(newest.time)}
                        </a>
                    </td>
                    <td class="wrap">{line(&newest.event_type)}</td>
                    <td class="wrap">{line(&newest.channel_name)} " · " {newest.source_name.clone()}</td>
                    <td class="num">{count}</td>
                </tr>
            }
            .into_any()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::{Timestamp, events::KeysScanned};

    fn drawn(all: &KeysFound) -> String {
        Owner::new().with(|| answer(all, &Address::parse("/keys?env=2")).to_html())
    }

    #[test]
    fn what_was_not_looked_at_is_said() {
        let keys = ["<b>", "ord-2"].map(|key| KeyLine { key: key.into(), found: None });
        let scanned = KeysScanned { complete: true, events: 7, ..KeysScanned::default() };
        let mut all = KeysFound { keys: keys.to_vec(), doubles: 1, scanned, hidden_channels: 0 };
        let html = drawn(&all);
        for told in ["0 of 2 keys found", "1 key stood there before", "&lt;b&gt;", "not found", "7 events"] {
            assert!(html.contains(told), "{told} in {html}");
        }
        assert!(!html.contains("Only what was") && !html.contains("Search for the found"));
        all.scanned = KeysScanned {
            captured_since: Some(Timestamp(0)),
            silent_sources: vec!["shop".into()],
            ..KeysScanned::default()
        };
        all.hidden_channels = 3;
        let html = drawn(&all);
        for told in ["captured since 1970-01-01", "may have more: shop", "3 channels"] {
            assert!(html.contains(told), "{told} in {html}");
        }
    }
}
