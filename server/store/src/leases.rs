//! Leases with a growing epoch (decision 16), judged by the database's clock.

use crate::{Store, error::failed, timestamp::Ts};
use async_trait::async_trait;
use weir_domain::{
    StoreError,
    capture::{Lease, Leases},
};

#[async_trait]
impl Leases for Store {
    async fn acquire(&self, name: &str, holder: &str, ttl_ms: u32) -> Result<Option<Lease>, StoreError> {
        // `clock_timestamp`, not `now`: the statement may have waited for the row.
        let row = sqlx::query!(
            r#"insert into lease as l (name, holder, epoch, expires)
               values ($1, $2, 1, clock_timestamp() + $3::float8 * interval '1 ms')
               on conflict (name) do update set
                   holder = excluded.holder,
                   epoch = l.epoch + case when l.holder = excluded.holder and l.expires > clock_timestamp() then 0 else 1 end,
                   expires = clock_timestamp() + $3::float8 * interval '1 ms'
               where l.holder = excluded.holder or l.expires <= clock_timestamp()
               returning epoch, expires as "expires: Ts""#,
            name,
            holder,
            f64::from(ttl_ms)
        )
        .fetch_optional(self.capture_pool())
        .await
        .map_err(failed)?;
        Ok(row.map(|r| Lease { name: name.into(), holder: holder.into(), epoch: r.epoch, expires: r.expires.0 }))
    }

    /// A lease that ran out and that nobody took is still its holder's: its epoch says so.
    async fn renew(&self, lease: &Lease, ttl_ms: u32) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "update lease set expires = clock_timestamp() + $4::float8 * interval '1 ms'
             where name = $1 and holder = $2 and epoch = $3",
            lease.name,
            lease.holder,
            lease.epoch,
            f64::from(ttl_ms)
        )
        .execute(self.capture_pool())
        .await
        .map_err(failed)?;
        Ok(done.rows_affected() == 1)
    }

    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        sqlx::query!(
            "update lease set expires = clock_timestamp() where name = $1 and holder = $2 and epoch = $3",
            lease.name,
            lease.holder,
            lease.epoch
        )
        .execute(self.capture_pool())
        .await
        .map_err(failed)?;
        Ok(())
    }
}
