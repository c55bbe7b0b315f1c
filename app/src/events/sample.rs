//! Rows for this slice's tests.

use weir_domain::{
    ChannelId, EventId, PartitionId, Position, SourceId, Timestamp,
    events::{Capped, EventRow, Masked, TimeMark},
};

/// An order event; its time grows with its position.
pub fn row(partition: i64, position: i64) -> EventRow {
    let time = Timestamp::from_millis(1_795_357_928_000 + position);
    EventRow {
        id: EventId { partition: PartitionId(partition), position: Position(position) },
        source: SourceId(1),
        source_name: "kafka-eu".into(),
        source_kind: "kafka".into(),
        channel: ChannelId(7),
        channel_name: "shop.orders".into(),
        partition_number: 0,
        time,
        time_mark: TimeMark::Own,
        captured_at: time,
        event_type: "order.placed".into(),
        key: Masked::Shown(Some(Capped { text: format!("ord-{position}"), total: 8, cut: false })),
        summary: Masked::Shown("3 lines, 129.90 EUR".into()),
        size: 842,
        tombstone: false,
        possible_duplicate: false,
        absent: None,
    }
}
