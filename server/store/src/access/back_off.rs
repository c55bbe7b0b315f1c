//! Failed log-ins make the next attempt wait: three are free, then 2, 4, 8 … seconds, at most 15 minutes. An hour
//! without a failure forgets them. Upkeep deletes the forgotten ones.

use crate::{pool::begin, timestamp::Ts};
use sqlx::PgPool;
use weir_domain::Timestamp;

const FREE: i32 = 3;
const LONGEST_SECS: i64 = 900;
const FORGET_SECS: i64 = 3600;

pub(super) async fn failed_at(pool: &PgPool, subject: &[u8; 32], now: Timestamp) -> sqlx::Result<Timestamp> {
    let mut tx = begin(pool).await?;
    let failures = sqlx::query_scalar!(
        "insert into log_in_attempt as a (subject, failures, last_failed, next_at) values ($1, 1, $2, $2)
         on conflict (subject) do update set
             failures = case when a.last_failed < $3 then 1 else least(a.failures, 1000) + 1 end,
             last_failed = greatest(a.last_failed, excluded.last_failed)
         returning failures",
        subject.as_slice(),
        Ts(now) as Ts,
        Ts(now.plus_secs(-FORGET_SECS)) as Ts
    )
    .fetch_one(&mut *tx)
    .await?;
    let next = now.plus_secs(wait_secs(failures));
    sqlx::query!("update log_in_attempt set next_at = $2 where subject = $1", subject.as_slice(), Ts(next) as Ts)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(next)
}

fn wait_secs(failures: i32) -> i64 {
    match u32::try_from(failures - FREE) {
        Ok(over @ 1..=9) => 1 << over,
        Ok(10..) => LONGEST_SECS,
        _ => 0,
    }
}

pub(super) async fn wait(pool: &PgPool, subject: &[u8; 32], now: Timestamp) -> sqlx::Result<Option<Timestamp>> {
    let row = sqlx::query_scalar!(
        r#"select next_at as "next_at: Ts" from log_in_attempt where subject = $1 and next_at > $2"#,
        subject.as_slice(),
        Ts(now) as Ts
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|t| t.0))
}

pub(super) async fn forget(pool: &PgPool, subject: &[u8; 32]) -> sqlx::Result<()> {
    sqlx::query!("delete from log_in_attempt where subject = $1", subject.as_slice()).execute(pool).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn waits_double_and_end_at_a_quarter_of_an_hour() {
        let waits: Vec<i64> = (1..=14).map(super::wait_secs).collect();
        assert_eq!(waits, [0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        assert_eq!(super::wait_secs(i32::MAX), 900);
    }
}
