//! Buckets are made ahead and removed whole; small tables are kept small.

pub(crate) mod bucket;
pub(crate) mod make;
mod prune;
mod retire;
mod summarise;

use crate::{Store, error::failed};
use async_trait::async_trait;
use bucket::{Bucket, Part};
use weir_domain::{
    StoreError, Timestamp,
    capture::{Maintained, Maintenance},
};

#[async_trait]
impl Maintenance for Store {
    /// For each class in use: the bucket of `now` and the next.
    async fn ensure_buckets(&self, now: Timestamp) -> Result<Maintained, StoreError> {
        let mut wanted = Vec::new();
        for part in Part::ALL {
            for days in self.classes_in_use(part).await.map_err(failed)? {
                let bucket = Bucket::of(part, days, now);
                wanted.extend([bucket, bucket.next()]);
            }
        }
        let there = sqlx::query!("select part, id from bucket").fetch_all(self.capture_pool()).await.map_err(failed)?;
        wanted.retain(|w| !there.iter().any(|t| t.part == w.part.as_str() && t.id == w.id));
        let mut done = Maintained::default();
        if wanted.is_empty() {
            return Ok(done);
        }
        let mut connection = self.capture_pool().acquire().await.map_err(failed)?;
        for bucket in wanted {
            done.made += u32::from(make::make(&mut connection, bucket).await.map_err(failed)?);
        }
        Ok(done)
    }

    async fn retire_buckets(&self, now: Timestamp) -> Result<Maintained, StoreError> {
        let mut done = self.retire(now).await?;
        done.deferred += u32::from(self.summarise(now).await?);
        self.prune(now).await.map_err(failed)?;
        Ok(done)
    }
}

impl Store {
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
