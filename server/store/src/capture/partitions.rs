//! Incarnations of partitions: found, opened, closed (decision 1).

use super::shares;
use crate::{error::failed, name::storable_text};
use sqlx::{PgConnection, PgPool};
use weir_domain::{
    ChannelId, PartitionId, Position, SourceId, StoreError,
    capture::{Begin, Cursor, Fence, Gap, GapReason, Incarnation, NewIncarnation, OpenPartition, Opened},
};

pub(super) async fn of_channel(pool: &PgPool, channel: ChannelId) -> sqlx::Result<Vec<OpenPartition>> {
    let rows = sqlx::query!(
        "select p.id, p.channel_id, p.number, p.incarnation, c.cursor, c.from_log_start,
                case when c.from_end then coalesce(c.next_position, 0) end as from_end
         from partition p join partition_cursor c on c.partition_id = p.id
         where p.channel_id = $1 and p.closed_at is null order by p.number",
        channel.0
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| OpenPartition {
            id: PartitionId(r.id),
            channel: ChannelId(r.channel_id),
            number: r.number,
            incarnation: Incarnation(r.incarnation),
            cursor: r.cursor.map(Cursor),
            from_log_start: r.from_log_start,
            from_end: r.from_end.map(Position),
        })
        .collect())
}

pub(super) async fn of_source(pool: &PgPool, source: SourceId) -> sqlx::Result<Vec<(String, OpenPartition)>> {
    let rows = sqlx::query!(
        "select n.name, p.id, p.channel_id, p.number, p.incarnation, c.cursor, c.from_log_start,
                case when c.from_end then coalesce(c.next_position, 0) end as from_end
         from channel n join partition p on p.channel_id = n.id join partition_cursor c on c.partition_id = p.id
         where n.source_id = $1 and p.closed_at is null order by n.name, p.number",
        source.0
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| {
            let partition = OpenPartition {
                id: PartitionId(r.id),
                channel: ChannelId(r.channel_id),
                number: r.number,
                incarnation: Incarnation(r.incarnation),
                cursor: r.cursor.map(Cursor),
                from_log_start: r.from_log_start,
                from_end: r.from_end.map(Position),
            };
            (r.name, partition)
        })
        .collect())
}

/// Idempotent: two taps may see the same change at once, and a tap may ask again after a cut connection.
pub(super) async fn open(pool: &PgPool, new: &NewIncarnation) -> Result<Option<Opened>, StoreError> {
    let mut tx = crate::pool::begin(pool).await.map_err(failed)?;
    // One incarnation after the other in a channel.
    let channel = sqlx::query_scalar!("select id from channel where id = $1 for no key update", new.channel.0)
        .fetch_optional(&mut *tx)
        .await
        .map_err(failed)?;
    if channel.is_none() {
        return Err(StoreError::Internal(format!("there is no channel {}", new.channel)));
    }
    let replaced = new.replaces.as_ref().map(|(id, _)| id.0);
    let row = sqlx::query!(
        "select p.id, p.incarnation, c.cursor, c.from_log_start,
                case when c.from_end then coalesce(c.next_position, 0) end as from_end
         from partition p join partition_cursor c on c.partition_id = p.id
         where p.channel_id = $1 and p.number = $2 and p.closed_at is null",
        new.channel.0,
        new.number
    )
    .fetch_optional(&mut *tx)
    .await
    .map_err(failed)?;
    if let Some(row) = row
        && Some(row.id) != replaced
    {
        if row.incarnation == new.incarnation.0 {
            let open = OpenPartition {
                id: PartitionId(row.id),
                channel: new.channel,
                number: new.number,
                incarnation: new.incarnation.clone(),
                cursor: row.cursor.map(Cursor),
                from_log_start: row.from_log_start,
                from_end: row.from_end.map(Position),
            };
            let epoch = shares::held(&mut tx, row.id, new.fence).await.map_err(failed)?;
            return Ok(Some(Opened { open, epoch }));
        }
        return Err(StoreError::Conflict(format!(
            "partition {} of channel {} is open in another incarnation",
            new.number, new.channel
        )));
    }
    if !shares::holds(&mut tx, replaced.map(PartitionId), new.fence).await.map_err(failed)? {
        return Ok(None);
    }
    if let Some((id, gap)) = &new.replaces {
        close(&mut tx, *id, gap).await.map_err(failed)?;
    }
    let (cursor, from_log_start) = match &new.begin {
        Begin::Configured => (None, false),
        Begin::LogStart => (None, true),
        Begin::At(cursor) => (Some(cursor.clone()), false),
    };
    let back = match cursor {
        None => reopen(&mut tx, new, replaced).await.map_err(failed)?,
        Some(_) => None,
    };
    let open = match back {
        Some(back) => back,
        None => OpenPartition {
            id: insert(&mut tx, new, cursor.as_ref(), from_log_start).await.map_err(failed)?,
            channel: new.channel,
            number: new.number,
            incarnation: new.incarnation.clone(),
            cursor,
            from_log_start,
            from_end: None,
        },
    };
    let epoch = shares::lease(&mut tx, open.id.0, new.channel, new.fence).await.map_err(failed)?;
    tx.commit().await.map_err(failed)?;
    Ok(Some(Opened { open, epoch }))
}

