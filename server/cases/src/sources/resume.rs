use super::SourcesCases;
use weir_domain::{CaseError, SourceId, access::Caller};

pub const NAME: &str = "sources/resume";

impl SourcesCases {
    /// Lets capture go on where it stood.
    /// `Ok(false)`: no such source, or none to be seen.
    pub async fn resume(&self, caller: &Caller, id: SourceId) -> Result<bool, CaseError> {
        self.set_paused(caller, NAME, id, false).await
    }
}
