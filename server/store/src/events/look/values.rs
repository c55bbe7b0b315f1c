//! What stands at a path of some events' payloads.

use super::{
    blocks::{Packed, pieces},
    scans::Scans,
};
use crate::events::{fill::bodies, rows::Row};
use sqlx::PgConnection;
use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};
use weir_domain::search::{Decoded, Decoder, Path};

/// Events that are read, at most, and for how long.
const MOST: usize = 2000;
const ENOUGH_TIME: Duration = Duration::from_secs(1);
/// Blocks asked for at once: newest first, so that what time leaves out is the oldest.
const BLOCKS: usize = 16;

/// Of each event that was read, what it has there. `rows` are newest first; of the first `MOST` those are read whose bytes
/// are still there.
pub(in crate::events) async fn values(
    db: &mut PgConnection,
    rows: &[Row],
    path: &Path,
    decoder: Option<Arc<dyn Decoder>>,
) -> sqlx::Result<Vec<Vec<String>>> {
    let mut by_block = BTreeMap::<(i32, i64, i64), Vec<usize>>::new();
    let (mut wanted, mut met) = (Vec::new(), HashSet::new());
    for row in rows.iter().take(MOST) {
        if let Some(block) = row.block() {
            by_block.entry(block).or_default().push(row.place_in_block());
            if met.insert(block) {
                wanted.push(block);
            }
        }
    }
    let path = Arc::new(path.clone());
    let mut scans = Scans::default();
    let begun = Instant::now();
    for some in wanted.chunks(BLOCKS).flat_map(|some| some.chunk_by(|a, b| a.0 == b.0)) {
        if begun.elapsed() >= ENOUGH_TIME {
            break;
        }
        let Some(&(bucket, ..)) = some.first() else { continue };
        for piece in pieces(db, bucket, some).await? {
            let turn = scans.turn().await?;
            let mut packed = Vec::with_capacity(piece.len());
            for (partition, first, body) in bodies(db, bucket, &piece, i32::MAX).await? {
                let places = by_block.remove(&(bucket, partition, first)).unwrap_or_default();
                packed.push((Packed { span: 0, partition, first, body }, places));
            }
            let (path, decoder) = (Arc::clone(&path), decoder.clone());
            scans.begin(turn, move || read(packed, &path, decoder.as_deref()));
        }
    }
    scans.finish().await
}

fn read(
    blocks: Vec<(Packed, Vec<usize>)>,
    path: &Path,
    decoder: Option<&dyn Decoder>,
) -> sqlx::Result<Vec<Vec<String>>> {
    let (mut found, mut memory) = (Vec::new(), Vec::new());
    for (packed, places) in blocks {
        memory = packed.each(
            memory,
            |_| places,
            |_, look, headers| {
                let Some(look) = look else { return };
                let values = look.payload.map(|payload| {
                    match decoder.map_or(Decoded::AsSent, |decoder| decoder.decode(payload, headers)) {
                        Decoded::As(bytes) => path.values(&bytes),
                        Decoded::AsSent | Decoded::Not => path.values(payload),
                    }
                });
                found.push(values.unwrap_or_default());
            },
        )?;
    }
    Ok(found)
}
