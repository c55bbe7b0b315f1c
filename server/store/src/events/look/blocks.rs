//! Where the blocks of spans are, and their bytes.

use crate::events::{fill::bodies, rows::Span};
use sqlx::PgConnection;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A block as it is stored, and the span that it belongs to.
pub(super) struct Packed {
    /// Its place among the spans asked for.
    pub(super) span: usize,
    pub(super) partition: i64,
    pub(super) first: i64,
    pub(super) body: Vec<u8>,
}

/// Which buckets hold the payloads of which positions, as far as it was asked for.
#[derive(Default)]
pub(super) struct Directory {
    /// Per partition: bucket, first and last position.
    known: HashMap<i64, Vec<(i32, i64, i64)>>,
}

impl Directory {
    /// The spans of which there may be a block, by the bucket that it is in then: few are in doubt between two.
    pub(super) async fn blocks(
        &mut self,
        db: &mut PgConnection,
        spans: &[Span],
    ) -> sqlx::Result<BTreeMap<i32, Vec<usize>>> {
        let new: HashSet<i64> = spans.iter().map(|s| s.partition).filter(|p| !self.known.contains_key(p)).collect();
        if !new.is_empty() {
            let new: Vec<i64> = new.into_iter().collect();
            let rows = sqlx::query!(
                "select partition_id, bucket, first_position, last_position from partition_bucket
                 where part = 'payload' and partition_id = any($1)",
                &new
            )
            .fetch_all(db)
            .await?;
            self.known.extend(new.into_iter().map(|p| (p, Vec::new())));
            for r in rows {
                self.known.entry(r.partition_id).or_default().push((r.bucket, r.first_position, r.last_position));
            }
        }
        let mut by_bucket: BTreeMap<i32, Vec<usize>> = BTreeMap::new();
        for (i, span) in spans.iter().enumerate() {
            for (bucket, first, last) in self.known.get(&span.partition).into_iter().flatten() {
                if *first <= span.first && span.first <= *last {
                    by_bucket.entry(*bucket).or_default().push(i);
                }
            }
        }
        Ok(by_bucket)
    }
}

/// Blocks of a piece, and their bytes as stored, at most; a larger block is a piece of its own.
const MOST_BLOCKS: usize = 16;
const MOST_BYTES: usize = 2 << 20;

/// Which block: (bucket, partition, first position).
type At = (i32, i64, i64);

/// Those of `wanted`, all in one bucket, that are there, in pieces of a few megabytes.
pub(super) async fn pieces(db: &mut PgConnection, bucket: i32, wanted: &[At]) -> sqlx::Result<Vec<Vec<At>>> {
    let sizes = sqlx::query!(
        r#"select b.partition_id, b.first_position, octet_length(b.body) as "bytes!"
           from unnest($2::bigint[], $3::bigint[]) as w(partition_id, first_position)
           join block b on b.bucket = $1 and b.partition_id = w.partition_id and b.first_position = w.first_position"#,
        bucket,
        &wanted.iter().map(|w| w.1).collect::<Vec<_>>(),
        &wanted.iter().map(|w| w.2).collect::<Vec<_>>()
    )
    .fetch_all(db)
    .await?;
    let (mut pieces, mut piece, mut bytes) = (Vec::new(), Vec::new(), 0);
    for b in sizes {
        let size = usize::try_from(b.bytes).unwrap_or(0);
        if !piece.is_empty() && (piece.len() == MOST_BLOCKS || bytes + size > MOST_BYTES) {
            pieces.push(std::mem::take(&mut piece));
            bytes = 0;
        }
        piece.push((bucket, b.partition_id, b.first_position));
        bytes += size;
    }
    if !piece.is_empty() {
        pieces.push(piece);
    }
    Ok(pieces)
}

/// The blocks of a piece, each with its span among `some` of `spans`.
pub(super) async fn packed(
    db: &mut PgConnection,
    bucket: i32,
    spans: &[Span],
    some: &[usize],
    piece: &[At],
) -> sqlx::Result<Vec<Packed>> {
    let places: HashMap<(i64, i64), usize> =
        some.iter().map(|i| ((spans[*i].partition, spans[*i].first), *i)).collect();
    let found = bodies(db, bucket, piece, i32::MAX).await?.into_iter();
    Ok(found
        .filter_map(|(partition, first, body)| {
            places.get(&(partition, first)).map(|span| Packed { span: *span, partition, first, body })
        })
        .collect())
}
