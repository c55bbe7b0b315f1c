use super::VerifyCases;
use weir_domain::{
    CaseError, EventId, SourceId, Timestamp,
    access::Caller,
    audit::{About, Facts, Field, Object},
    verify::{Verified, VerifyWanted},
};

pub const NAME: &str = "verify/run";

/// What somebody wants to have compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// By its name, or `#` and its id.
    pub channel: Option<String>,
    /// `None`: everything that is stored.
    pub sample: Option<u32>,
    pub since: Option<Timestamp>,
    pub after: Option<EventId>,
}

impl Asked {
    /// Events of one sample.
    pub const MOST: u32 = 100_000;
}

impl VerifyCases {
    /// Compares what is stored of the visible channels of a source with its broker: a part of it a call. `Ok(None)`: no
    /// such source, or none to be seen.
    pub async fn run(&self, caller: &Caller, source: SourceId, asked: Asked) -> Result<Option<Verified>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let Some(shown) = self.0.sources.detail(&sight.view, source, self.0.clock.now()).await? else {
            return Ok(None);
        };
        if !sight.reaches_source(shown.source.environment, source) {
            return Ok(None);
        }
        if asked.sample.is_some_and(|n| n == 0 || n > Asked::MOST) {
            return Err(CaseError::Invalid {
                what: "A sample has 1 to 100,000 events.".into(),
                what_to_do: "Ask for a number within that, or for all.".into(),
            });
        }
        let channel = match asked.channel.as_deref() {
            None => None,
            Some(wanted) => {
                let is = |c: &&weir_domain::sources::ChannelShown| {
                    c.name == wanted || wanted.strip_prefix('#').is_some_and(|id| id == c.id.to_string())
                };
                let visible = |c: &&weir_domain::sources::ChannelShown| sight.view.channels().contains(c.id);
                let Some(found) = shown.channels.iter().filter(visible).find(is) else {
                    return Err(CaseError::Invalid {
                        what: format!("{} has no channel {wanted:?}, or none that you may see.", shown.source.name),
                        what_to_do: "Look at the names on the source's page.".into(),
                    });
                };
                Some(found.id)
            }
        };
        let facts = Facts::new().with_some(Field::Limit, asked.sample);
        let about = About::object(Object::source(source, Some(&shown.source.name))).shape(facts);
        let act = sight.trail.act(about).await?;
        let Asked { sample, since, after, .. } = asked;
        let done = self.0.now.verify(&sight.view, &VerifyWanted { source, channel, sample, since, after }).await;
        act.done(done.map(Some).map_err(CaseError::from)).await
    }
}
