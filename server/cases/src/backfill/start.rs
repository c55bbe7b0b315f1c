use super::{BackfillCases, about};
use weir_domain::{
    CaseError, ChannelId, SourceId,
    access::Caller,
    audit::{Facts, Field},
    backfill::{LEAST_BYTES_PER_S, MOST_BYTES_PER_S, NotBegun},
};

pub const NAME: &str = "backfill/start";

impl BackfillCases {
    /// Begins to fill what lies before what is stored of a channel, or goes on with it, at this rate. The channel's
    /// source; `Ok(None)`: no such channel, or none to be seen.
    pub async fn start(
        &self,
        caller: &Caller,
        channel: ChannelId,
        bytes_per_s: u64,
    ) -> Result<Option<SourceId>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let Some((source, about)) = about(&sight, channel) else { return Ok(None) };
        if !(LEAST_BYTES_PER_S..=MOST_BYTES_PER_S).contains(&bytes_per_s) {
            return Err(super::no_rate(bytes_per_s));
        }
        let facts = Facts::new().with(Field::Rate, i64::try_from(bytes_per_s).unwrap_or(i64::MAX));
        let act = sight.trail.act(about.change(Facts::new(), facts)).await?;
        let begun = self.0.backfills.begin(&sight.view, channel, bytes_per_s, &caller.person, self.0.clock.now()).await;
        let why = |why: NotBegun| match why {
            NotBegun::Erases => CaseError::Conflict {
                what: "Tombstones of this channel erase, and what they erased would come back.".into(),
                what_to_do: "Only a channel whose tombstones erase nothing can be filled.".into(),
            },
            NotBegun::Absent | NotBegun::Nothing => CaseError::Conflict {
                what: "Nothing lies before what is stored of this channel.".into(),
                what_to_do: "There is nothing to fill.".into(),
            },
        };
        act.told(begun, why).await?;
        Ok(Some(source))
    }
}
