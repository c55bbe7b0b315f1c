//! Entries in words.

use crate::ui::format;
use weir_domain::{
    access::use_case,
    audit::{Entry, Facts, Field, Outcome, Value},
};

/// What somebody did: `Opened an event`. A use case of a newer Weir by its name.
pub(super) fn act(name: &str) -> String {
    use_case(name).map_or_else(|| name.to_owned(), |case| capital(case.did))
}

pub(super) fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

/// What else there is to say of the act in one line: `by key and time, 12 shown`.
pub(super) fn more(entry: &Entry) -> String {
    let mut parts = Vec::new();
    if let Some(Value::List(by)) = entry.shape.get(Field::By) {
        parts.push(format!("by {}", and(by)));
    }
    if entry.shape.get(Field::Older).is_some() {
        parts.push("older ones".into());
    }
    if let Some(count) = entry.count {
        parts.push(counted(entry, count));
    }
    let before = |wanted: &str| entry.before.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value);
    let changed = entry.after.iter().filter(|(name, value)| before(name) != Some(*value));
    let changed: Vec<String> = changed.map(|(name, _)| name.to_owned()).collect();
    match (changed.is_empty(), entry.before.is_empty()) {
        (true, _) => {}
        (false, true) => parts.push(format!("with {}", and(&changed))),
        (false, false) => parts.push(format!("{} changed", and(&changed))),
    }
    if let Some(reason) = &entry.reason {
        parts.push(match Outcome::parse(&entry.outcome) {
            Some(Outcome::Refused) if reason.contains('.') => format!("needs {reason}"),
            _ => reason.clone(),
        });
    }
    parts.join(", ")
}

fn counted(entry: &Entry, count: u64) -> String {
    match (entry.use_case.as_str(), count) {
        // Of whoever was turned away before it was known who it is.
        (_, n) if entry.outcome == Outcome::Refused.as_str() => format::count(n, "attempt", "attempts"),
        ("events/payload", 0) => "no bytes".into(),
        ("events/payload", n) => format::bytes(n),
        ("events/detail" | "events/gone" | "audit/detail" | "people/detail", 1) => String::from("shown"),
        (_, 0) => "nothing found".into(),
        (_, n) => format!("{} shown", format::exact(n)),
    }
}

fn and(all: &[String]) -> String {
    match all {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// How somebody proved who they are.
pub(super) fn via(word: &str) -> &str {
    match word {
        "session" => "a browser that signed in",
        "token" => "a personal token",
        "command_line" => "a command on the server",
        newer => newer,
    }
}

/// Facts, one line each.
pub(super) fn facts(facts: &Facts) -> Vec<(String, String)> {
    facts.iter().map(|(name, value)| (name.to_owned(), value_text(value))).collect()
}

pub(super) fn value_text(value: &Value) -> String {
    match value {
        Value::Flag(yes) => if *yes { "yes" } else { "no" }.into(),
        Value::Number(n) => format::exact_signed(*n),
        Value::Text(text) => text.clone(),
        Value::List(all) if all.is_empty() => "none".into(),
        Value::List(all) => all.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::{
        Timestamp,
        access::Origin,
        audit::{About, EntryId, NewEntry, Who},
    };

    fn entry(use_case: &'static str, outcome: Outcome, reason: Option<&'static str>, about: About) -> Entry {
        let Origin { request_id, remote } = Origin::from("r");
        let who = Who { person: None, login: None, via: None, remote, request_id };
        NewEntry { at: Timestamp(0), who, use_case, outcome, reason, about }.numbered(EntryId(1))
    }

    #[test]
    fn acts_are_told_in_words() {
        assert_eq!(act("events/detail"), "Opened an event");
        assert_eq!(act("of/tomorrow"), "of/tomorrow");
        let shape = Facts::new().with(Field::By, ["key", "time"].into_iter().collect::<Value>());
        let search = entry("events/list", Outcome::Allowed, None, About::query(shape).count(1200));
        assert_eq!(more(&search), "by key and time, 1,200 shown");
        let refused = entry("events/list", Outcome::Refused, Some("events.key"), About::nothing());
        assert_eq!(more(&refused), "needs events.key");
        let wrong = entry("access/log_in", Outcome::Refused, Some("wrong password"), About::nothing());
        assert_eq!(more(&wrong), "wrong password");
        let standing = |paused: bool| Facts::new().with(Field::Paused, paused).with(Field::Name, "shop");
        let change = About::nothing().change(standing(false), standing(true));
        assert_eq!(more(&entry("sources/pause", Outcome::Allowed, None, change)), "paused changed");
        let made = About::nothing().change(Facts::new(), standing(true));
        assert_eq!(more(&entry("people/invite", Outcome::Allowed, None, made)), "with name and paused");
        let guesses =
            entry("people/accept", Outcome::Refused, Some("the link is not valid"), About::nothing().count(2));
        assert_eq!(more(&guesses), "2 attempts, the link is not valid");
        let payload = entry("events/payload", Outcome::Allowed, None, About::nothing().count(24));
        assert_eq!(more(&payload), "24 B");
    }
}
