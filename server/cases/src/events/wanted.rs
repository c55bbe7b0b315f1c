use crate::views::Sight;
use std::collections::BTreeMap;
use weir_domain::{
    CaseError, ChannelId, SourceId,
    events::{EventFilter, TimeRange},
};

/// What a program asks for: an [`EventFilter`] whose source and channel may be given by name. A text is a name; where
/// nothing has it, a number is an id; `#7` is the id 7 whatever is called so.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    pub source: Option<String>,
    pub channel: Option<String>,
    pub event_type: Option<String>,
    pub key: Option<String>,
    pub range: TimeRange,
    pub query: Option<String>,
    /// Instead of newest first.
    pub oldest_first: bool,
    /// As the console's addresses have it: an id says that it is one (`#7`), and a number alone is a name.
    pub ids_are_marked: bool,
}

impl Wanted {
    /// With ids for names. What can't be seen is told like what is not there.
    pub(super) fn resolved(self, sight: &Sight) -> Result<EventFilter, CaseError> {
        let unmarked = !self.ids_are_marked;
        let source = self.source.as_deref().map(|text| source(sight, text, unmarked)).transpose()?;
        let channel = self.channel.as_deref().map(|text| channel(sight, text, source, unmarked)).transpose()?;
        let Self { event_type, key, range, query, oldest_first, .. } = self;
        Ok(EventFilter { source, channel, event_type, key, range, query, oldest_first })
    }
}

fn id(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// `unmarked`: a number may be an id without its `#`.
fn source(sight: &Sight, text: &str, unmarked: bool) -> Result<SourceId, CaseError> {
    if let Some(id) = text.strip_prefix('#').and_then(id) {
        return Ok(SourceId(id));
    }
    // One name may stand in several environments.
    let named: BTreeMap<SourceId, &str> =
        sight.channels().filter(|e| e.source_name == text).map(|e| (e.source, e.environment_name.as_str())).collect();
    match (named.len(), named.keys().next(), id(text).filter(|_| unmarked)) {
        (1, Some(only), _) => Ok(*only),
        (0, _, Some(id)) => Ok(SourceId(id)),
        (0, ..) => Err(nothing("source", text)),
        _ => Err(several("source", text, named.iter().map(|(id, at)| format!("#{id} in {at}")).collect())),
    }
}

fn channel(sight: &Sight, text: &str, source: Option<SourceId>, unmarked: bool) -> Result<ChannelId, CaseError> {
    if let Some(id) = text.strip_prefix('#').and_then(id) {
        return Ok(ChannelId(id));
    }
    let named: Vec<_> = sight
        .channels()
        .filter(|e| e.channel_name == text && source.is_none_or(|s| s == e.source))
        .map(|e| (e.channel, format!("#{} of {}", e.channel, e.source_name)))
        .collect();
    match (named.as_slice(), id(text).filter(|_| unmarked)) {
        ([(only, _)], _) => Ok(*only),
        ([], Some(id)) => Ok(ChannelId(id)),
        ([], None) => Err(nothing("channel", text)),
        (several_of, _) => Err(several("channel", text, several_of.iter().map(|(_, at)| at.clone()).collect())),
    }
}

/// Names in a message, at most.
const TOLD: usize = 10;
const LONGEST: usize = 100;

fn cut(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(LONGEST)])
}

fn nothing(what: &str, text: &str) -> CaseError {
    CaseError::Invalid {
        what: format!("There is no {what} {:?}, or none that you may see.", cut(text)),
        what_to_do: "Use a name or an id from the page Sources (for programs: /api/v1/sources); names are taken letter by letter.".into(),
    }
}

fn several(what: &str, text: &str, mut places: Vec<String>) -> CaseError {
    let more = places.len().saturating_sub(TOLD);
    places.truncate(TOLD);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    CaseError::Invalid {
        what: format!("More than one {what} is called {:?}: {}{more}.", cut(text), places.join(", ")),
        what_to_do: "Say which by its id, or narrow the question by env or source.".into(),
    }
}
