//! The store's budget: measured, planned by the domain's rule, and carried out step by step, each with its record.

use crate::{Store, capture::mode, changes, error::failed, timestamp::Ts};
use sqlx::PgConnection;
use weir_domain::{
    ChannelId, SourceId, StoreError, Timestamp,
    capture::{BudgetDone, BudgetPlan, BudgetStep, Fill, GivenUpPayloads, Planned, Stake, budget_steps},
    changes::{ChangeKind, NewChange},
    figures::bytes,
};

const HOUR_US: i64 = 3_600_000_000;
const DAY_US: i64 = 24 * HOUR_US;
/// The history is kept as long as the audit log.
const KEPT_SECS: i64 = 400 * 86_400;

impl Store {
    pub(super) async fn plan(&self, at: Timestamp) -> sqlx::Result<BudgetPlan> {
        let measured = self.measured().await?;
        let room: i64 = measured.iter().map(|m| m.free(at)).sum();
        let used = (measured.iter().map(|m| m.bytes).sum::<i64>() - room).max(0);
        let mut tx = crate::pool::begin(self.capture_pool()).await?;
        let set = sqlx::query!("select bytes, fill from capture_budget for update").fetch_one(&mut *tx).await?;
        let budget = set.bytes.map(i64::unsigned_abs);
        let mut plan = BudgetPlan { used: used.unsigned_abs(), budget, steps: Vec::new() };
        let fill = budget.map_or(Fill::Room, |budget| Fill::of(plan.used, budget));
        sqlx::query!(
            "update capture_budget set used = $1, room = $2, measured_at = $3, fill = $4",
            used,
            room,
            Ts(at) as Ts,
            fill.as_str()
        )
        .execute(&mut *tx)
        .await?;
        // Down from full it is no warning: room is told, when there is some.
        if fill.as_str() != set.fill && !(fill == Fill::Warn && set.fill == Fill::Full.as_str()) {
            let done = match fill {
                Fill::Room => BudgetDone::Room,
                Fill::Warn => BudgetDone::Warned,
                Fill::Full => BudgetDone::Full,
            };
            Told { at, done, channel: None, bytes: None, plan: &plan }.put(&mut tx).await?;
            changes::append(&mut tx, &passed(fill, &plan, at)).await?;
        }
        sqlx::query!("delete from capture_budget_step where at < $1", Ts(at.plus_secs(-KEPT_SECS)) as Ts)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        let waits = fill == Fill::Full || self.any_withheld().await?;
        if waits {
            let kept = if fill == Fill::Full { self.kept_by_holds(&measured, at).await? } else { Vec::new() };
            plan.steps = self.planned(&plan, &kept, at).await?;
        }
        Ok(plan)
    }

