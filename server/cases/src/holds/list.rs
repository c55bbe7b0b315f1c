use super::HoldsCases;
use weir_domain::{
    CaseError, Timestamp,
    access::Caller,
    holds::{Held, Hold},
};

pub const NAME: &str = "holds/list";

/// A hold, with the name of its channel where it may be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldShown {
    pub hold: Hold,
    pub channel_name: Option<String>,
}

impl HoldsCases {
    /// Those that stand, then those that have ended, and the time by which that holds. No hash of a key leaves here.
    pub async fn list(&self, caller: &Caller) -> Result<(Vec<HoldShown>, Timestamp), CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let all = self.0.holds.holds(&sight.view).await?;
        let shown = all.into_iter().map(|mut hold| {
            let channel_name = match &mut hold.held {
                Held::Channel { channel, .. } => sight.channel(*channel).map(|e| e.channel_name.clone()),
                Held::Key(hash) => {
                    *hash = None;
                    None
                }
                Held::Events(_) => None,
            };
            HoldShown { hold, channel_name }
        });
        Ok((shown.collect(), self.0.clock.now()))
    }
}
