use super::CaptureCases;
use weir_domain::{
    CaseError,
    access::{Caller, Permission},
    capture::{BudgetShown, MOST_TOLD},
};

pub const NAME: &str = "capture/budget";

impl CaptureCases {
    /// The store's budget: what is used of it, when it is full, who gives way first, and what was done about it.
    pub async fn budget(&self, caller: &Caller) -> Result<BudgetShown, CaseError> {
        let sight = self.views.authorise(caller, NAME).await?;
        let (view, channels, now) = (&sight.view, sight.view.channels(), self.clock.now());
        let standing = self.budgets.budget_standing(view).await?;
        let outlook = self.budgets.budget_outlook(view, now).await?;
        let mut order = self.budgets.giving_way(view, now).await?;
        order.retain(|c| channels.contains(c.channel));
        let mut history = self.budgets.budget_history(view, MOST_TOLD).await?;
        history.retain(|told| told.channel.as_ref().is_none_or(|(id, _)| channels.contains(*id)));
        let may_edit = caller.may(Permission::CaptureEdit) && channels.hidden() == 0 && !standing.setting.from_file;
        Ok(BudgetShown { standing, outlook, order, history, may_edit, hidden_channels: channels.hidden() })
    }
}