    async fn any_withheld(&self) -> sqlx::Result<bool> {
        sqlx::query_scalar!(r#"select exists (select from channel where withheld_at is not null) as "any!""#)
            .fetch_one(self.capture_pool())
            .await
    }

    async fn planned(&self, plan: &BudgetPlan, kept: &[i32], at: Timestamp) -> sqlx::Result<Vec<Planned>> {
        let since = i32::try_from(at.0.div_euclid(HOUR_US) - 24).unwrap_or(0);
        let rows =
            sqlx::query_file!("queries/maintenance/stakes.sql", kept, since).fetch_all(self.capture_pool()).await?;
        let stakes: Vec<Stake> = rows
            .iter()
            .map(|r| Stake {
                channel: ChannelId(r.id),
                turn: u8::try_from(r.budget_turn).unwrap_or(weir_domain::capture::DEFAULT_TURN),
                payload: r.payload.unsigned_abs(),
                per_day: r.per_day.unsigned_abs(),
                keeps_payloads: mode(&r.policy, r.sampled_per_mille).under(&r.ceiling).share_per_mille() > 0,
                withheld: r.withheld,
            })
            .collect();
        let planned = budget_steps(plan.budget, plan.used, &stakes).into_iter().filter_map(|step| {
            let of = channel_of(step);
            let row = rows.iter().find(|r| r.id == of.0)?;
            Some(Planned { step, source: SourceId(row.source_id), name: row.name.clone() })
        });
        Ok(planned.collect())
    }

    pub(super) async fn take_step(
        &self,
        plan: &BudgetPlan,
        planned: &Planned,
        at: Timestamp,
    ) -> Result<GivenUpPayloads, StoreError> {
        match planned.step {
            BudgetStep::GiveUp { channel, bytes } => {
                let done = self.give_up_of(channel, bytes, plan.budget.unwrap_or(0), at).await?;
                if done.bytes > 0 {
                    self.tell_given_up(plan, planned, done.bytes, at).await.map_err(failed)?;
                }
                Ok(done)
            }
            BudgetStep::Withhold { channel } => {
                self.withhold(plan, planned, channel, Some(at), at).await.map_err(failed)?;
                Ok(GivenUpPayloads::default())
            }
            BudgetStep::Restore { channel } => {
                self.withhold(plan, planned, channel, None, at).await.map_err(failed)?;
                Ok(GivenUpPayloads::default())
            }
        }
    }

    /// One line of the history an hour and channel, one of the change feed a day.
    async fn tell_given_up(&self, plan: &BudgetPlan, planned: &Planned, bytes: u64, at: Timestamp) -> sqlx::Result<()> {
        let (channel, number) = (channel_of(planned.step), i64::try_from(bytes).unwrap_or(i64::MAX));
        let mut tx = crate::pool::begin(self.capture_pool()).await?;
        let hour = Timestamp(at.0.div_euclid(HOUR_US) * HOUR_US);
        let added = sqlx::query!(
            "update capture_budget_step set bytes = bytes + $3, at = $4
             where id = (select max(id) from capture_budget_step where channel_id = $1 and done = 'gave_up' and at >= $2)",
            channel.0,
            Ts(hour) as Ts,
            number,
            Ts(at) as Ts
        );
        if added.execute(&mut *tx).await?.rows_affected() == 0 {
            let bytes = Some(number);
            Told { at, done: BudgetDone::GaveUp, channel: Some(channel), bytes, plan }.put(&mut tx).await?;
        }
        let mut change = of_channel(planned, at);
        change.title = format!("{} gives up its oldest payloads", planned.name);
        change.detail = format!("{} Rows, times and types of those events stay.", filled(plan));
        change.once = Some(format!("budget/gave_up/{channel}/{}", at.0.div_euclid(DAY_US)));
        changes::append(&mut tx, &change).await?;
        tx.commit().await
    }

    async fn withhold(
        &self,
        plan: &BudgetPlan,
        planned: &Planned,
        channel: ChannelId,
        since: Option<Timestamp>,
        at: Timestamp,
    ) -> sqlx::Result<()> {
        let mut tx = crate::pool::begin(self.capture_pool()).await?;
        let moved = sqlx::query!(
            "update channel set withheld_at = $2 where id = $1 and (withheld_at is null) = ($2::timestamptz is not null)",
            channel.0,
            since.map(Ts) as Option<Ts>
        );
        if moved.execute(&mut *tx).await?.rows_affected() == 0 {
            return Ok(());
        }
        let done = if since.is_some() { BudgetDone::Withheld } else { BudgetDone::Restored };
        Told { at, done, channel: Some(channel), bytes: None, plan }.put(&mut tx).await?;
        let mut change = of_channel(planned, at);
        (change.title, change.detail) = match done {
            BudgetDone::Withheld => (
                format!("Of {} only metadata is kept", planned.name),
                format!("{} Giving up older payloads was not enough.", filled(plan)),
            ),
            _ => (
                format!("Payloads of {} are kept again", planned.name),
                format!("{} There is room again.", filled(plan)),
            ),
        };
        changes::append(&mut tx, &change).await?;
        tx.commit().await?;
        self.caches().classes.clear();
        Ok(())
    }
}

fn channel_of(step: BudgetStep) -> ChannelId {
    match step {
        BudgetStep::GiveUp { channel, .. } | BudgetStep::Withhold { channel } | BudgetStep::Restore { channel } => {
            channel
        }
    }
}

/// "19.2 GB of a budget of 20 GB are used."
fn filled(plan: &BudgetPlan) -> String {
    match plan.budget {
        Some(budget) => format!("{} of the store's budget of {} are used.", bytes(plan.used), bytes(budget)),
        None => format!("{} are used, and the store has no budget.", bytes(plan.used)),
    }
}

fn by_weir(at: Timestamp) -> NewChange {
    NewChange {
        at,
        kind: ChangeKind::Configuration,
        environment: None,
        source: None,
        channel: None,
        subject: None,
        title: String::new(),
        detail: String::new(),
        link: Some("/capture".into()),
        actor: Some("Weir".into()),
        once: None,
    }
}

fn of_channel(planned: &Planned, at: Timestamp) -> NewChange {
    let channel = channel_of(planned.step);
    let link = Some(format!("/channels/{channel}/capture"));
    NewChange { source: Some(planned.source), channel: Some(channel), link, ..by_weir(at) }
}

/// Told once a mark and day, however often it is passed.
fn passed(fill: Fill, plan: &BudgetPlan, at: Timestamp) -> NewChange {
    let title = match fill {
        Fill::Room => "The store has room again",
        Fill::Warn => "The store's budget is used up to 80 %",
        Fill::Full => "The store's budget is used up to 95 %: channels give way",
    };
    let once = Some(format!("budget/{}/{}", fill.as_str(), at.0.div_euclid(DAY_US)));
    NewChange { title: title.into(), detail: filled(plan), once, ..by_weir(at) }
}

/// A line of the budget's history.
struct Told<'a> {
    at: Timestamp,
    done: BudgetDone,
    channel: Option<ChannelId>,
    bytes: Option<i64>,
    plan: &'a BudgetPlan,
}

impl Told<'_> {
    async fn put(&self, db: &mut PgConnection) -> sqlx::Result<()> {
        sqlx::query!(
            "insert into capture_budget_step (at, done, channel_id, bytes, used, budget) values ($1, $2, $3, $4, $5, $6)",
            Ts(self.at) as Ts,
            self.done.as_str(),
            self.channel.map(|c| c.0),
            self.bytes,
            i64::try_from(self.plan.used).unwrap_or(i64::MAX),
            self.plan.budget.map(|n| i64::try_from(n).unwrap_or(i64::MAX))
        )
        .execute(db)
        .await
        .map(drop)
    }
}
