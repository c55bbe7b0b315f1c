use super::SourcesCases;
use weir_domain::{CaseError, SourceId, access::Caller};

pub const NAME: &str = "sources/pause";

impl SourcesCases {
    /// Stops capture of a source within a second; events wait at the broker, as long as it keeps them.
    /// `Ok(false)`: no such source, or none to be seen.
    pub async fn pause(&self, caller: &Caller, id: SourceId) -> Result<bool, CaseError> {
        self.set_paused(caller, NAME, id, true).await
    }
}