/// A topic that metadata lost for a while, or that brokers disagreed about: its events are stored already.
async fn reopen(
    connection: &mut PgConnection,
    new: &NewIncarnation,
    replaced: Option<i64>,
) -> sqlx::Result<Option<OpenPartition>> {
    let row = sqlx::query!(
        r#"select p.id, p.incarnation, p.closed_reason as "closed_reason!", c.cursor, c.from_log_start,
                case when c.from_end then coalesce(c.next_position, 0) end as from_end
         from partition p join partition_cursor c on c.partition_id = p.id
         where p.channel_id = $1 and p.number = $2 and p.closed_at is not null and p.closed_reason <> 'backfill'
           and substring(p.incarnation from 1 for length($3::bytea)) = $3::bytea
         order by p.id desc limit 1"#,
        new.channel.0,
        new.number,
        new.incarnation.0
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row.filter(|r| Some(r.id) != replaced) else { return Ok(None) };
    let incarnation = Incarnation(row.incarnation);
    let closed = GapReason::ALL.iter().copied().find(|r| r.as_str() == row.closed_reason);
    if !closed.is_some_and(|closed| incarnation.comes_back_as(&new.incarnation, closed)) {
        return Ok(None);
    }
    // Its end was not known when it was closed. What is really gone by now, the reader finds by the cursor.
    sqlx::query!(
        "delete from gap where partition_id = $1 and to_position is null and reason = $2",
        row.id,
        row.closed_reason
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("update partition_cursor set closed = false, updated_at = now() where partition_id = $1", row.id)
        .execute(&mut *connection)
        .await?;
    sqlx::query!("update partition set closed_at = null, closed_reason = null where id = $1", row.id)
        .execute(connection)
        .await?;
    Ok(Some(OpenPartition {
        id: PartitionId(row.id),
        channel: new.channel,
        number: new.number,
        incarnation,
        cursor: row.cursor.map(Cursor),
        from_log_start: row.from_log_start,
        from_end: row.from_end.map(Position),
    }))
}

async fn insert(
    connection: &mut PgConnection,
    new: &NewIncarnation,
    cursor: Option<&Cursor>,
    from_log_start: bool,
) -> sqlx::Result<PartitionId> {
    let id = sqlx::query_scalar!(
        "with p as (insert into partition (channel_id, number, incarnation) values ($1, $2, $3) returning id)
         insert into partition_cursor (partition_id, cursor, from_log_start) select id, $4, $5 from p returning partition_id",
        new.channel.0,
        new.number,
        new.incarnation.0,
        cursor.map(|c| c.0.as_slice()) as Option<&[u8]>,
        from_log_start
    )
    .fetch_one(connection)
    .await?;
    Ok(PartitionId(id))
}

/// Closes an incarnation with its gap, once: one that is closed already keeps its reason and its gap.
async fn close(connection: &mut PgConnection, partition: PartitionId, gap: &Gap) -> sqlx::Result<()> {
    if !shut(connection, partition, gap.reason).await? {
        return Ok(());
    }
    sqlx::query!(
        "insert into gap (partition_id, from_position, to_position, reason, detail, found_at) values ($1, $2, $3, $4, $5, now())",
        partition.0,
        gap.from.0,
        gap.to.map(|p| p.0),
        gap.reason.as_str(),
        storable_text(&gap.detail)
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// `false`: it was closed before. Nobody reads it any more.
async fn shut(connection: &mut PgConnection, partition: PartitionId, reason: GapReason) -> sqlx::Result<bool> {
    // The cursor's row first: an append that is under way ends before, and a later one finds it closed.
    let open = sqlx::query!(
        "update partition_cursor set closed = true, held_since = null, held_by = null, error = null, updated_at = now()
         where partition_id = $1 and not closed",
        partition.0
    )
    .execute(&mut *connection)
    .await?;
    if open.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query!("delete from partition_lease where partition_id = $1", partition.0).execute(&mut *connection).await?;
    sqlx::query!(
        "update partition set closed_at = now(), closed_reason = $2 where id = $1",
        partition.0,
        reason.as_str()
    )
    .execute(&mut *connection)
    .await?;
    Ok(true)
}

/// May it be closed by who wants to? `None`: it is closed, as after an answer that got lost.
async fn may_close(connection: &mut PgConnection, partition: PartitionId, fence: Fence) -> sqlx::Result<Option<bool>> {
    let closed =
        sqlx::query_scalar!(r#"select closed_at is not null as "closed!" from partition where id = $1"#, partition.0)
            .fetch_optional(&mut *connection)
            .await?;
    match closed {
        Some(false) => shares::holds(connection, Some(partition), fence).await.map(Some),
        _ => Ok(None),
    }
}

/// Nothing is missing of what never was. `false`: whoever says so is fenced off.
pub(super) async fn close_unmade(pool: &PgPool, partition: PartitionId, fence: Fence) -> sqlx::Result<bool> {
    let mut tx = crate::pool::begin(pool).await?;
    if let Some(false) = may_close(&mut tx, partition, fence).await? {
        return Ok(false);
    }
    shut(&mut tx, partition, GapReason::Deleted).await?;
    tx.commit().await?;
    Ok(true)
}

/// The channel is gone: what it held beyond our position can't be known. `false`: whoever says so is fenced off.
pub(super) async fn close_gone(
    pool: &PgPool,
    partition: PartitionId,
    reason: GapReason,
    fence: Fence,
) -> sqlx::Result<bool> {
    let mut tx = crate::pool::begin(pool).await?;
    match may_close(&mut tx, partition, fence).await? {
        Some(true) => {}
        Some(false) => return Ok(false),
        None => return Ok(true),
    }
    let row = sqlx::query!(
        "select next_position, end_position from partition_cursor where partition_id = $1 for no key update",
        partition.0
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else { return Ok(true) };
    let from = row.next_position.unwrap_or(0);
    let gap = Gap {
        from: Position(from),
        to: None,
        reason,
        detail: match row.end_position {
            Some(end) if end <= from => "Everything up to the last known end was stored.".to_owned(),
            Some(end) => format!("At least {} events had not been read.", end - from),
            None => String::new(),
        },
    };
    close(&mut tx, partition, &gap).await?;
    tx.commit().await?;
    Ok(true)
}
