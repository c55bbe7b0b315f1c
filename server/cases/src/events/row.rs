use super::{masked, summary, text};
use crate::views::Sight;
use weir_domain::{
    access::Permission,
    events::{EventRow, StoredRow},
};

/// Bytes of a key shown in a list and in the inspector. Longer ones are cut and say so.
pub(super) const KEY_IN_LIST: usize = 1024;
pub(super) const KEY_IN_DETAIL: usize = 64 * 1024;
/// Bytes of a payload that its summary is read from.
pub(super) const HEAD: usize = 512;

/// A row as the caller may see it; `None` if its channel is hidden from them.
pub(super) fn shown(row: &StoredRow, sight: &Sight, key_limit: usize) -> Option<EventRow> {
    let channel = sight.channel(row.channel)?;
    let view = &sight.view;
    Some(EventRow {
        id: row.id,
        source: channel.source,
        source_name: channel.source_name.clone(),
        source_kind: channel.source_kind.clone(),
        channel: row.channel,
        channel_name: channel.channel_name.clone(),
        partition_number: row.partition_number,
        time: row.sort_time,
        time_mark: row.time_mark,
        captured_at: row.captured_at,
        event_type: row.event_type.clone(),
        key: masked(view.key(), Permission::EventsKey, || row.key.as_ref().map(|k| text::key(k, key_limit))),
        summary: masked(view.payload(), Permission::EventsPayload, || {
            row.payload_head.as_ref().map(|head| summary::of(head)).unwrap_or_default()
        }),
        size: row.size,
        tombstone: row.tombstone,
        possible_duplicate: row.possible_duplicate,
        absent: row.absent,
    })
}
