//! The store's budget: measured with upkeep, and what follows carried out step by step. Each step is in the audit log before
//! it is taken, as an act of Weir itself: the end of what was decided when the budget was set.

use crate::EnginePorts;
use weir_domain::{
    StoreError,
    audit::{About, Facts, Field, NewEntry, Object, Outcome, Who},
    capture::{BudgetPlan, BudgetStep, Planned},
};

const USE_CASE: &str = "capture/set_budget";

pub(crate) async fn keep(ports: &EnginePorts) -> Result<(), StoreError> {
    let plan = ports.maintenance.plan_budget(ports.clock.now()).await?;
    ports.meter.store(Some((plan.used, plan.budget)));
    let Some(log) = &ports.audit else { return Ok(()) };
    // A step that fails keeps neither the others nor the room that there is from being had.
    let mut failed = None;
    for planned in &plan.steps {
        let taken = async {
            log.append(&[entry(ports, &plan, planned)]).await?;
            ports.maintenance.take_budget_step(&plan, planned, ports.clock.now()).await
        };
        let done = match taken.await {
            Ok(done) => done,
            Err(error) => {
                tracing::warn!(step = ?planned.step, %error, "a step of the store's budget can't be taken; tried again");
                failed.get_or_insert(error);
                continue;
            }
        };
        match planned.step {
            BudgetStep::GiveUp { channel, .. } => {
                tracing::info!(%channel, bytes = done.bytes, more = done.more, "gave up payloads for want of room");
            }
            BudgetStep::Withhold { channel } => {
                tracing::warn!(%channel, "keeps metadata only: the store's budget is used up");
            }
            BudgetStep::Restore { channel } => tracing::info!(%channel, "there is room again: payloads are kept"),
        }
    }
    let room = ports.maintenance.make_room(ports.clock.now()).await;
    failed.map_or(room, Err)
}

fn entry(ports: &EnginePorts, plan: &BudgetPlan, planned: &Planned) -> NewEntry {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let (channel, reason, bytes) = match planned.step {
        BudgetStep::GiveUp { channel, bytes } => (channel, "gives_up_payloads", Some(number(bytes))),
        BudgetStep::Withhold { channel } => (channel, "keeps_metadata_only", None),
        BudgetStep::Restore { channel } => (channel, "keeps_payloads_again", None),
    };
    let facts = Facts::new()
        .with(Field::Used, number(plan.used))
        .with_some(Field::Budget, plan.budget.map(number))
        .with_some(Field::MostBytes, bytes);
    let about = About::object(Object::channel(channel, planned.source, &planned.name)).change(Facts::new(), facts);
    let who = Who::weir();
    NewEntry { at: ports.clock.now(), who, use_case: USE_CASE, outcome: Outcome::Ended, reason: Some(reason), about }
}
