//! Buckets are made ahead and removed whole; small tables are kept small.

pub(crate) mod bucket;
mod budget;
mod forget;
mod give_up;
pub(crate) mod make;
mod prune;
pub(crate) mod retire;
pub(crate) mod room;
pub(crate) mod summarise;

use crate::{Store, error::failed, timestamp::Ts};
use async_trait::async_trait;
use bucket::{Bucket, Part};
use weir_domain::{
    StoreError, Timestamp,
    capture::{BudgetPlan, GivenUpPayloads, Indexed, Maintained, Maintenance, Planned},
};

#[async_trait]
impl Maintenance for Store {
    /// For each class in use the bucket of `now` and the next, and the same of the audit log's months.
    async fn ensure_buckets(&self, now: Timestamp) -> Result<Maintained, StoreError> {
        let mut wanted = Vec::new();
        for part in Part::ALL {
            for days in self.classes_in_use(part).await.map_err(failed)? {
                let bucket = Bucket::of(part, days, now);
                wanted.extend([bucket, bucket.next()]);
            }
        }
        let there = sqlx::query!("select part, id from bucket").fetch_all(self.capture_pool()).await.map_err(failed)?;
        let mut done = Maintained { made: self.make_audit_months(now).await.map_err(failed)?, ..Maintained::default() };
        wanted.retain(|w| !there.iter().any(|t| t.part == w.part.as_str() && t.id == w.id));
        if wanted.is_empty() {
            return Ok(done);
        }
        let mut connection = self.capture_pool().acquire().await.map_err(failed)?;
        for bucket in wanted {
            done.made += u32::from(make::make(&mut connection, bucket).await.map_err(failed)?);
        }
        Ok(done)
    }

    async fn index(&self, now: Timestamp) -> Result<Indexed, StoreError> {
        self.write_segments(now).await.map_err(failed)
    }

    async fn retire_buckets(&self, now: Timestamp) -> Result<Maintained, StoreError> {
        let at = self.agreed_time(now).await?;
        let mut done = self.retire(at).await?;
        let months = self.retire_audit_months(at).await?;
        done.dropped += months.dropped;
        done.deferred += months.deferred + u32::from(self.summarise(at).await?);
        self.prune(at).await.map_err(failed)?;
        Ok(done)
    }

    async fn give_up_payloads(&self, now: Timestamp) -> Result<GivenUpPayloads, StoreError> {
        let at = self.agreed_time(now).await?;
        self.give_up(at).await
    }

    async fn forget_events(&self, now: Timestamp) -> Result<Maintained, StoreError> {
        let at = self.agreed_time(now).await?;
        self.forget(at).await
    }

    async fn plan_budget(&self, now: Timestamp) -> Result<BudgetPlan, StoreError> {
        let at = self.agreed_time(now).await?;
        self.plan(at).await.map_err(failed)
    }

    async fn take_budget_step(
        &self,
        plan: &BudgetPlan,
        planned: &Planned,
        now: Timestamp,
    ) -> Result<GivenUpPayloads, StoreError> {
        let at = self.agreed_time(now).await?;
        self.take_step(plan, planned, at).await
    }

    async fn make_room(&self, now: Timestamp) -> Result<(), StoreError> {
        let at = self.agreed_time(now).await?;
        self.give_room_back(at).await.map_err(failed)
    }
}

/// How far the clocks of a process and of the database may be apart before nothing is removed any more.
const APART_US: u64 = 10 * 60 * 1_000_000;

impl Store {
    /// The database's time, if `now` agrees with it. What is removed is gone: one clock alone, gone wrong, must not do it.
    async fn agreed_time(&self, now: Timestamp) -> Result<Timestamp, StoreError> {
        let at = sqlx::query_scalar!(r#"select clock_timestamp() as "at!: Ts""#)
            .fetch_one(self.capture_pool())
            .await
            .map_err(failed)?
            .0;
        let apart = at.micros_since(now);
        if apart.unsigned_abs() > APART_US {
            return Err(StoreError::Conflict(format!(
                "the clocks of this machine and of the database are {} s apart, so nothing is removed: set them right",
                apart.unsigned_abs() / 1_000_000
            )));
        }
        Ok(at)
    }

    /// The defaults are always in use: the first channel must not wait for its bucket.
    async fn classes_in_use(&self, part: Part) -> sqlx::Result<Vec<i16>> {
        let (sql, default) = match part {
            Part::Metadata => ("select distinct metadata_class from channel", 30),
            Part::Payload => ("select distinct payload_class from channel", 7),
        };
        let mut days: Vec<i16> = sqlx::query_scalar(sql).fetch_all(self.capture_pool()).await?;
        if !days.contains(&default) {
            days.push(default);
        }
        Ok(days)
    }
}
