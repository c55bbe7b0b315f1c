use super::MonitorsCases;
use weir_domain::{
    CaseError, Timestamp,
    access::{Caller, Permission},
    monitors::{Rule, Window, with_defaults},
};

pub const NAME: &str = "monitors/list";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleList {
    /// By kind, what comes with Weir first.
    pub rules: Vec<Rule>,
    /// Those that are not over, then those over last.
    pub windows: Vec<Window>,
    pub may_edit: bool,
    pub now: Timestamp,
}

impl MonitorsCases {
    /// Rules and maintenance windows. Patterns are not names: whoever may see lag may see them all.
    pub async fn list(&self, caller: &Caller) -> Result<RuleList, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let now = self.0.clock.now();
        Ok(RuleList {
            rules: with_defaults(self.0.monitors.rules(&sight.view).await?),
            windows: self.0.monitors.windows(&sight.view, now).await?,
            may_edit: caller.may(Permission::MonitorsEdit) && sight.reaches_everything(),
            now,
        })
    }
}
