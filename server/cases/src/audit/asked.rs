use crate::views::Sight;
use std::str::FromStr;
use weir_domain::{
    CaseError,
    audit::{About, AuditFilter, Facts, Field, Matter, Object, ObjectKind, Question, Value},
    events::{EventFilter, TimeRange},
};

const LONGEST: usize = 512;
const LONGEST_KEY: usize = 64 * 1024;
/// Channels of one name; there are as many as sources have it.
const MOST_OF_NAME: usize = 1000;

/// The question in the terms of the store. Names stand for what the person may see.
pub(super) fn filter(sight: &Sight, asked: &Question) -> Result<AuditFilter, CaseError> {
    if TimeRange::new(asked.range.from, asked.range.to).is_err() {
        return Err(CaseError::Invalid {
            what: "The time range ends before it begins.".into(),
            what_to_do: "Swap its ends.".into(),
        });
    }
    let texts = [&asked.person, &asked.act].into_iter().flatten().chain(asked.object.as_ref().map(|(_, text)| text));
    if texts.clone().any(|t| t.contains('\0')) {
        return Err(CaseError::Invalid {
            what: "What is looked for holds a NUL, which no name does.".into(),
            what_to_do: "Leave it out.".into(),
        });
    }
    if texts.into_iter().any(|t| t.len() > LONGEST) || asked.key.as_ref().is_some_and(|k| k.len() > LONGEST_KEY) {
        return Err(CaseError::Invalid {
            what: "What is looked for is too long.".into(),
            what_to_do: "Shorten it, or leave it out.".into(),
        });
    }
    let key = EventFilter { key: asked.key.clone(), ..EventFilter::default() }.key_bytes();
    Ok(AuditFilter {
        // As log-in names are kept.
        login: asked.person.as_ref().map(|p| p.trim().to_ascii_lowercase()),
        use_case: asked.act.clone(),
        outcome: asked.outcome,
        object: asked.object.as_ref().map(|(kind, text)| matter(sight, *kind, text)).transpose()?,
        key: key.map(|key| sight.trail.key_hash(&key)),
        seen: asked.seen,
        range: asked.range,
    })
}

/// An id says that it is one: names may be numbers.
fn numbered<T: FromStr>(text: &str) -> Option<T> {
    text.strip_prefix('#')?.parse().ok()
}

fn matter(sight: &Sight, kind: ObjectKind, text: &str) -> Result<Matter, CaseError> {
    let text = text.trim();
    let found = match kind {
        ObjectKind::Channel => {
            let ids: Vec<_> = match numbered(text) {
                Some(id) => vec![id],
                None => sight.channels().filter(|e| e.channel_name == text).map(|e| e.channel).collect(),
            };
            Matter::Channels(ids.into_iter().take(MOST_OF_NAME).collect())
        }
        ObjectKind::Source => {
            let mut ids: Vec<_> = match numbered(text) {
                Some(id) => vec![id],
                None => sight.channels().filter(|e| e.source_name == text).map(|e| e.source).collect(),
            };
            ids.sort_unstable();
            ids.dedup();
            Matter::Sources(ids)
        }
        kind => Matter::Object(kind, text.to_owned()),
    };
    let nothing = match &found {
        Matter::Channels(ids) => ids.is_empty(),
        Matter::Sources(ids) => ids.is_empty(),
        Matter::Object(..) => false,
    };
    if nothing {
        return Err(CaseError::Invalid {
            what: format!("No {} that you may see is called {text:?}.", kind.as_str()),
            what_to_do: "Check the name, or use its number, for example #7.".into(),
        });
    }
    Ok(found)
}

/// A look into the log, as the log knows it: what it asked by, never what was typed (it may be anything).
pub(super) fn about(asked: &Question) -> About {
    let by = [
        ("person", asked.person.is_some()),
        ("act", asked.act.is_some()),
        ("object", asked.object.is_some()),
        ("key", asked.key.is_some()),
        ("event", asked.seen.is_some()),
        ("outcome", asked.outcome.is_some()),
        ("time", asked.range != TimeRange::default()),
    ];
    let by: Vec<_> = by.into_iter().filter(|(_, is)| *is).map(|(name, _)| name).collect();
    let shape = Facts::new().with_some(Field::From, asked.range.from).with_some(Field::To, asked.range.to);
    let shape = if by.is_empty() { shape } else { shape.with(Field::By, by.into_iter().collect::<Value>()) };
    About::query(shape).on(asked.seen.map(|event| Object::event(event, None)))
}
