use crate::views::Sight;
use std::collections::BTreeSet;
use weir_domain::{
    CaseError,
    audit::{About, Facts, Field, Object, Value},
    events::{EventFilter, KeyHash, TimeRange},
    search::{Expr, Query, QueryError},
};

/// Longer texts are no event type or key that anybody typed or followed a link to.
const LONGEST_TYPE: usize = 1024;
const LONGEST_KEY: usize = 64 * 1024;
/// Keys of one query that the audit log knows: a query holds 1,024 terms.
const MOST_KEYS: usize = 1024;

/// The filter's query, read. A value that may not be seen can't be searched by either: the search would tell it
/// (invariant 6).
pub(super) async fn checked(sight: &Sight, filter: &EventFilter) -> Result<Query, CaseError> {
    let query = match &filter.query {
        None => Query::default(),
        Some(text) => weir_cel::read(text).map_err(no_query)?,
    };
    let view = &sight.view;
    let mut named = query.names();
    named.key |= filter.key.is_some();
    if let Some(permission) = named.unseen(view).permissions().next() {
        let about = About::query(shape(filter, &query));
        return Err(sight.trail.refuse(permission, about).await);
    }
    if TimeRange::new(filter.range.from, filter.range.to).is_err() {
        return Err(CaseError::Invalid {
            what: "The time range ends before it begins.".into(),
            what_to_do: "Swap its ends.".into(),
        });
    }
    let too_long = |what: &str, limit: usize| CaseError::Invalid {
        what: format!("The {what} to look for is longer than {limit} bytes."),
        what_to_do: "Shorten it, or leave it out.".into(),
    };
    if filter.event_type.as_ref().is_some_and(|t| t.len() > LONGEST_TYPE) {
        return Err(too_long("event type", LONGEST_TYPE));
    }
    if filter.key.as_ref().is_some_and(|k| k.len() > LONGEST_KEY) {
        return Err(too_long("key", LONGEST_KEY));
    }
    Ok(query)
}

/// What free words can't be looked for in: what a comparison names is refused before.
pub(super) fn unseen(sight: &Sight, query: &Query) -> Vec<String> {
    query.needs().unseen(&sight.view).parts().map(str::to_owned).collect()
}

/// What was found is an answer only where the expression was judged all the way: one that costs too much ends the search.
pub(super) fn judged(query: &Query) -> Result<(), CaseError> {
    query.formula().and_then(|f| f.given_up()).map_or(Ok(()), |what| {
        Err(CaseError::Invalid {
            what,
            what_to_do: "Narrow the search by channel, type or time, or go over fewer elements: all, exists, map and filter multiply.".into(),
        })
    })
}

/// A text of the query bar, as it will be read when it is searched by.
///
/// # Errors
/// Where it can't be read.
pub fn readable(text: &str) -> Result<(), CaseError> {
    weir_cel::read(text).map(drop).map_err(no_query)
}

/// Where the mistake is, what was expected there, and what could stand there instead.
fn no_query(error: QueryError) -> CaseError {
    let found = match error.found.as_str() {
        "" => "the end".to_owned(),
        found => format!("`{found}`"),
    };
    let (place, expected) = (error.character + 1, error.expected);
    let instead = error.write.map(|text| format!("Write `{text}` there."));
    CaseError::Invalid {
        what: format!("The query can't be read at character {place}: expected {expected}, found {found}."),
        what_to_do: error
            .what_to_do
            .or(instead)
            .unwrap_or_else(|| "Correct it there; Help shows what can be asked.".into()),
    }
}

/// What the audit log keeps of a search: what it filtered by and in which range. Not the type either: its text is the
/// producers', and anybody can type anything.
fn shape(filter: &EventFilter, query: &Query) -> Facts {
    let mut by: BTreeSet<&str> = BTreeSet::new();
    let of_filter = [
        ("source", filter.source.is_some()),
        ("channel", filter.channel.is_some()),
        ("type", filter.event_type.is_some()),
        ("key", filter.key.is_some()),
        ("time", filter.range != TimeRange::default()),
    ];
    by.extend(of_filter.into_iter().filter(|(_, is)| *is).map(|(name, _)| name));
    query.each(&mut |node| match &node.expr {
        Expr::Free(_) => drop(by.insert("words")),
        Expr::Compare(c) => drop(by.insert(c.field.name())),
        Expr::Formula(_) => drop(by.insert("expression")),
        Expr::And(_) | Expr::Or(_) | Expr::Not(_) => {}
    });
    let facts = Facts::new().with_some(Field::From, filter.range.from).with_some(Field::To, filter.range.to);
    if by.is_empty() { facts } else { facts.with(Field::By, by.into_iter().collect::<Value>()) }
}

/// A search as the audit log knows it. `shown` are the keys that come with what was found.
pub(super) fn about(
    sight: &Sight,
    filter: &EventFilter,
    query: &Query,
    shown: impl IntoIterator<Item = KeyHash>,
) -> About {
    let asked = filter.key_bytes().into_iter().chain(query.keys()).take(MOST_KEYS);
    let searched: Vec<_> = asked.map(|key| sight.trail.key_hash(&key)).collect();
    let shape = shape(filter, query).with(Field::Parts, super::parts(&sight.view));
    About::query(shape).on(object(sight, filter)).keys(shown.into_iter().chain(searched))
}

/// A look for a list of keys as the audit log knows it.
pub(super) fn about_keys(sight: &Sight, filter: &EventFilter, keys: &[Vec<u8>]) -> About {
    let by_key = EventFilter { key: Some(String::new()), ..filter.clone() };
    let shape = shape(&by_key, &Query::default()).with(Field::Parts, ["key"].into_iter().collect::<Value>());
    About::query(shape).on(object(sight, filter)).keys(keys.iter().map(|key| sight.trail.key_hash(key)))
}

/// The channel or the source that a search keeps to.
fn object(sight: &Sight, filter: &EventFilter) -> Option<Object> {
    match (filter.channel.and_then(|c| sight.channel(c)), filter.source) {
        (Some(e), _) => Some(Object::channel(e.channel, e.source, &e.channel_name)),
        (None, Some(id)) => Some(Object::source(id, sight.source_name(id))),
        (None, None) => None,
    }
}
