//! What the palette offers for a text. Pure, so that its order can be tested.

use crate::{
    events::{Place, numbered, visible},
    ui::format,
};
use weir_domain::catalog::{Completion, CompletionKind};

/// One line of the palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub group: &'static str,
    /// Symbol of the page's sprite.
    pub icon: &'static str,
    pub text: String,
    pub note: String,
    /// Keys that do the same.
    pub keys: &'static str,
    pub href: String,
}

/// Pages by name, with the keys that lead there.
const PAGES: &[(&str, &str, &str, &str)] = &[
    ("Overview", "overview", "/", "g o"),
    ("Events", "events", "/events", "g e"),
    ("Live tail", "play", "/events?tail=1", "g e l"),
    ("Sources", "plug", "/sources", "g s"),
    ("Help", "help", "/help", ""),
];

/// The lines for `text`: what is most certainly meant comes first, because Enter takes it. `env` is the
/// raw value of the page's environment.
pub fn items(text: &str, found: &[Completion], recent: &[String], env: Option<&str>) -> Vec<Item> {
    let text = text.trim();
    let of = |kind| found.iter().filter(move |c| c.kind == kind);
    let mut out = Vec::new();
    if text.is_empty() {
        out.extend(recent.iter().map(|key| Item { group: "Recent", ..by_key(key, "", env) }));
    }
    out.extend(of(CompletionKind::Key).map(|c| by_key(&c.text, &c.note, env)));
    out.extend(pages(text, env));
    out.extend(of(CompletionKind::Channel).map(|c| {
        let place = Place { channel: Some(c.channel.map_or_else(|| c.text.clone(), numbered)), ..at(env) };
        named("Channels", "events", c, place.href())
    }));
    out.extend(
        of(CompletionKind::EventType)
            .map(|c| named("Event types", "events", c, Place { event_type: Some(c.text.clone()), ..at(env) }.href())),
    );
    out.extend(of(CompletionKind::Source).map(|c| {
        let href = c.source.map_or_else(|| "/sources".to_owned(), |id| format!("/sources/{id}"));
        named("Sources", "plug", c, within(&href, env))
    }));
    if !text.is_empty() && of(CompletionKind::Key).next().is_none() {
        out.push(by_key(text, "search for this key", env));
    }
    out
}

fn at(env: Option<&str>) -> Place {
    Place { env: env.map(str::to_owned), ..Place::default() }
}

fn within(href: &str, env: Option<&str>) -> String {
    let Some(env) = env else { return href.to_owned() };
    let mut out = format!("{href}{}env=", if href.contains('?') { '&' } else { '?' });
    crate::events::encode(env, &mut out);
    out
}

fn pages(text: &str, env: Option<&str>) -> impl Iterator<Item = Item> {
    let wanted = format::lower_case(text);
    PAGES.iter().filter(move |(name, ..)| format::lower_case(name).contains(&wanted)).map(
        move |(name, icon, href, keys)| Item {
            group: "Pages",
            icon,
            text: (*name).into(),
            note: String::new(),
            keys,
            href: within(href, env),
        },
    )
}

fn named(group: &'static str, icon: &'static str, c: &Completion, href: String) -> Item {
    Item { group, icon, text: visible::plain(&c.text), note: visible::plain(&c.note), keys: "", href }
}

fn by_key(key: &str, note: &str, env: Option<&str>) -> Item {
    Item {
        group: "Keys",
        icon: "search",
        text: visible::plain(key),
        note: note.into(),
        keys: "",
        href: Place { key: Some(key.to_owned()), ..at(env) }.href(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::{ChannelId, SourceId};

    fn hit(kind: CompletionKind, text: &str) -> Completion {
        Completion {
            kind,
            text: text.into(),
            note: "kafka-eu, production".into(),
            channel: (kind == CompletionKind::Channel).then_some(ChannelId(7)),
            source: (kind == CompletionKind::Source).then_some(SourceId(3)),
        }
    }
    fn hrefs(items: &[Item]) -> Vec<&str> {
        items.iter().map(|i| i.href.as_str()).collect()
    }

    #[test]
    fn a_known_key_comes_first_and_is_not_offered_twice() {
        let found = [hit(CompletionKind::Channel, "ord-4711"), hit(CompletionKind::Key, "ord-4711")];
        let got = items(" ord-4711 ", &found, &[], Some("2"));
        assert_eq!(hrefs(&got), ["/events?env=2&key=ord-4711", "/events?env=2&channel=%237"]);
    }

    #[test]
    fn an_unknown_text_is_still_searched_as_a_key_last() {
        let found = [hit(CompletionKind::EventType, "order.placed"), hit(CompletionKind::Source, "orders")];
        let got = items("order.pl", &found, &["x".into()], None);
        assert_eq!(hrefs(&got), ["/events?type=order.placed", "/sources/3", "/events?key=order.pl"]);
    }

    #[test]
    fn without_a_text_recent_keys_and_pages_are_offered() {
        let got = items("", &[], &["ord-1".into()], Some("1"));
        assert_eq!(got[0].group, "Recent");
        assert_eq!(got[0].href, "/events?env=1&key=ord-1");
        assert_eq!(got.len(), 1 + PAGES.len());
        assert_eq!(got[3].href, "/events?tail=1&env=1");
    }

    #[test]
    fn pages_match_any_part_of_their_name() {
        assert_eq!(items("TAIL", &[], &[], None)[0].href, "/events?tail=1");
    }

    #[test]
    fn hostile_names_are_shown_harmlessly() {
        let got = items("x", &[hit(CompletionKind::EventType, "a\u{202e}b")], &[], None);
        assert_eq!(got[0].text, "a[U+202E]b");
        assert!(got[0].href.is_ascii());
    }
}
