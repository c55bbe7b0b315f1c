//! What the address of the audit page holds, and how it is written. The export takes the same.

use crate::events::{End, decode, encode};
use weir_domain::{
    AppError, ErrorKind, Timestamp,
    audit::{EntryId, ObjectKind, Outcome, Question},
    events::{TimeRange, key_line},
};

/// The filter as it was typed. Nothing typed is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    pub env: Option<String>,
    pub person: Option<String>,
    pub act: Option<String>,
    /// What kind of thing `object` is.
    pub kind: Option<String>,
    pub object: Option<String>,
    pub key: Option<String>,
    /// An event's id.
    pub seen: Option<String>,
    pub outcome: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    /// Where this page begins.
    pub before: Option<EntryId>,
}

impl Asked {
    /// From a raw query string, with or without its `?`. Unknown names are left alone.
    pub fn parse(query: &str) -> Self {
        let mut asked = Self::default();
        for pair in query.trim_start_matches('?').split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decode(value);
            // A key is taken exactly as it was given.
            let value = if name == "key" { key_line(value) } else { crate::events::carried(value.trim()) };
            if value.is_empty() {
                continue;
            }
            match name {
                "env" => asked.env = Some(value),
                "person" => asked.person = Some(value),
                "act" => asked.act = Some(value),
                "kind" => asked.kind = Some(value),
                "object" => asked.object = Some(value),
                "key" => asked.key = Some(value),
                "seen" => asked.seen = Some(value),
                "outcome" => asked.outcome = Some(value),
                "from" => asked.from = Some(value),
                "to" => asked.to = Some(value),
                "before" => asked.before = value.parse().ok(),
                _ => {}
            }
        }
        asked
    }

    /// What it means at `now`.
    ///
    /// # Errors
    /// `Invalid` for what can't be understood.
    pub fn question(&self, now: Timestamp) -> Result<Question, AppError> {
        let object = match (&self.kind, &self.object) {
            (_, None) => None,
            (kind, Some(text)) => {
                let known = ObjectKind::ALL.iter().find(|k| Some(k.as_str()) == kind.as_deref());
                let Some(kind) = known else { return Err(wrong("What kind of thing it is about is not said.")) };
                Some((*kind, text.clone()))
            }
        };
        let outcome =
            self.outcome.as_deref().map(|o| Outcome::parse(o).ok_or_else(|| wrong("There is no such outcome.")));
        let seen = self.seen.as_deref().map(|id| id.parse().map_err(|_| wrong("This is no event's id.")));
        let end = |text: &Option<String>| {
            let end = text.as_deref().map(|t| End::parse(t).ok_or_else(|| wrong("The time can't be read.")));
            Ok::<_, AppError>(end.transpose()?.map(|end| end.at(now)))
        };
        Ok(Question {
            person: self.person.clone(),
            act: self.act.clone(),
            object,
            key: self.key.clone(),
            seen: seen.transpose()?,
            outcome: outcome.transpose()?,
            range: TimeRange { from: end(&self.from)?, to: end(&self.to)? },
        })
    }

    /// Does it ask for anything less than the whole log?
    pub fn is_filter(&self) -> bool {
        let bare = Self { env: self.env.clone(), before: self.before, ..Self::default() };
        *self != bare
    }

    /// The page with this filter.
    pub fn href(&self) -> String {
        at("/audit", self.query())
    }

    /// The export of this filter, from its newest entry.
    pub fn export_href(&self) -> String {
        at("/audit/export", Self { before: None, ..self.clone() }.query())
    }

    pub fn older(&self, before: EntryId) -> Self {
        Self { before: Some(before), ..self.clone() }
    }

    pub fn newest(&self) -> Self {
        Self { before: None, ..self.clone() }
    }

    /// Nothing but the environment.
    pub fn bare(&self) -> Self {
        Self { env: self.env.clone(), ..Self::default() }
    }

    fn query(&self) -> String {
        let before = self.before.map(|b| b.to_string());
        let parts = [
            ("env", &self.env),
            ("person", &self.person),
            ("act", &self.act),
            ("kind", &self.kind),
            ("object", &self.object),
            ("key", &self.key),
            ("seen", &self.seen),
            ("outcome", &self.outcome),
            ("from", &self.from),
            ("to", &self.to),
            ("before", &before),
        ];
        let mut out = String::new();
        for (name, value) in parts {
            let Some(value) = value else { continue };
            if !out.is_empty() {
                out.push('&');
            }
            out.push_str(name);
            out.push('=');
            encode(value, &mut out);
        }
        out
    }
}

fn at(path: &str, query: String) -> String {
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

fn wrong(what: &str) -> AppError {
    AppError::new(ErrorKind::Invalid, what, "Choose it in the filter, or leave it out.")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_357_928_000_000);

    #[test]
    fn every_part_survives_the_address() {
        let text = "env=2&person=mara&act=events%2Fdetail&kind=channel&object=a%20b&key=%20k%26&seen=12-7&outcome=refused&from=-1h&to=2026-11-22T14%3A00&before=48";
        let asked = Asked::parse(&format!("?{text}&unknown=1"));
        assert_eq!(Asked::parse(asked.href().strip_prefix("/audit").unwrap()), asked);
        assert_eq!(asked.key.as_deref(), Some(" k&"));
        let question = asked.question(NOW).unwrap();
        assert_eq!(question.object, Some((ObjectKind::Channel, "a b".into())));
        assert_eq!(question.range.from, Some(NOW.plus_secs(-3600)));
        assert_eq!(asked.newest().before, None);
        assert!(!asked.export_href().contains("before="));
        assert!(asked.is_filter() && !Asked::parse("env=1&before=7&person=").is_filter());
        assert_eq!(Asked::parse("").href(), "/audit");
    }

    #[test]
    fn nonsense_is_told() {
        for query in ["outcome=x", "seen=x", "from=x", "object=7", "object=7&kind=x"] {
            assert!(Asked::parse(query).question(NOW).is_err(), "{query}");
        }
        assert_eq!(Asked::parse("before=x&kind=source").question(NOW).unwrap(), Question::default());
    }
}
