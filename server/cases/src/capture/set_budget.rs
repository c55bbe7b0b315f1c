use super::CaptureCases;
use weir_domain::{
    CaseError,
    access::Caller,
    audit::{About, Facts, Field},
    capture::{BudgetSet, check_budget},
};

pub const NAME: &str = "capture/set_budget";

impl CaptureCases {
    /// Sets the store's budget, or takes it away. `seen`: what the caller saw; is it another one now, nothing is changed.
    pub async fn set_budget(
        &self,
        caller: &Caller,
        seen: Option<Option<u64>>,
        bytes: Option<u64>,
    ) -> Result<(), CaseError> {
        let sight = self.views.authorise(caller, NAME).await?;
        check_budget(bytes).map_err(|what| CaseError::Invalid { what, what_to_do: "Give another number.".into() })?;
        let hidden = sight.view.channels().hidden();
        if hidden > 0 {
            return Err(CaseError::Conflict {
                what: format!("The budget is of all channels, and there are {hidden} that you may not see."),
                what_to_do: "Choose all environments, or ask somebody whose grants reach every channel.".into(),
            });
        }
        let setting = self.budgets.budget_standing(&sight.view).await?.setting;
        if setting.from_file {
            return Err(from_file());
        }
        let before = setting.bytes;
        if seen.is_some_and(|seen| seen != before) {
            return Err(moved());
        }
        if before == bytes {
            return Ok(());
        }
        let act = sight.trail.act(About::nothing().change(told(before), told(bytes))).await?;
        let set = self.budgets.set_budget(&sight.view, before, bytes, &caller.person, self.clock.now()).await;
        let set = set.map(|set| match set {
            BudgetSet::Set => Ok(()),
            BudgetSet::Moved => Err(moved()),
            BudgetSet::FromFile => Err(from_file()),
        });
        act.told(set, |error| error).await
    }
}

fn told(bytes: Option<u64>) -> Facts {
    Facts::new().with_some(Field::Budget, bytes.map(|n| i64::try_from(n).unwrap_or(i64::MAX)))
}

fn moved() -> CaseError {
    CaseError::Conflict {
        what: "Somebody has changed the store's budget meanwhile.".into(),
        what_to_do: "Look at it as it is now, and change that.".into(),
    }
}

fn from_file() -> CaseError {
    CaseError::Conflict {
        what: "The store's budget stands in the configuration file.".into(),
        what_to_do: "Change store_budget_bytes there and start Weir again.".into(),
    }
}
