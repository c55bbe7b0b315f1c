//! Captured events without a broker: the store is given what a tap would give it.

use std::collections::BTreeMap;

use weir_domain::{
    ChannelId, Clock as _, PartitionId, Position, SourceId, Timestamp,
    access::SystemView,
    capture::{
        AppendOutcome, Begin, CaptureBatch, CapturedEvent, Cursor, EventLog as _, Fence, Header, HeaderType,
        Incarnation, NewIncarnation, Shares as _, SourceReport, SourceState, TapCatalog as _, TimeKind,
        WantedEnvironment, WantedSource,
    },
    catalog::Catalog as _,
};
use weir_store::Store;

use super::World;

/// 2026-11-22T13:20:00Z: when the events say that they happened, so that what is printed stays the same.
pub const AT_MS: i64 = 1_795_353_600_000;

pub struct Seeded {
    store: Store,
    pub shop: SourceId,
    pub bank: SourceId,
    pub orders: ChannelId,
    /// Of `order.placed` and of `payment.failed` of the shop.
    pub order: PartitionId,
    pub payment: PartitionId,
    /// Batches stored so far, by partition: their number is the cursor.
    batches: BTreeMap<PartitionId, i64>,
}

pub fn wanted(name: &str) -> WantedSource {
    WantedSource {
        name: name.into(),
        kind: "kafka".into(),
        environment: "test".into(),
        description: "127.0.0.1:9092".into(),
        capture: "full".into(),
        act: "none".into(),
        read_only: false,
    }
}

pub fn event(position: i64, key: Option<&[u8]>, payload: Option<&[u8]>) -> CapturedEvent {
    CapturedEvent {
        position: Position(position),
        time_kind: TimeKind::Create,
        broker_ms: Some(AT_MS + position * 1000),
        ce_time: None,
        event_type: "order.placed".into(),
        key: key.map(<[u8]>::to_vec),
        headers: vec![Header { name: b"trace".to_vec(), kind: HeaderType::Bytes, value: Some(b"abc".to_vec()) }],
        payload: payload.map(<[u8]>::to_vec),
        withheld: None,
        possible_duplicate: false,
    }
}

/// An open incarnation of partition 0.
pub async fn partition(store: &Store, fence: Fence, channel: ChannelId) -> PartitionId {
    let new = NewIncarnation {
        fence,
        channel,
        number: 0,
        incarnation: Incarnation(vec![1]),
        begin: Begin::Configured,
        replaces: None,
    };
    store.open_incarnation(&new).await.unwrap().unwrap().open.id
}

impl World {
    /// Two sources; the shop has orders and payments, the bank one channel without events.
    pub async fn seed(&self) -> Seeded {
        let store = self.running.parts.store.clone();
        // The engines make the configuration known first, or they would take these for sources gone from it.
        let begun = std::time::Instant::now();
        while store.environments(&SystemView::for_composition_root()).await.unwrap().is_empty() {
            assert!(begun.elapsed() < super::LIMIT, "the environment never came");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let environment = WantedEnvironment { name: "test".into(), production: false, colour: None };
        let put = store.put_sources(&[environment], &[wanted("shop"), wanted("bank")]).await.unwrap();
        let (shop, bank) = (put[0].1, put[1].1);
        let orders = store.put_channel(shop, "order.placed").await.unwrap();
        let payments = store.put_channel(shop, "payment.failed").await.unwrap();
        store.put_channel(bank, "transfer.booked").await.unwrap();
        for (source, state, reason) in
            [(shop, SourceState::Up, None), (bank, SourceState::Down, Some("127.0.0.1:9093 refuses the connection"))]
        {
            let report = SourceReport {
                source,
                tap: "seed".into(),
                state,
                reason: reason.map(str::to_owned),
                at: Timestamp::from_millis(AT_MS),
                retry_at: None,
                left_out: None,
                left_out_total: 0,
                bytes_to_read: None,
                throttled_ms: 0,
            };
            store.report_source(&report).await.unwrap();
        }
        let fence = Fence::Finder(store.join(shop, "seed", 3_600_000).await.unwrap());
        let (order, payment) = (partition(&store, fence, orders).await, partition(&store, fence, payments).await);
        let mut seeded = Seeded { store, shop, bank, orders, order, payment, batches: BTreeMap::new() };
        let json = |n: i64| format!("{{\"order\":\"ord-{n}\",\"total\":{}}}", n * 100);
        for n in 1..=5 {
            seeded.append(order, vec![event(n, Some(format!("ord-{n}").as_bytes()), Some(json(n).as_bytes()))]).await;
        }
        let odd = [
            // What would steer a terminal, bytes that are no text, nothing at all.
            event(6, Some(b"\x1b[31mred"), Some(b"\xff\xfe\x00")),
            event(7, None, None),
        ];
        seeded.append(order, odd.to_vec()).await;
        let failed = |n: i64| CapturedEvent {
            event_type: "com.example.payment.failed.v1".into(),
            ..event(n, Some(b"ord-2"), Some(json(n).as_bytes()))
        };
        seeded.append(payment, (8..=10).map(failed).collect()).await;
        seeded
    }
}

impl Seeded {
    /// Stores events behind what is there in this partition, and tells of it.
    pub async fn append(&mut self, partition: PartitionId, events: Vec<CapturedEvent>) {
        let cursor = |n: i64| Cursor(n.to_be_bytes().to_vec());
        let stored = self.batches.entry(partition).or_default();
        let end = events.last().map(|e| Position(e.position.0 + 1));
        let batch = CaptureBatch {
            partition,
            expected: (*stored > 0).then(|| cursor(*stored)),
            next: cursor(*stored + 1),
            next_position: end,
            captured_at: weir::clock::SystemClock.now(),
            events,
            gaps: Vec::new(),
            broker_bytes: 100,
            end,
            held: None,
        };
        *stored += 1;
        let outcome = self.store.append(&batch).await.unwrap();
        assert!(matches!(outcome, AppendOutcome::Stored { .. }), "{outcome:?}");
        self.store.announce(&[partition]).await.unwrap();
    }
}
