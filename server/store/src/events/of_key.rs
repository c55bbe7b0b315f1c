//! All events of one key in one channel, by its hash: what a tombstone is about.

use super::{
    blank::{Place, place},
    needle::WithHashes,
    reach::Reach,
    rows::{Row, Span, each_row},
};
use sqlx::PgConnection;
use weir_domain::{ChannelId, events::TimeRange};

/// Spans read at once where there are too many to be named by segments.
const SPANS: i64 = 256;

/// An event, and the block that its bytes are in.
pub(crate) type Found = (Place, Option<(i32, i64, i64)>);

/// Some at a time.
pub(crate) struct OfKey {
    hash: i64,
    by: By,
}

enum By {
    Segments(WithHashes),
    /// Every span of these partitions, behind a position of the last.
    Spans(Vec<i64>, i64),
}

pub(crate) async fn of_key(db: &mut PgConnection, channel: i64, hash: i64) -> sqlx::Result<OfKey> {
    let reach = Reach::of_channel(db, ChannelId(channel)).await?;
    let by = match WithHashes::of(db, &reach, &[hash], TimeRange::default()).await? {
        Some(with) => By::Segments(with),
        None => By::Spans(reach.ids(), i64::MIN),
    };
    Ok(OfKey { hash, by })
}

impl OfKey {
    /// `None`: that was all.
    pub(crate) async fn next(&mut self, db: &mut PgConnection) -> sqlx::Result<Option<Vec<Found>>> {
        match &mut self.by {
            By::Segments(with) => Ok(with.next(db).await?.map(|rows| rows.iter().map(found).collect())),
            By::Spans(partitions, after) => {
                let Some(partition) = partitions.last().copied() else { return Ok(None) };
                let spans = sqlx::query_file!("queries/erasures/tombstone_spans.sql", partition, *after, SPANS);
                let spans = spans.fetch_all(&mut *db).await?;
                match spans.last() {
                    Some(last) => *after = last.first,
                    None => {
                        partitions.pop();
                        *after = i64::MIN;
                    }
                }
                let mut rows = Vec::new();
                for of_bucket in spans.chunk_by(|a, b| a.bucket == b.bucket) {
                    let Some(bucket) = of_bucket.first().map(|s| s.bucket) else { continue };
                    let spans: Vec<Span> =
                        of_bucket.iter().map(|s| Span { partition, first: s.first, events: 0 }).collect();
                    each_row(&mut *db, bucket, &spans, |_, row| {
                        if row.key_hash == Some(self.hash) {
                            rows.push(found(&row));
                        }
                    })
                    .await?;
                }
                Ok(Some(rows))
            }
        }
    }
}

fn found(row: &Row) -> Found {
    (place(row), row.block())
}
