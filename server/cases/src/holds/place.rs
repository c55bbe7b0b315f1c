use super::{HoldsCases, words};
use crate::{access::names, erasures::seen_channels, id};
use weir_domain::{
    CaseError, ChannelId, HoldId, Timestamp,
    access::Caller,
    audit::{About, Facts, Field, Object},
    erasures::{Subject, SubjectKind},
    events::TimeRange,
    holds::{HELD_AT_MOST, Held, LONGEST_DAYS, LONGEST_REASON, NewHold, hold_name},
};

pub const NAME: &str = "holds/place";

/// What is to be held, as somebody says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// By its name, or its id behind `#`.
    Channel {
        name: String,
        range: TimeRange,
    },
    Key(String),
    /// Ids or links.
    Events(String),
}

impl HoldsCases {
    /// Keeps events past their retention, and from being erased, until a time.
    pub async fn place(
        &self,
        caller: &Caller,
        name: &str,
        wanted: &Wanted,
        reason: &str,
        ends_at: Timestamp,
    ) -> Result<HoldId, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let (name, by) = (hold_name(name)?, self.by(caller));
        let reason = names::text_or_say("reason", reason, LONGEST_REASON)?;
        if reason.is_empty() {
            return Err(invalid("The reason is missing.", "Say in a sentence what the hold is for."));
        }
        if ends_at <= by.at || ends_at > by.at.plus_secs(LONGEST_DAYS * 86_400) {
            return Err(invalid("A hold ends on a day from tomorrow to ten years from now.", "Choose such a day."));
        }
        let held = match wanted {
            Wanted::Channel { name, range } => {
                let by_id = name.strip_prefix('#').and_then(|id| id.parse().ok()).map(ChannelId);
                let mut found =
                    sight.channels().filter(|e| by_id.map_or(e.channel_name == *name, |id| e.channel == id));
                let Some(channel) = found.next().map(|e| e.channel) else {
                    return Err(invalid(
                        &format!("There is no channel {name:?}, or none that you may see."),
                        "Write its name as the page Sources has it.",
                    ));
                };
                if found.next().is_some() {
                    return Err(invalid(
                        &format!("Several sources have a channel {name:?}."),
                        "Write its id instead, with # before it, as the address of its events has it.",
                    ));
                }
                Held::Channel { channel, from: range.from, to: range.to }
            }
            Wanted::Key(key) => match Subject::read(SubjectKind::Key, key)? {
                Subject::Key(key) => Held::Key(Some(self.0.log.key_hash(&key))),
                _ => return Err(CaseError::Internal("a key that is none".into())),
            },
            Wanted::Events(typed) => {
                let ids = weir_domain::erasures::event_ids(typed)?;
                seen_channels(self.0.erasures.as_ref(), &sight, &ids).await?;
                Held::Events(ids)
            }
        };
        let id = HoldId(id::new(by.at));
        let facts = Facts::new().with(Field::Kind, held.kind()).with(Field::Ends, ends_at);
        let act = sight.trail.act(About::object(Object::hold(&id, &name)).change(Facts::new(), facts)).await?;
        let new = NewHold { id: id.clone(), name, held, reason, by, ends_at };
        act.told(self.0.holds.place_hold(&sight.view, &new, HELD_AT_MOST).await, words).await?;
        Ok(id)
    }
}

fn invalid(what: &str, what_to_do: &str) -> CaseError {
    CaseError::Invalid { what: what.into(), what_to_do: what_to_do.into() }
}
