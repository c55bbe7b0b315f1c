//! One transaction per batch: compare-and-set of the cursor, rows, blocks, gaps, figures (decisions 1, 4, 6).

use super::prepare::{Figures, Prepared};
use crate::{Store, maintenance::make, timestamp::Ts};
use sqlx::PgConnection;
use weir_domain::{
    Timestamp,
    capture::{AppendOutcome, CaptureBatch},
};

/// False: the cursor had moved, nothing was stored.
pub(super) async fn store(
    store: &Store,
    batch: &CaptureBatch,
    prepared: Option<&Prepared>,
) -> sqlx::Result<AppendOutcome> {
    let mut tx = crate::pool::begin(store.capture_pool()).await?;
    if !advance(&mut tx, batch, prepared).await? {
        return Ok(AppendOutcome::CursorMoved);
    }
    let Some(p) = prepared else {
        tx.commit().await?;
        return Ok(AppendOutcome::Stored { events: 0, raw_bytes: 0, stored_bytes: 0 });
    };
    // Straight into the bucket's tables: routing each row through the parent costs more.
    let (metadata, payload) = (p.metadata.id, p.payload.id);
    copy(
        &mut tx,
        &format!(
            "copy event_span_b{metadata} (partition_id, first_position, last_position, min_time, max_time, bucket, events, zones,
             captured_at, block_bucket, rows) from stdin (format binary)"
        ),
        &p.spans,
    )
    .await?;
    if let Some(blocks) = &p.blocks {
        copy(
            &mut tx,
            &format!(
                "copy block_b{payload} (partition_id, first_position, last_position, bucket, raw_bytes, body)
                 from stdin (format binary)"
            ),
            blocks,
        )
        .await?;
    }
    tx.commit().await?;
    Ok(AppendOutcome::Stored {
        events: p.figures.events as u64,
        raw_bytes: p.figures.raw_bytes as u64,
        stored_bytes: p.figures.stored_bytes as u64,
    })
}

/// COPY can't be checked at compile time; the column lists stand beside the code that writes the fields.
async fn copy(connection: &mut PgConnection, statement: &str, rows: &[u8]) -> sqlx::Result<()> {
    let mut copy = connection.copy_in_raw(statement).await?;
    for chunk in rows.chunks(1 << 20) {
        copy.send(chunk).await?;
    }
    copy.finish().await.map(drop)
}

async fn advance(
    connection: &mut PgConnection,
    batch: &CaptureBatch,
    prepared: Option<&Prepared>,
) -> sqlx::Result<bool> {
    let at = batch.captured_at;
    let none = Figures {
        events: 0,
        first: 0,
        last: 0,
        min_time: at,
        max_time: at,
        longest_us: 0,
        raw_bytes: 0,
        stored_bytes: 0,
        kept: None,
        delays: [0; super::delay::CLASSES],
    };
    let f = prepared.map_or(&none, |p| &p.figures);
    // The directory's rows: metadata always, payload if something was kept.
    let mut listed: Vec<(&str, i32, i64, i64, i64)> = Vec::new();
    if let Some(p) = prepared {
        listed.push(("metadata", p.metadata.id, f.first, f.last, 0));
        if let Some((first, last)) = f.kept {
            listed.push(("payload", p.payload.id, first, last, f.stored_bytes));
        }
    }
    let n = listed.len();
    let gaps = &batch.gaps;
    let row = sqlx::query_file!(
        "queries/capture/advance.sql",
        batch.partition.0,
        batch.next.0,
        batch.expected.as_ref().map(|c| c.0.as_slice()) as Option<&[u8]>,
        batch.next_position.map(|p| p.0),
        batch.end.map(|p| p.0),
        batch.held.as_ref().map(|h| Ts(h.since)) as Option<Ts>,
        batch.held.as_ref().and_then(|h| h.transactional_id.as_deref().map(crate::name::storable_text)),
        prepared.map(|_| Ts(f.max_time)) as Option<Ts>,
        Ts(at) as Ts,
        Ts(f.min_time) as Ts,
        f.longest_us,
        &listed.iter().map(|l| l.0.to_owned()).collect::<Vec<_>>(),
        &listed.iter().map(|l| l.1).collect::<Vec<_>>(),
        &listed.iter().map(|l| l.2).collect::<Vec<_>>(),
        &listed.iter().map(|l| l.3).collect::<Vec<_>>(),
        &vec![f.events; n],
        &vec![f.raw_bytes; n],
        &listed.iter().map(|l| l.4).collect::<Vec<_>>(),
        unit(at, 60),
        unit(at, 3600),
        f.events,
        f.raw_bytes,
        f.stored_bytes,
        i64::try_from(batch.broker_bytes).unwrap_or(i64::MAX),
        f.delays.as_slice(),
        &gaps.iter().map(|g| g.from.0).collect::<Vec<_>>(),
        &gaps.iter().map(|g| g.to.map(|p| p.0)).collect::<Vec<_>>() as &[Option<i64>],
        &gaps.iter().map(|g| g.reason.as_str().to_owned()).collect::<Vec<_>>(),
        &gaps.iter().map(|g| crate::name::storable_text(&g.detail)).collect::<Vec<_>>(),
    )
    .fetch_one(connection)
    .await?;
    Ok(row.moved == 1)
}

/// Minutes or hours since 1970.
fn unit(at: Timestamp, secs: i64) -> i32 {
    i32::try_from(at.0.div_euclid(secs * 1_000_000)).unwrap_or(i32::MAX)
}

/// Makes the tables that the batch needs, where upkeep has not made them yet.
pub(super) async fn make_buckets(store: &Store, prepared: &Prepared) -> sqlx::Result<()> {
    let mut connection = store.capture_pool().acquire().await?;
    for bucket in [prepared.metadata, prepared.payload] {
        make::make(&mut connection, bucket).await?;
    }
    Ok(())
}
