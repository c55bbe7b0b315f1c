//! A key, a summary or another value that may be null, empty, cut, or not for this person: each of
//! these looks different, because "no key" and "the key `null`" are different answers.

use super::visible;
use crate::ui::format;
use leptos::prelude::*;
use weir_domain::events::{Capped, EventRow, Masked};

/// The words for a masked value: who could see it.
pub(super) fn needs(permission: &str, roles: &[String]) -> String {
    format!("Hidden: needs {permission}. Ask an administrator for the role {}.", roles.join(" or "))
}

/// A word in place of a value, never mistaken for one.
pub(crate) fn absent(word: &'static str, title: &'static str) -> AnyView {
    view! { <span class="absent" title=title>{word}</span> }.into_any()
}

pub(crate) fn masked(permission: &str, roles: &[String]) -> AnyView {
    view! { <span class="mask" title=needs(permission, roles)>"hidden"</span> }.into_any()
}

/// A key, in a row or in the inspector.
pub(crate) fn key(row: &EventRow) -> AnyView {
    match &row.key {
        Masked::NeedsRole { permission, roles } => masked(permission, roles),
        Masked::Shown(None) if row.absent.is_some() => {
            absent(format::UNKNOWN, "The key is not in the store; the inspector says why")
        }
        Masked::Shown(None) => absent("null", "The event has no key"),
        Masked::Shown(Some(k)) if k.text.is_empty() => absent("empty", "The key is there and has no bytes"),
        Masked::Shown(Some(k)) => {
            let text = visible::line(&k.text);
            let cut = k.cut.then(|| view! { <span class="muted" title=format!("{} bytes in all", k.total)>"…"</span> });
            view! { <span title=visible::plain(&k.text)>{text}{cut}</span> }.into_any()
        }
    }
}

/// The key's text, if there is one that can be searched for and copied in full.
pub(crate) fn whole(key: &Masked<Option<Capped>>) -> Option<String> {
    match key {
        Masked::Shown(Some(k)) if !k.cut && !k.text.is_empty() => Some(k.text.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::sample;
    use weir_domain::events::Absence;

    fn shown(text: &str, cut: bool) -> Masked<Option<Capped>> {
        Masked::Shown(Some(Capped { text: text.into(), total: 9, cut }))
    }

    #[test]
    fn null_empty_hidden_and_the_word_null_all_differ() {
        let hidden =
            Masked::NeedsRole { permission: "events.key".into(), roles: vec!["support".into(), "architect".into()] };
        let row = |k: &Masked<Option<Capped>>| EventRow { key: k.clone(), ..sample::row(1, 1) };
        let mut html: Vec<String> = [Masked::Shown(None), shown("", false), hidden, shown("null", false)]
            .iter()
            .map(|k| key(&row(k)).to_html())
            .collect();
        html.push(key(&EventRow { absent: Some(Absence::Expired), ..row(&Masked::Shown(None)) }).to_html());
        for (i, one) in html.iter().enumerate() {
            assert!(html.iter().skip(i + 1).all(|other| other != one), "{one}");
        }
        assert!(html[2].contains("support or architect") && html[2].contains("events.key"), "{}", html[2]);
    }

    #[test]
    fn only_a_whole_key_is_searched_for() {
        assert_eq!(whole(&shown("ord-1", false)).as_deref(), Some("ord-1"));
        assert_eq!(whole(&shown("ord-1", true)), None);
        assert_eq!(whole(&shown("", false)), None);
        assert_eq!(whole(&Masked::Shown(None)), None);
    }
}
