use super::{CaptureCases, list};
use crate::views::Sight;
use weir_domain::{
    CaseError,
    access::{Caller, Permission},
    capture::{BudgetShown, BudgetStanding, CaptureList, Captured, GivingWay, MOST_TOLD},
};

pub const NAME: &str = "capture/budget";

impl CaptureCases {
    /// The store's budget: what is used of it, when it is full, who gives way first, and what was done about it.
    pub async fn budget(&self, caller: &Caller) -> Result<BudgetShown, CaseError> {
        let sight = self.views.authorise(caller, NAME).await?;
        let captured = self.captured(&sight).await?;
        self.shown(caller, &sight, &captured).await
    }

    /// The same with the list of channels (`capture/list`), for a page of both: channels are looked at once.
    pub async fn with_budget(&self, caller: &Caller) -> Result<(CaptureList, BudgetShown), CaseError> {
        let listed = self.views.authorise(caller, list::NAME).await?;
        let sight = self.views.authorise(caller, NAME).await?;
        let captured = self.captured(&sight).await?;
        let shown = self.shown(caller, &sight, &captured).await?;
        let hidden_channels = listed.view.channels().hidden();
        Ok((CaptureList { channels: captured.channels, hidden_channels }, shown))
    }

    /// What stands, without a look at channels.
    pub async fn budget_standing(&self, caller: &Caller) -> Result<BudgetStanding, CaseError> {
        let sight = self.views.authorise(caller, NAME).await?;
        Ok(self.budgets.budget_standing(&sight.view).await?)
    }

    async fn captured(&self, sight: &Sight) -> Result<Captured, CaseError> {
        let mut captured = self.budgets.captured(&sight.view, self.clock.now()).await?;
        captured.channels.retain(|c| sight.view.channels().contains(c.channel));
        Ok(captured)
    }

    async fn shown(&self, caller: &Caller, sight: &Sight, captured: &Captured) -> Result<BudgetShown, CaseError> {
        let channels = sight.view.channels();
        let mut history = self.budgets.budget_history(&sight.view, MOST_TOLD).await?;
        history.retain(|told| told.channel.as_ref().is_none_or(|(id, _)| channels.contains(*id)));
        let standing = captured.standing.clone();
        let may_edit = caller.may(Permission::CaptureEdit) && channels.hidden() == 0 && !standing.setting.from_file;
        Ok(BudgetShown {
            standing,
            outlook: captured.outlook,
            order: GivingWay::in_order(&captured.channels),
            history,
            may_edit,
            hidden_channels: channels.hidden(),
        })
    }
}
