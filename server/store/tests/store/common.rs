//! A database with one captured channel, events to put in it, and views to look at it.

use weir_domain::{
    ChannelId, EventId, PartitionId, PersonId, Position, SourceId, Timestamp,
    access::{Caller, Credential, Grant, Role, SystemView, View, VisibleChannels, authorise},
    capture::{
        AppendOutcome, Begin, CaptureBatch, CapturedEvent, Cursor, EventLog as _, Fence, Incarnation, NewIncarnation,
        OpenPartition, Shares as _, TapCatalog as _, TimeKind, WantedEnvironment, WantedSource,
    },
    catalog::Catalog as _,
};
use weir_store::{Store, StoreOptions};
use weir_testkit::Database;

/// 2026-11-22T13:20:00Z, in ms.
pub const NOW_MS: i64 = 1_795_353_600_000;

pub fn now() -> Timestamp {
    Timestamp::from_millis(NOW_MS)
}

pub fn system() -> SystemView {
    SystemView::for_composition_root()
}

pub struct World {
    pub store: Store,
    pub url: String,
    pub source: SourceId,
    pub channel: ChannelId,
    pub partition: PartitionId,
    /// Of a member that lives as long as the test.
    pub fence: Fence,
    _database: Database,
}

/// A migrated database with source `shop`, channel `order.placed` and its partition 0.
pub async fn world() -> World {
    let (url, database) = weir_testkit::fresh_database().await.unwrap();
    let decoder = Some(std::sync::Arc::new(weir_decode::Payloads) as _);
    let store = Store::connect(&url, StoreOptions { decoder, ..StoreOptions::default() }).await.unwrap();
    store.migrate().await.unwrap();
    let put = store.put_sources(&[environment("production", true)], &[wanted("shop", "production")]).await.unwrap();
    let source = put[0].1;
    let channel = store.put_channel(source, "order.placed").await.unwrap();
    let fence = Fence::Finder(store.join(source, "test", 3_600_000).await.unwrap());
    let partition = open(&store, fence, channel, 0).await;
    World { store, url, source, channel, partition, fence, _database: database }
}

pub fn environment(name: &str, production: bool) -> WantedEnvironment {
    WantedEnvironment { name: name.into(), production, colour: None }
}

pub fn wanted(name: &str, environment: &str) -> WantedSource {
    WantedSource {
        name: name.into(),
        kind: "kafka".into(),
        environment: environment.into(),
        description: "127.0.0.1:9092".into(),
        capture: "full".into(),
        act: "none".into(),
        read_only: false,
    }
}

pub async fn open(store: &Store, fence: Fence, channel: ChannelId, number: i32) -> PartitionId {
    let new = NewIncarnation {
        fence,
        channel,
        number,
        incarnation: Incarnation(vec![1]),
        begin: Begin::Configured,
        replaces: None,
    };
    opened(store, &new).await.id
}

/// Opens an incarnation on a ground that holds.
pub async fn opened(store: &Store, new: &NewIncarnation) -> OpenPartition {
    store.open_incarnation(new).await.unwrap().unwrap().open
}

pub fn event(position: i64, key: &str, payload: &str) -> CapturedEvent {
    CapturedEvent {
        position: Position(position),
        time_kind: TimeKind::Create,
        broker_ms: Some(NOW_MS + position),
        ce_time: None,
        event_type: "order.placed".into(),
        key: Some(key.into()),
        headers: Vec::new(),
        payload: Some(payload.into()),
        withheld: None,
        possible_duplicate: false,
    }
}

/// A cursor for tests: the next position.
pub fn cursor(next: i64) -> Cursor {
    Cursor(next.to_be_bytes().to_vec())
}

pub fn batch(partition: PartitionId, expected: Option<i64>, events: Vec<CapturedEvent>) -> CaptureBatch {
    let next = events.last().map_or_else(|| expected.unwrap_or(0), |e| e.position.0 + 1);
    CaptureBatch {
        partition,
        expected: expected.map(cursor),
        next: cursor(next),
        next_position: Some(Position(next)),
        captured_at: now(),
        events,
        gaps: Vec::new(),
        broker_bytes: 100,
        end: Some(Position(next)),
        held: None,
    }
}

/// Appends in one batch after whatever cursor is stored, which it knows by `expected`.
pub async fn append(store: &Store, partition: PartitionId, expected: Option<i64>, events: Vec<CapturedEvent>) {
    let stored = store.append(&batch(partition, expected, events)).await.unwrap();
    assert!(matches!(stored, AppendOutcome::Stored { .. }), "{stored:?}");
}

pub fn caller(roles: &[Role]) -> Caller {
    Caller {
        person: PersonId("p".into()),
        session: None,
        login: "p".into(),
        name: "P".into(),
        roles: roles.to_vec(),
        grants: vec![Grant::everything()],
        by: Credential::Session,
        environment: None,
        origin: "r".into(),
    }
}

/// What a person with these roles may see of channels that match a pattern.
pub async fn view_of(store: &Store, roles: &[Role], pattern: &str) -> View {
    let mut caller = caller(roles);
    caller.grants[0].channel_pattern = pattern.into();
    let entries = store.entries(&system()).await.unwrap();
    let catalog = entries.iter().map(|e| (e.channel, e.environment, e.source, e.channel_name.as_str()));
    authorise(&caller, "events/list", VisibleChannels::from_catalog(&caller, catalog)).unwrap()
}

/// Everything.
pub async fn view(store: &Store) -> View {
    view_of(store, &[Role::Support], "*").await
}

pub fn id(partition: PartitionId, position: i64) -> EventId {
    EventId { partition, position: Position(position) }
}

pub async fn psql(url: &str, sql: &str) -> String {
    let done = tokio::process::Command::new("psql")
        .args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql])
        .output()
        .await
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).trim().to_owned()
}
