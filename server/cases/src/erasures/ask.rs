use super::{ErasuresCases, beyond, of_vault, seen_channels, words};
use crate::{access::names, id, views::Sight};
use weir_domain::{
    CaseError, ChannelId, ErasureId,
    access::Caller,
    audit::{About, Facts, Field, Object},
    erasures::{DAYS_OPEN, LONGEST_REASON, MOST_OPEN, NewErasure, Subject},
};

pub const NAME: &str = "erasures/ask";

/// Channels that one request may name.
const MOST_CHANNELS: usize = 500;

impl ErasuresCases {
    /// Asks for a subject to be taken out of some channels; of none named: of every channel. What it would erase is counted
    /// before somebody else decides. `channels` are names, or ids behind `#`.
    pub async fn ask(
        &self,
        caller: &Caller,
        subject: &Subject,
        channels: &[String],
        reason: &str,
    ) -> Result<ErasureId, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let reason = names::text_or_say("reason", reason, LONGEST_REASON)?;
        if reason.is_empty() {
            return Err(invalid("The reason is missing.", "Say in a sentence why, without the subject itself."));
        }
        let by = self.by(caller);
        let id = ErasureId(id::new(by.at));
        let about = About::object(Object::erasure(&id));
        let channels = match (subject, channels) {
            (Subject::Events(_), _) => Some(self.of_events(&sight, subject).await?),
            (_, []) if sight.reaches_everything() => None,
            (_, []) => return Err(beyond(&sight, about).await),
            (_, named) => Some(chosen(&sight, named)?),
        };
        let facts = Facts::new()
            .with(Field::Kind, subject.kind().as_str())
            .with_some(Field::Channels, channels.as_ref().map(|all| i64::try_from(all.len()).unwrap_or(i64::MAX)));
        let act = sight.trail.act(about.change(Facts::new(), facts)).await?;
        let new = async {
            let subject = self.0.subjects.keep(&id, subject).map_err(of_vault)?;
            let ends_at = by.at.plus_secs(DAYS_OPEN * 86_400);
            let new = NewErasure { id: id.clone(), subject, channels, reason, by, ends_at };
            self.0.erasures.ask_erasure(&sight.view, &new, MOST_OPEN).await.map_err(CaseError::from)?.map_err(words)
        };
        act.done(new.await).await?;
        Ok(id)
    }

    /// The channels of the events, each of which has to be there to be seen.
    async fn of_events(&self, sight: &Sight, subject: &Subject) -> Result<Vec<ChannelId>, CaseError> {
        let Subject::Events(ids) = subject else { return Ok(Vec::new()) };
        let mut channels = seen_channels(self.0.erasures.as_ref(), sight, ids).await?;
        channels.sort_unstable();
        channels.dedup();
        Ok(channels)
    }
}

/// Channels by name, or by id behind `#`. One that may not be seen is told like one that there is not.
fn chosen(sight: &Sight, named: &[String]) -> Result<Vec<ChannelId>, CaseError> {
    let mut channels = Vec::new();
    for name in named {
        let before = channels.len();
        let by_id = name.strip_prefix('#').and_then(|id| id.parse().ok()).map(ChannelId);
        let found = sight.channels().filter(|e| by_id.map_or(e.channel_name == *name, |id| e.channel == id));
        channels.extend(found.map(|e| e.channel));
        if channels.len() == before {
            return Err(invalid(
                &format!("There is no channel {name:?}, or none that you may see."),
                "Write the names of channels as the page Sources has them, one a line.",
            ));
        }
    }
    channels.sort_unstable();
    channels.dedup();
    if channels.len() > MOST_CHANNELS {
        return Err(invalid(
            &format!("These are more than {MOST_CHANNELS} channels."),
            "Name fewer, or none for every channel.",
        ));
    }
    Ok(channels)
}

fn invalid(what: &str, what_to_do: &str) -> CaseError {
    CaseError::Invalid { what: what.into(), what_to_do: what_to_do.into() }
}
