//! Legal holds. A bucket that holds held events is kept as a whole, for as long as the hold stands: simple, and nothing of
//! what is held has to be found and moved at the moment when it would be lost. What that costs on disk, the page says.

pub(crate) mod pins;
mod standing;

pub(crate) use standing::Standing;

use crate::{
    Store,
    error::{corrupt, failed},
    name::storable_text,
    timestamp::Ts,
};
use async_trait::async_trait;
use uuid::Uuid;
use weir_domain::{
    ChannelId, EventId, HoldId, PartitionId, Position, StoreError,
    access::View,
    erasures::By,
    events::KeyHash,
    holds::{Held, Hold, HoldRefused, Holds, MOST_SHOWN, NewHold},
};

/// Serialises what is counted before it is written ("hold").
const LOCK: i64 = 0x686f_6c64;

#[async_trait]
impl Holds for Store {
    async fn holds(&self, _: &View) -> Result<Vec<Hold>, StoreError> {
        self.holds_shown().await.map_err(failed)
    }
    async fn place_hold(&self, _: &View, new: &NewHold, most: u32) -> Result<Result<(), HoldRefused>, StoreError> {
        self.place(new, most).await.map_err(failed)
    }
    async fn end_hold(&self, _: &View, id: &HoldId, by: &By) -> Result<Result<(), HoldRefused>, StoreError> {
        let Ok(id) = Uuid::parse_str(&id.0) else { return Ok(Err(HoldRefused::Absent)) };
        self.end(id, by).await.map_err(failed)
    }
}

impl Store {
    async fn holds_shown(&self) -> sqlx::Result<Vec<Hold>> {
        let rows = sqlx::query_file!("queries/holds/list.sql", i64::from(MOST_SHOWN)).fetch_all(self.pages()).await?;
        let shown = rows.into_iter().map(|r| {
            let held = match (r.kind.as_str(), r.channel_id) {
                ("channel", Some(channel)) => Held::Channel {
                    channel: ChannelId(channel),
                    from: r.from_time.map(|t| t.0),
                    to: r.to_time.map(|t| t.0),
                },
                ("key", _) => Held::Key(r.key_hash.map(KeyHash)),
                _ => Held::Events(
                    r.partitions
                        .into_iter()
                        .zip(r.positions)
                        .map(|(p, at)| EventId { partition: PartitionId(p), position: Position(at) })
                        .collect(),
                ),
            };
            Hold {
                id: HoldId(r.id.to_string()),
                name: r.name,
                held,
                reason: r.reason,
                made_name: r.made_name,
                made_at: r.made_at.0,
                ends_at: r.ends_at.0,
                ended_at: r.ended_at.map(|t| t.0),
                ended_name: r.ended_name,
                pinned_bytes: u64::try_from(r.pinned_bytes).unwrap_or(0),
                pinned_buckets: u32::try_from(r.pinned).unwrap_or(u32::MAX),
            }
        });
        Ok(shown.collect())
    }

    async fn place(&self, new: &NewHold, most: u32) -> sqlx::Result<Result<(), HoldRefused>> {
        let id = Uuid::parse_str(&new.id.0).map_err(|e| sqlx::Error::Decode(e.into()))?;
        let person = Uuid::parse_str(&new.by.person.0).map_err(|e| sqlx::Error::Decode(e.into()))?;
        let mut tx = self.for_a_page().await?;
        sqlx::query("select pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await?;
        let stand = sqlx::query_scalar!(
            r#"select count(*) as "n!" from hold where ended_at is null and ends_at > $1"#,
            Ts(new.by.at) as Ts
        );
        if stand.fetch_one(&mut *tx).await? >= i64::from(most) {
            return Ok(Err(HoldRefused::TooMany));
        }
        let (channel, from, to, hash) = match &new.held {
            Held::Channel { channel, from, to } => (Some(channel.0), *from, *to, None),
            Held::Key(Some(hash)) => (None, None, None, Some(hash.0)),
            Held::Key(None) => return Err(corrupt("a hold of a key without its hash")),
            Held::Events(_) => (None, None, None, None),
        };
        sqlx::query!(
            "insert into hold (id, name, kind, channel_id, from_time, to_time, key_hash, reason, made_by, made_name, made_at, ends_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            id,
            storable_text(&new.name),
            new.held.kind(),
            channel,
            from.map(Ts) as Option<Ts>,
            to.map(Ts) as Option<Ts>,
            hash,
            storable_text(&new.reason),
            person,
            storable_text(&new.by.name),
            Ts(new.by.at) as Ts,
            Ts(new.ends_at) as Ts
        )
        .execute(&mut *tx)
        .await?;
        if let Held::Events(ids) = &new.held {
            sqlx::query!(
                "insert into hold_event select $1, e.* from unnest($2::bigint[], $3::bigint[]) e on conflict do nothing",
                id,
                &ids.iter().map(|e| e.partition.0).collect::<Vec<_>>(),
                &ids.iter().map(|e| e.position.0).collect::<Vec<_>>()
            )
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(Ok(()))
    }

    async fn end(&self, id: Uuid, by: &By) -> sqlx::Result<Result<(), HoldRefused>> {
        let mut tx = self.for_a_page().await?;
        let row = sqlx::query!(
            r#"select ended_at is not null or ends_at <= $2 as "over!" from hold where id = $1 for update"#,
            id,
            Ts(by.at) as Ts
        );
        match row.fetch_optional(&mut *tx).await? {
            None => return Ok(Err(HoldRefused::Absent)),
            Some(row) if row.over => return Ok(Err(HoldRefused::Ended)),
            Some(_) => {}
        }
        sqlx::query!(
            "update hold set ended_at = $2, ended_name = $3, key_hash = null where id = $1",
            id,
            Ts(by.at) as Ts,
            storable_text(&by.name)
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!("delete from hold_pin where hold_id = $1", id).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(Ok(()))
    }
}
