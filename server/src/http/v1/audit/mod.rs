//! Reading the audit log.

pub mod detail;
pub mod export;
pub mod list;
pub mod shapes;

use serde::Deserialize;
use utoipa::IntoParams;
use weir_domain::{
    audit::{EntryId, ObjectKind, Outcome, Question},
    events::TimeRange,
};

use super::{asked::Asked, kinds::INVALID, problem::Problem};

/// Which entries. All that is given must hold.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is written down for the documentation; question() below reads the parameters")]
pub struct Filter {
    /// A log-in name: what this person did, and what was tried under it.
    #[param(example = "mara")]
    person: Option<String>,
    /// A use case, by its name.
    #[param(example = "events/payload")]
    act: Option<String>,
    /// What kind of thing `object` is: event, channel, source, person, token or audit.
    #[param(example = "channel")]
    kind: Option<String>,
    /// What it was about: a channel or a source by its name or by `#` and its id, else an id. Needs `kind`.
    #[param(example = "order.placed")]
    object: Option<String>,
    /// Who was shown an event with this key, or searched for it? As text, or `hex:` and its bytes.
    #[param(example = "ord-4711")]
    key: Option<String>,
    /// Who saw this event, or any with its key? Its id.
    #[param(example = "12-4711")]
    event: Option<String>,
    /// allowed, refused, failed, began, continued or ended.
    #[param(example = "refused")]
    outcome: Option<String>,
    /// Entries at or after this time.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-11-22T08:00:00Z")]
    from: Option<String>,
    /// Entries before this time.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-11-23T08:00:00Z")]
    to: Option<String>,
    /// `next` of the page before, with the other parameters as they were.
    cursor: Option<String>,
}

/// Reads what [`Filter`] documents.
fn question(asked: &mut Asked) -> Result<(Question, Option<EntryId>), Problem> {
    let (person, act) = (asked.text("person")?, asked.text("act")?);
    let kind = asked.text("kind")?;
    let kind = kind.map(|word| {
        let known = ObjectKind::ALL.iter().copied().find(|k| k.as_str() == word);
        known.ok_or_else(|| one_of("kind", ObjectKind::ALL.iter().map(|k| k.as_str())))
    });
    let object = match (kind.transpose()?, asked.text("object")?) {
        (Some(kind), Some(text)) => Some((kind, text)),
        (None, None) => None,
        _ => return Err(wrong("kind and object are given one without the other.", "Give both, or neither.")),
    };
    let key = asked.exact("key");
    let seen = asked.text("event")?.map(|id| id.parse());
    let seen =
        seen.transpose().map_err(|_| wrong("The parameter \"event\" is no event's id.", "Give one like 12-4711."))?;
    let outcome = asked.text("outcome")?.map(|word| {
        let known = Outcome::parse(&word);
        known.ok_or_else(|| one_of("outcome", Outcome::ALL.iter().map(|o| o.as_str())))
    });
    let range = TimeRange { from: asked.time("from")?, to: asked.time("to")? };
    let cursor = asked.text("cursor")?.map(|text| text.parse());
    let cursor = cursor.transpose().map_err(|_| {
        wrong("The parameter \"cursor\" is no place in the log.", "Give the next of an earlier page, or leave it out.")
    })?;
    Ok((Question { person, act, object, key, seen, outcome: outcome.transpose()?, range }, cursor))
}

fn one_of<'a>(name: &str, words: impl Iterator<Item = &'a str>) -> Problem {
    let words = words.collect::<Vec<_>>().join(", ");
    wrong(&format!("The parameter {name:?} is no such word."), &format!("Give one of {words}."))
}

fn wrong(what: &str, what_to_do: &str) -> Problem {
    Problem::new(INVALID, what, what_to_do)
}
