use super::{MonitorsCases, as_seen};
use weir_domain::{
    CaseError, Timestamp,
    access::{Caller, Permission},
    monitors::{Alert, AlertsAsked, MOST_SHOWN},
};

pub const NAME: &str = "monitors/alerts";

/// "Recent" is within so many seconds.
const RECENT: i64 = 7 * 86_400;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertList {
    /// The worst first: what pages before what notifies, what nobody has in hand before what somebody has.
    pub open: Vec<Alert>,
    /// Those that were over last.
    pub recent: Vec<Alert>,
    /// Open ones that the caller may see and that are beyond what a list shows, and such that are over.
    pub open_left_out: u32,
    pub recent_left_out: u32,
    /// Open ones that the caller may not see.
    pub hidden: u32,
    pub may_edit: bool,
    /// Outlets that are on: with none, nobody is told.
    pub outlets: u32,
    /// Outlets whose last message did not arrive.
    pub failing: u32,
    pub now: Timestamp,
}

impl MonitorsCases {
    pub async fn alerts(&self, caller: &Caller) -> Result<AlertList, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let now = self.0.clock.now();
        let asked = AlertsAsked { over_since: Some(now.plus_secs(-RECENT)) };
        let all = self.0.monitors.alerts(&sight.view, &asked).await?;
        let outlets = self.0.monitors.outlets(&sight.view, now).await?;
        let (mut open, mut recent, mut hidden) = (Vec::new(), Vec::new(), 0);
        for alert in all {
            let is_open = alert.is_open();
            match as_seen(&sight, alert) {
                Some(alert) if is_open => open.push(alert),
                Some(alert) => recent.push(alert),
                None => hidden += u32::from(is_open),
            }
        }
        let quiet = |a: &Alert| a.acknowledged.is_some() || a.is_snoozed(now);
        open.sort_by_key(|a| (std::cmp::Reverse(a.severity), quiet(a), a.opened_at));
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        // Only now: what the caller may not see takes no place of what they may.
        let cut = |of: &mut Vec<Alert>| {
            let most = usize::try_from(MOST_SHOWN).unwrap_or(usize::MAX);
            let beyond = of.len().saturating_sub(most);
            of.truncate(most);
            count(beyond)
        };
        let (open_left_out, recent_left_out) = (cut(&mut open), cut(&mut recent));
        Ok(AlertList {
            open,
            recent,
            open_left_out,
            recent_left_out,
            hidden,
            may_edit: caller.may(Permission::MonitorsEdit),
            outlets: count(outlets.iter().filter(|o| o.outlet.on).count()),
            failing: count(outlets.iter().filter(|o| o.outlet.on && o.error.is_some() && !o.arrived).count()),
            now,
        })
    }
}
