//! One budget in bytes for all that is kept of events: what is done as it fills, and when that will be.

mod forecast;
mod rule;
mod shown;

pub use forecast::{Flow, Forecast, forecast};
pub use rule::{
    BELOW_PER_CENT, BudgetStep, DEFAULT_TURN, FULL_PER_CENT, Fill, LEAST_BUDGET, MOST_BUDGET, ROOM_PER_CENT, Stake,
    TURNS, WARN_PER_CENT, check_budget, in_order, steps,
};
pub use shown::{
    BudgetDone, BudgetOutlook, BudgetPlan, BudgetSet, BudgetSetting, BudgetShown, BudgetStanding, BudgetTold, Budgets,
    Captured, GivingWay, MOST_TOLD, Planned,
};
