use super::MonitorsCases;
use weir_domain::{
    AlertId, CaseError, Timestamp,
    access::{Caller, Permission},
    monitors::AlertShown,
};

pub const NAME: &str = "monitors/alert";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertPage {
    pub shown: AlertShown,
    pub may_edit: bool,
    pub now: Timestamp,
}

impl MonitorsCases {
    /// `Ok(None)`: there is none, or none to be seen.
    pub async fn alert(&self, caller: &Caller, id: &AlertId) -> Result<Option<AlertPage>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let shown = self.seen(&sight, id).await?;
        let may_edit = caller.may(Permission::MonitorsEdit);
        Ok(shown.map(|shown| AlertPage { shown, may_edit, now: self.0.clock.now() }))
    }
}
