//! Events put straight into a server's database, for tests that need some and no broker.

use weir_domain::{
    EventId, PartitionId, Position, Timestamp,
    capture::{
        CaptureBatch, CapturedEvent, Cursor, EventLog as _, Fence, Header, HeaderType, Shares as _, TapCatalog as _,
        TimeKind, WantedEnvironment,
    },
};
use weir_store::Store;

use super::seed;

/// What an event is made of, each part by itself.
#[derive(Debug, Clone, Copy)]
pub struct Marked<'a> {
    pub key: &'a str,
    pub header: &'a str,
    pub payload: &'a str,
}

/// One event in channel `order.placed` of a source `shop`, captured now.
pub async fn stored(store: &Store, now: Timestamp, marked: Marked<'_>) -> EventId {
    let partition = partition(store).await;
    let event = CapturedEvent {
        position: Position(0),
        time_kind: TimeKind::Create,
        broker_ms: Some(now.millis()),
        ce_time: None,
        event_type: "order.placed".into(),
        key: Some(marked.key.into()),
        headers: vec![Header { name: b"note".to_vec(), kind: HeaderType::Bytes, value: Some(marked.header.into()) }],
        payload: Some(format!("{{\"note\":\"{}\"}}", marked.payload).into_bytes()),
        withheld: None,
        possible_duplicate: false,
    };
    let batch = CaptureBatch {
        partition,
        expected: None,
        next: Cursor(vec![1]),
        next_position: Some(Position(1)),
        captured_at: now,
        events: vec![event],
        gaps: Vec::new(),
        broker_bytes: 0,
        end: None,
        held: None,
    };
    store.append(&batch).await.unwrap();
    EventId { partition, position: Position(0) }
}

async fn partition(store: &Store) -> PartitionId {
    let environment = WantedEnvironment { name: "test".into(), production: false, colour: None };
    let source = store.put_sources(&[environment], &[seed::wanted("shop")]).await.unwrap()[0].1;
    let channel = store.put_channel(source, "order.placed").await.unwrap();
    let fence = Fence::Finder(store.join(source, "seed", 3_600_000).await.unwrap());
    seed::partition(store, fence, channel).await
}
