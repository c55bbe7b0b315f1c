//! What the audit log adds to a page: `cargo bench -p weir-store --bench audit`.
//!
//! A private, durable PostgreSQL (fsync on). Opening an event and listing a page of 100, each alone and with its entry,
//! turn by turn; then who saw a key, with a log of some size.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement prints, and fails by panicking")]

use std::time::{Duration, Instant};
use weir_domain::{
    EventId, PersonId, Position, Timestamp,
    access::{Caller, Credential, Grant, Role, SystemView, Via, View, VisibleChannels, authorise},
    audit::{About, AuditFilter, AuditLog, Facts, Field, NewEntry, Object, Outcome, Who},
    capture::{
        Begin, CaptureBatch, CapturedEvent, Cursor, EventLog, Fence, Incarnation, Maintenance as _, NewIncarnation,
        Shares as _, TapCatalog as _, TimeKind, WantedEnvironment, WantedSource,
    },
    catalog::Catalog,
    events::{EventFilter, EventRows as _, KeyHash},
    search::Query,
};
use weir_store::{Store, StoreOptions};
use weir_testkit::{Postgres, PostgresOptions};

const NOW: Timestamp = Timestamp::from_millis(1_795_353_600_000);
/// Turns of each measurement.
const TURNS: usize = 50;
const EVENTS: i64 = 5000;
/// The log before "who saw": so many entries of 50 keys each.
const LOGGED: i64 = 20_000;

fn main() {
    // `cargo test --all-targets` starts this too.
    if !std::env::args().any(|a| a == "--bench") {
        return;
    }
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(run());
}

async fn run() {
    let postgres = Postgres::start(PostgresOptions::durable()).unwrap();
    let url = postgres.ensure_database("bench").unwrap();
    let store = Store::connect(&url, StoreOptions::default()).await.unwrap();
    store.migrate().await.unwrap();
    store.ensure_buckets(NOW).await.unwrap();
    let source = WantedSource {
        name: "shop".into(),
        kind: "kafka".into(),
        environment: "bench".into(),
        description: String::new(),
        capture: "full".into(),
        act: "none".into(),
        read_only: true,
    };
    let environment = WantedEnvironment { name: "bench".into(), production: false, colour: None };
    let source = store.put_sources(&[environment], &[source]).await.unwrap()[0].1;
    let channel = store.put_channel(source, "orders").await.unwrap();
    let fence = Fence::Finder(store.join(source, "bench", 3_600_000).await.unwrap());
    let new = NewIncarnation {
        fence,
        channel,
        number: 0,
        incarnation: Incarnation(vec![1]),
        begin: Begin::Configured,
        replaces: None,
    };
    let partition = store.open_incarnation(&new).await.unwrap().unwrap().open.id;
    EventLog::append(
        &store,
        &CaptureBatch {
            partition,
            expected: None,
            next: Cursor(vec![1]),
            next_position: Some(Position(EVENTS)),
            captured_at: NOW,
            events: (0..EVENTS).map(event).collect(),
            gaps: Vec::new(),
            broker_bytes: 0,
            end: None,
            held: None,
        },
    )
    .await
    .unwrap();
    let view = view(&store, "events/list").await;
    let id = |n: usize| EventId { partition, position: Position(n as i64 * 97 % EVENTS) };

    let (mut alone, mut with) = (Vec::new(), Vec::new());
    for n in 0..2 * TURNS {
        let begun = Instant::now();
        let found = store.event(&view, id(n)).await.unwrap().unwrap();
        if n % 2 == 1 {
            let about = About::object(Object::event(id(n), Some((source, channel, "orders")))).keys(found.row.key_hash);
            AuditLog::append(&store, &[entry("events/detail", about.count(1))]).await.unwrap();
        }
        if n % 2 == 1 { &mut with } else { &mut alone }.push(begun.elapsed());
    }
    told("an event", alone, with);

    let (mut alone, mut with) = (Vec::new(), Vec::new());
    for n in 0..2 * TURNS {
        let begun = Instant::now();
        let (rows, ..) = store.list(&view, &EventFilter::default(), &Query::default(), None, 100).await.unwrap();
        if n % 2 == 1 {
            let about = About::query(Facts::new().with(Field::Limit, 100_u32));
            let keys = rows.iter().filter_map(|r| r.key_hash);
            AuditLog::append(&store, &[entry("events/list", about.keys(keys).count(rows.len() as u64))]).await.unwrap();
        }
        if n % 2 == 1 { &mut with } else { &mut alone }.push(begun.elapsed());
    }
    told("a page of 100", alone, with);

    for n in 0..LOGGED / 100 {
        let some = (0..100).map(|m| {
            let keys =
                (0..50).map(|k| KeyHash(((n * 100 + m) * 50 + k).wrapping_mul(0x9e37_79b9_7f4a_7c15_u64 as i64)));
            entry("events/list", About::nothing().keys(keys))
        });
        AuditLog::append(&store, &some.collect::<Vec<_>>()).await.unwrap();
    }
    let auditor = self::view(&store, "audit/list").await.audit().unwrap();
    let asked = async |n: usize| {
        let key = store.key_hash(event(n as i64 * 97 % EVENTS).key.as_deref().unwrap());
        let filter = AuditFilter { key: Some(key), ..AuditFilter::default() };
        let begun = Instant::now();
        AuditLog::entries(&store, &auditor, &filter, None, 100).await.unwrap();
        begun.elapsed()
    };
    let mut times = Vec::new();
    for n in 0..TURNS {
        times.push(asked(n).await);
    }
    println!("who saw a key, {} keys in the log: median {:.1} ms", LOGGED * 50, median(times));
}

fn told(what: &str, alone: Vec<Duration>, with: Vec<Duration>) {
    let (alone, with) = (median(alone), median(with));
    println!("{what}: median of {TURNS} alone {alone:.2} ms, with its entry {with:.2} ms: {:+.2} ms", with - alone);
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

fn entry(use_case: &'static str, about: About) -> NewEntry {
    let who = Who {
        person: Some(PersonId("0193-p".into())),
        login: Some("mara".into()),
        via: Some(Via::Session),
        remote: "192.0.2.1".into(),
        request_id: "abcdefghijkl".into(),
    };
    NewEntry { at: NOW, who, use_case, outcome: Outcome::Allowed, reason: None, about }
}

fn event(n: i64) -> CapturedEvent {
    CapturedEvent {
        position: Position(n),
        time_kind: TimeKind::Create,
        broker_ms: Some(NOW.millis() + n),
        ce_time: None,
        event_type: "order.placed".into(),
        key: Some(format!("ord-{n:06}").into_bytes()),
        headers: Vec::new(),
        payload: Some(format!("{{\"order\":{n},\"note\":\"{}\"}}", "Lyon Oslo Graz ".repeat(30)).into_bytes()),
        withheld: None,
        possible_duplicate: false,
    }
}

async fn view(store: &Store, use_case: &str) -> View {
    let caller = Caller {
        person: PersonId("p".into()),
        session: None,
        login: "p".into(),
        name: "P".into(),
        roles: vec![Role::Support, Role::Auditor],
        grants: vec![Grant::everything()],
        by: Credential::Session,
        environment: None,
        origin: "r".into(),
    };
    let entries = Catalog::entries(store, &SystemView::for_composition_root()).await.unwrap();
    let catalog = entries.iter().map(|e| (e.channel, e.environment, e.source, e.channel_name.as_str()));
    authorise(&caller, use_case, VisibleChannels::from_catalog(&caller, catalog)).unwrap()
}
