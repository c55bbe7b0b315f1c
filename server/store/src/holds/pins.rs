//! Whether a bucket whose retention has passed is kept by a hold.

use crate::{
    Store,
    events::blank::places,
    maintenance::bucket::{Bucket, Part},
    timestamp::Ts,
};
use sqlx::PgConnection;
use uuid::Uuid;
use weir_domain::Timestamp;

/// Spans looked at in one go for a key.
const SPANS: i64 = 200;

impl Store {
    /// Holds that have ended pin nothing, and forget the key that they were about.
    pub(crate) async fn end_holds(&self, now: Timestamp) -> sqlx::Result<()> {
        sqlx::query!(
            "delete from hold_pin p using hold h where h.id = p.hold_id and (h.ended_at is not null or h.ends_at <= $1)",
            Ts(now) as Ts
        )
        .execute(self.capture_pool())
        .await?;
        sqlx::query!("update hold set key_hash = null where key_hash is not null and ends_at <= $1", Ts(now) as Ts)
            .execute(self.capture_pool())
            .await
            .map(drop)
    }
}

/// Is the bucket kept? In the transaction that would give it up: no hold is placed or ended before that has ended.
pub(crate) async fn pinned(db: &mut PgConnection, bucket: Bucket, now: Timestamp) -> sqlx::Result<bool> {
    sqlx::query("lock table hold in share mode").execute(&mut *db).await?;
    let part = bucket.part.as_str();
    // Found before, or told by the directory: no event has to be looked at.
    let by_directory =
        sqlx::query_file_scalar!("queries/holds/pin.sql", part, bucket.id, Ts(now) as Ts).fetch_all(&mut *db).await?;
    if !by_directory.is_empty() {
        return Ok(true);
    }
    let keys = sqlx::query!(
        r#"select id, key_hash as "hash!" from hold
           where key_hash is not null and ended_at is null and ends_at > $1 order by made_at"#,
        Ts(now) as Ts
    );
    let keys = keys.fetch_all(&mut *db).await?;
    if keys.is_empty() {
        return Ok(false);
    }
    let wanted: Vec<(Uuid, i64)> = keys.into_iter().map(|k| (k.id, k.hash)).collect();
    let Some(hold) = with_key(db, bucket, &wanted).await? else { return Ok(false) };
    sqlx::query!(
        "insert into hold_pin (hold_id, part, bucket) values ($1, $2, $3) on conflict do nothing",
        hold,
        part,
        bucket.id
    )
    .execute(db)
    .await?;
    Ok(true)
}

/// The hold of the first event that has one of the keys, by the hashes that rows keep. The blocks of a payload bucket are
/// found by the spans of the same positions; one that outlived its rows has nothing that says whose it is, and is kept by
/// no hold of a key.
async fn with_key(db: &mut PgConnection, bucket: Bucket, wanted: &[(Uuid, i64)]) -> sqlx::Result<Option<Uuid>> {
    let directory = sqlx::query!(
        "select partition_id, first_position, last_position from partition_bucket where part = $1 and bucket = $2
         order by partition_id",
        bucket.part.as_str(),
        bucket.id
    );
    for stretch in directory.fetch_all(&mut *db).await? {
        let mut from = stretch.first_position;
        loop {
            let spans = sqlx::query!(
                r#"select s.bucket, s.first_position as first, s.last_position as last from event_span s
                   where s.partition_id = $1 and s.first_position between $2 and $3
                     and case when $4 then s.block_bucket = $5 else s.bucket = $5 end
                   order by s.first_position limit $6"#,
                stretch.partition_id,
                from,
                stretch.last_position,
                bucket.part == Part::Payload,
                bucket.id,
                SPANS
            )
            .fetch_all(&mut *db)
            .await?;
            for span in &spans {
                for place in places(db, span.bucket, stretch.partition_id, span.first).await? {
                    if let Some((hold, _)) = wanted.iter().find(|(_, hash)| place.key_hash == Some(*hash)) {
                        return Ok(Some(*hold));
                    }
                }
            }
            match spans.last().and_then(|last| last.first.checked_add(1)) {
                Some(next) if spans.len() as i64 == SPANS => from = next,
                _ => break,
            }
        }
    }
    Ok(None)
}
