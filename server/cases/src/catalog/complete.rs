use super::CatalogCases;
use crate::views::Sight;
use std::collections::BTreeSet;
use weir_domain::{
    CaseError, SourceId,
    access::{Caller, Permission},
    audit::{About, Facts, Field, Value},
    catalog::{Completion, CompletionKind, Completions},
    events::EventFilter,
};

pub const NAME: &str = "catalog/complete";

const MOST: usize = 20;
/// What each kind may take while others have something to offer too.
const CHANNELS: usize = 10;
const SOURCES: usize = 4;
const TYPES: usize = 6;
/// Longer texts complete nothing.
const LONGEST: usize = 1024;

impl CatalogCases {
    /// At most 20 lines for what has been typed: a key that is stored, then channels, sources and
    /// event types. `key:`, `channel:`, `source:` and `type:` ask for one kind only; `channel:#7` and
    /// `source:#3` for the name of one id. Asking for keys
    /// without `events.key` is refused by name; a free text then just offers no key.
    pub async fn complete(&self, caller: &Caller, text: &str) -> Result<Completions, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let hidden_channels = sight.view.channels().hidden();
        let (only, text) = asked(text);
        if only == Some(CompletionKind::Key) && !sight.view.key() {
            return Err(sight.trail.refuse(Permission::EventsKey, About::query(by_key())).await);
        }
        if text.len() > LONGEST {
            return Ok(Completions { lines: Vec::new(), hidden_channels });
        }
        let wants = |kind| only.is_none_or(|k| k == kind);
        let mut found = Found { only: only.is_some(), lines: Vec::new(), spare: Vec::new() };
        if wants(CompletionKind::Key) && sight.view.key() && !text.is_empty() {
            found.add(1, self.key(&sight, text).await?);
        }
        if wants(CompletionKind::Channel) {
            found.add(CHANNELS, channels(&sight, text));
        }
        if wants(CompletionKind::Source) {
            found.add(SOURCES, sources(&sight, text));
        }
        if wants(CompletionKind::EventType) {
            found.add(TYPES, self.event_types(&sight, text).await?);
        }
        Ok(Completions { lines: found.best(), hidden_channels })
    }

    async fn key(&self, sight: &Sight, text: &str) -> Result<Vec<Completion>, CaseError> {
        let filter = EventFilter { key: Some(text.to_owned()), ..EventFilter::default() };
        let Some(key) = filter.key_bytes() else { return Ok(Vec::new()) };
        let known = self.0.catalog.key_exists(&sight.view, &key).await?;
        if known {
            // To tell that a key is there answers a search for it. That it is not is told with every letter typed.
            sight.trail.saw(About::query(by_key()).keys([sight.trail.key_hash(&key)]).count(1)).await?;
        }
        Ok(known.then(|| line(CompletionKind::Key, text, "events with this key")).into_iter().collect())
    }

    async fn event_types(&self, sight: &Sight, text: &str) -> Result<Vec<Completion>, CaseError> {
        let types = self.0.catalog.event_types(&sight.view, text, MOST as u32).await?;
        Ok(types.iter().take(MOST).map(|t| line(CompletionKind::EventType, t, "event type")).collect())
    }
}

fn asked(text: &str) -> (Option<CompletionKind>, &str) {
    let text = text.trim();
    for (word, kind) in [
        ("key:", CompletionKind::Key),
        ("channel:", CompletionKind::Channel),
        ("source:", CompletionKind::Source),
        ("type:", CompletionKind::EventType),
    ] {
        if let Some(rest) = text.strip_prefix(word) {
            return (Some(kind), rest.trim_start());
        }
    }
    (None, text)
}

fn line(kind: CompletionKind, text: &str, note: &str) -> Completion {
    Completion { kind, text: text.to_owned(), note: note.to_owned(), channel: None, source: None }
}

/// The very name comes first, then those that begin with the text, then those that hold it; letter
/// case is ignored.
/// `#` and a number ask for that id alone.
fn rank(id: i64, name: &str, text: &str) -> Option<u8> {
    if let Some(wanted) = text.strip_prefix('#').and_then(|n| n.parse::<i64>().ok()) {
        return (wanted == id).then_some(0);
    }
    if name == text {
        return Some(0);
    }
    let (name, text) = (name.to_lowercase(), text.to_lowercase());
    if name.starts_with(&text) { Some(1) } else { name.contains(&text).then_some(2) }
}

fn channels(sight: &Sight, text: &str) -> Vec<Completion> {
    let mut hits: Vec<_> =
        sight.channels().filter_map(|e| Some((rank(e.channel.0, &e.channel_name, text)?, e))).collect();
    hits.sort_by(|(a, x), (b, y)| (a, &x.channel_name, x.channel).cmp(&(b, &y.channel_name, y.channel)));
    hits.truncate(MOST);
    let shown = hits.into_iter().map(|(_, e)| Completion {
        kind: CompletionKind::Channel,
        text: e.channel_name.clone(),
        note: format!("{}, {}", e.source_name, e.environment_name),
        channel: Some(e.channel),
        source: Some(e.source),
    });
    shown.collect()
}

fn sources(sight: &Sight, text: &str) -> Vec<Completion> {
    let known: BTreeSet<(u8, &str, SourceId, &str, &str)> = sight
        .channels()
        .filter_map(|e| {
            let names = (e.source_name.as_str(), e.source_kind.as_str(), e.environment_name.as_str());
            Some((rank(e.source.0, names.0, text)?, names.0, e.source, names.1, names.2))
        })
        .collect();
    let shown = known.into_iter().take(MOST).map(|(_, name, id, kind, environment)| Completion {
        kind: CompletionKind::Source,
        text: name.to_owned(),
        note: format!("{kind}, {environment}"),
        channel: None,
        source: Some(id),
    });
    shown.collect()
}

/// Lines in order; what goes beyond a kind's share waits for room at the end.
struct Found {
    only: bool,
    lines: Vec<Completion>,
    spare: Vec<Completion>,
}

impl Found {
    fn add(&mut self, share: usize, mut hits: Vec<Completion>) {
        let share = if self.only { MOST } else { share };
        if hits.len() > share {
            self.spare.extend(hits.split_off(share));
        }
        self.lines.extend(hits);
    }

    fn best(mut self) -> Vec<Completion> {
        self.lines.extend(self.spare);
        self.lines.truncate(MOST);
        self.lines
    }
}

/// The shape of a search by key.
fn by_key() -> Facts {
    Facts::new().with(Field::By, ["key"].into_iter().collect::<Value>())
}

#[cfg(test)]
mod tests {
    use super::rank;

    #[test]
    fn a_number_sign_asks_for_one_id() {
        assert_eq!(rank(7, "orders", "#7"), Some(0));
        assert_eq!(rank(8, "#7", "#7"), None);
        assert_eq!(rank(8, "#seven", "#seven"), Some(0));
        assert_eq!(rank(8, "my orders", "OR"), rank(9, "your orders", "or"));
    }
}
