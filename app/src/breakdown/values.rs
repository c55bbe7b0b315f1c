use crate::events::{Place, numbered, visible};
use crate::ui::format;
use leptos::prelude::*;
use weir_domain::{
    events::{Breakdown, Masked},
    search::Query,
};

/// The most frequent types, channels and keys; each leads to its own events.
pub(super) fn values(found: &Breakdown, place: &Place) -> AnyView {
    let bare = place.first_page();
    // Once more on what filters already takes it back.
    let toggled = |now: &Option<String>, value: String| (now.as_ref() != Some(&value)).then_some(value);
    let types = found.types.iter().map(|(name, events)| {
        let there = Place { event_type: toggled(&place.event_type, name.clone()), ..bare.clone() };
        value(visible::plain(name), String::new(), *events, found.counted, Some(there))
    });
    let channels = found.channels.iter().map(|c| {
        let there = Place { channel: toggled(&place.channel, numbered(c.channel)), ..bare.clone() };
        value(visible::plain(&c.name), c.source.clone(), c.events, found.counted, Some(there))
    });
    let keys = match &found.keys {
        Masked::Shown(keys) => keys
            .iter()
            .map(|(key, events)| match key {
                Some(k) if !k.cut && !k.text.is_empty() => {
                    let there = Place { key: toggled(&place.key, k.text.clone()), ..bare.clone() };
                    value(visible::plain(&k.text), String::new(), *events, found.counted, Some(there))
                }
                Some(k) => value(visible::plain(&k.text), String::new(), *events, found.counted, None),
                None => value("not in the store any more".into(), String::new(), *events, found.counted, None),
            })
            .collect(),
        Masked::NeedsRole { roles, .. } => {
            vec![view! { <li class="small muted">"Hidden: needs the role " {roles.join(" or ")}</li> }.into_any()]
        }
    };
    let field = found.field.as_ref().map(|f| {
        let values = f.values.iter().map(|(text, events)| {
            // Of an expression there are no kinds: what is written 7 may be a number or a text.
            let says_it = !text.ends_with('…') && place.q.as_deref().is_none_or(|q| Query::cel(q).is_none());
            let narrowed = says_it.then(|| narrowed(place.q.as_deref(), &f.path, text));
            let there = narrowed.map(|q| Place { q: Some(q), ..bare.clone() });
            value(visible::plain(text), String::new(), *events, f.read, there)
        });
        let none =
            f.values.is_empty().then(|| view! { <li class="small muted">"Nothing stands there"</li> }.into_any());
        list(f.path.clone(), values.chain(none).collect())
    });
    view! {
        <div class="spread__values">
            {field}
            {list("Type", types.collect())} {list("Channel", channels.collect())} {list("Key", keys)}
        </div>
    }
    .into_any()
}

/// The query with one more condition: the value, letter by letter.
fn narrowed(query: Option<&str>, path: &str, value: &str) -> String {
    let value = value.replace('\\', "\\\\").replace('"', "\\\"");
    match query {
        Some(query) => format!("({query}) {path}=\"{value}\""),
        None => format!("{path}=\"{value}\""),
    }
}

fn list(title: impl Into<String>, items: Vec<AnyView>) -> AnyView {
    let title = title.into();
    if items.is_empty() {
        return ().into_any();
    }
    view! {
        <section class="spread__list" data-of=title.clone()>
            <h3 class="facet__title">{title.clone()}</h3>
            <ol>{items}</ol>
        </section>
    }
    .into_any()
}

fn value(text: String, note: String, events: u64, of: u64, there: Option<Place>) -> AnyView {
    let share = format!("--share:{}%", format::fixed(100.0 * events as f64 / of.max(1) as f64, 1));
    let name = match there {
        Some(there) => {
            view! { <a class="trunc mono" href=there.href() title=text.clone()>{text.clone()}</a> }.into_any()
        }
        None => view! { <span class="trunc mono" title=text.clone()>{text.clone()}</span> }.into_any(),
    };
    view! {
        <li style=share title=note>
            {name}
            <span class="muted">{format::exact(events)}</span>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_becomes_a_condition_whatever_stands_in_it() {
        for value in ["Lyon", "a \"b\" c", "back\\slash", "*", "x OR y", "9.50", "true"] {
            for query in [None, Some("declined OR type:a")] {
                let text = narrowed(query, "data.city", value);
                assert!(Query::parse(&text).is_ok(), "{text}");
            }
        }
    }
}
