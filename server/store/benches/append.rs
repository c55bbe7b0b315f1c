//! How fast batches are stored, beside a plain COPY of the same rows: `cargo bench -p weir-store`.
//!
//! A private, durable PostgreSQL (fsync on); JSON events of 0.63 KB with a key, in six partitions, appended by as many
//! tasks as there are partitions in batches as the tap makes them. `WEIR_BENCH_SQL` is run on the empty database before.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement prints, and fails by panicking")]

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use sqlx::{Connection as _, PgConnection};
use std::{sync::Arc, time::Instant};
use weir_domain::{
    EventId, PartitionId, PersonId, Position, Timestamp,
    access::{Caller, Credential, Grant, Role, SystemView, View, VisibleChannels, authorise},
    capture::{
        AppendOutcome, Begin, CaptureBatch, CapturedEvent, Cursor, EventLog as _, Fence, Incarnation, Maintenance as _,
        NewIncarnation, Shares as _, TapCatalog as _, TimeKind, WantedEnvironment, WantedSource,
    },
    catalog::Catalog as _,
    events::{EventFilter, EventRows as _, TimeRange},
    overview::Overview as _,
    search::Query,
};
use weir_store::{Store, StoreOptions};
use weir_testkit::{Postgres, PostgresOptions};

const PARTITIONS: i64 = 6;
const BATCH: i64 = 12_000;
const NOW_MS: i64 = 1_795_353_600_000;

fn main() {
    // `cargo test --all-targets` starts this too.
    if !std::env::args().any(|a| a == "--bench") {
        return;
    }
    let events: i64 = std::env::var("WEIR_BENCH_EVENTS").ok().and_then(|n| n.parse().ok()).unwrap_or(1_200_000);
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(run(events));
}

async fn run(events: i64) {
    let settings = [("shared_buffers", "256MB"), ("max_wal_size", "4GB"), ("checkpoint_timeout", "15min")];
    let settings = settings.map(|(k, v)| (k.to_owned(), v.to_owned())).to_vec();
    let postgres = Postgres::start(PostgresOptions { settings, ..PostgresOptions::durable() }).unwrap();
    let url = postgres.ensure_database("bench").unwrap();
    let store = Store::connect(&url, StoreOptions::default()).await.unwrap();
    store.migrate().await.unwrap();
    if let Ok(sql) = std::env::var("WEIR_BENCH_SQL") {
        let mut c = PgConnection::connect(&url).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut c).await.unwrap();
    }
    let source = WantedSource {
        name: "shop".into(),
        kind: "kafka".into(),
        environment: "bench".into(),
        description: String::new(),
        capture: "full".into(),
        act: "none".into(),
        read_only: true,
    };
    let source = store
        .put_sources(&[WantedEnvironment { name: "bench".into(), production: false, colour: None }], &[source])
        .await
        .unwrap()[0]
        .1;
    let fence = Fence::Finder(store.join(source, "bench", 3_600_000).await.unwrap());
    let channel = store.put_channel(source, "orders").await.unwrap();
    store.ensure_buckets(Timestamp::from_millis(NOW_MS)).await.unwrap();

    // Made beforehand, and the same for both.
    let batches = Arc::new((0..4).map(|seed| made(seed, BATCH)).collect::<Vec<_>>());
    let each = events / PARTITIONS / BATCH;
    let start = Instant::now();
    let mut tasks = Vec::new();
    for number in 0..PARTITIONS {
        let new = NewIncarnation {
            fence,
            channel,
            number: number as i32,
            incarnation: Incarnation(vec![1]),
            begin: Begin::Configured,
            replaces: None,
        };
        let partition = store.open_incarnation(&new).await.unwrap().unwrap().open.id;
        let (store, batches) = (store.clone(), batches.clone());
        tasks.push(tokio::spawn(async move {
            let mut bytes = (0, 0);
            for n in 0..each {
                let batch = numbered(&batches[(n % 4) as usize], partition, n);
                let AppendOutcome::Stored { raw_bytes, stored_bytes, .. } = store.append(&batch).await.unwrap() else {
                    return bytes;
                };
                bytes = (bytes.0 + raw_bytes, bytes.1 + stored_bytes);
            }
            bytes
        }));
    }
    let mut bytes = (0, 0);
    for t in tasks {
        let b = t.await.unwrap();
        bytes = (bytes.0 + b.0, bytes.1 + b.1);
    }
    let rate = (each * BATCH * PARTITIONS) as f64 / start.elapsed().as_secs_f64();
    println!(
        "append: {rate:.0} events/s, {:.2} KB each, blocks {:.1} % of raw",
        bytes.0 as f64 / (each * BATCH * PARTITIONS) as f64 / 1000.0,
        100.0 * bytes.1 as f64 / bytes.0 as f64
    );
    for table in ["event_span", "block"] {
        let sql = "select coalesce(sum(pg_table_size(relid)), 0)::bigint, coalesce(sum(pg_indexes_size(relid)), 0)::bigint from pg_partition_tree($1::regclass) where isleaf";
        let mut c = PgConnection::connect(&url).await.unwrap();
        let (heap, index): (i64, i64) = sqlx::query_as(sql).bind(table).fetch_one(&mut c).await.unwrap();
        println!("  {table}: {} MB and {} MB of indexes", heap >> 20, index >> 20);
    }
    read(&store, &batches, events).await;
    let rate = plain_copy(&url, &batches, each).await;
    println!("plain COPY of whole rows with the same key: {rate:.0} events/s");
}

/// What pages ask, each some times over.
async fn read(store: &Store, batches: &[Vec<CapturedEvent>], events: i64) {
    let now = Timestamp::from_millis(NOW_MS + events / PARTITIONS / BATCH * 40 + 100);
    let view = view(store).await;
    let start = Instant::now();
    // Of a time when the buckets' own is over.
    while store.index(now.plus_secs(100 * 86_400)).await.unwrap().more {}
    println!("indexed: {:.1} s", start.elapsed().as_secs_f64());
    let none = EventFilter::default;
    let mut key = batches[1][6].key.clone().unwrap();
    key.extend_from_slice(&(2 * 100_000_i64 + 1).to_be_bytes());
    let hex: String = key.iter().map(|b| format!("{b:02x}")).collect();
    let middle = TimeRange { from: None, to: Some(Timestamp::from_millis(NOW_MS + 500)) };
    let asks = [
        ("list 100", none()),
        ("list 100 of a type", EventFilter { event_type: Some("payment.failed".into()), ..none() }),
        ("list 100 before a time in the middle", EventFilter { range: middle, ..none() }),
        ("list by a key that is there", EventFilter { key: Some(format!("hex:{hex}")), ..none() }),
        ("list by a key that is not", EventFilter { key: Some("nowhere".into()), ..none() }),
    ];
    for (what, filter) in asks {
        let mut times = Vec::new();
        let mut rows = 0;
        for _ in 0..20 {
            let start = Instant::now();
            rows = store.list(&view, &filter, &Query::default(), None, 100).await.unwrap().0.len();
            times.push(start.elapsed());
        }
        told(what, times, rows);
    }
    let mut times = Vec::new();
    let mut before = None;
    for _ in 0..20 {
        let start = Instant::now();
        before = store.list(&view, &none(), &Query::default(), before, 100).await.unwrap().2;
        times.push(start.elapsed());
    }
    told("the 20 first pages", times, 100);
    let mut after = store.tail_start(&view, &none()).await.unwrap();
    after.0.iter_mut().for_each(|p| p.1.0 -= 1000);
    let (mut tail, mut one, mut summary) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..20 {
        let start = Instant::now();
        store.tail(&view, &none(), &Query::default(), &after, 100).await.unwrap();
        tail.push(start.elapsed());
        let start = Instant::now();
        let id = EventId { partition: after.0[0].0, position: Position(n * 100) };
        store.event(&view, id).await.unwrap().unwrap();
        one.push(start.elapsed());
        let start = Instant::now();
        store.summary(&view, now).await.unwrap();
        summary.push(start.elapsed());
    }
    told("tail, 6000 waiting", tail, 100);
    told("one event", one, 1);
    told("overview", summary, 1);
}

fn told(what: &str, mut times: Vec<std::time::Duration>, rows: usize) {
    times.sort_unstable();
    let ms = |i: usize| times[i].as_secs_f64() * 1000.0;
    println!("{what}: median {:.1} ms, worst {:.1} ms, {rows} rows", ms(times.len() / 2), ms(times.len() - 1));
}

async fn view(store: &Store) -> View {
    let caller = Caller {
        person: PersonId("p".into()),
        session: None,
        login: "p".into(),
        name: "P".into(),
        roles: vec![Role::Support],
        grants: vec![Grant::everything()],
        by: Credential::Session,
        environment: None,
        origin: "r".into(),
    };
    let entries = store.entries(&SystemView::for_composition_root()).await.unwrap();
    let catalog = entries.iter().map(|e| (e.channel, e.environment, e.source, e.channel_name.as_str()));
    authorise(&caller, "events/list", VisibleChannels::from_catalog(&caller, catalog)).unwrap()
}

fn made(seed: u64, n: i64) -> Vec<CapturedEvent> {
    let mut rng = StdRng::seed_from_u64(seed);
    let kinds = [
        "order.placed",
        "payment.authorised",
        "stock.reserved",
        "shipment.booked",
        "order.delivered",
        "payment.failed",
    ];
    let cities = ["Lyon", "Oslo", "Graz", "Porto", "Turku", "Bath", "Ghent", "Kiel"];
    let event = |i: i64| {
        let (kind, order) = (kinds[(i % 6) as usize], format!("ord-{seed}-{:08}", i / 6));
        let lines: Vec<String> = (0..rng.random_range(2..7))
            .map(|_| {
                format!(
                    "{{\"sku\":\"SKU-{:04}\",\"qty\":{},\"price\":{}.{:02}}}",
                    rng.random_range(0..500),
                    rng.random_range(1..5),
                    rng.random_range(1..400),
                    rng.random_range(0..100)
                )
            })
            .collect();
        let note: Vec<&str> = (0..10).map(|_| cities[rng.random_range(0..8)]).collect();
        let payload = format!(
            "{{\"specversion\":\"1.0\",\"type\":\"{kind}\",\"source\":\"/shop\",\"id\":\"{:032x}\",\"correlationid\":\"{order}\",\"data\":{{\"orderId\":\"{order}\",\"customer\":{{\"id\":\"c-{:06}\",\"city\":\"{}\"}},\"amount\":{}.5,\"currency\":\"EUR\",\"lines\":[{}],\"note\":\"{}\",\"trace\":\"{:032x}{:032x}\"}}}}",
            rng.random::<u128>(),
            rng.random_range(0..200_000),
            cities[rng.random_range(0..8)],
            rng.random_range(3..1800),
            lines.join(","),
            note.join(" "),
            rng.random::<u128>(),
            rng.random::<u128>(),
        );
        CapturedEvent {
            position: Position(i),
            time_kind: TimeKind::Create,
            broker_ms: Some(NOW_MS - 50),
            ce_time: None,
            event_type: kind.into(),
            key: Some(order.into_bytes()),
            headers: Vec::new(),
            payload: Some(payload.into_bytes()),
            withheld: None,
            possible_duplicate: false,
        }
    };
    (0..n).map(event).collect()
}

fn numbered(events: &[CapturedEvent], partition: PartitionId, n: i64) -> CaptureBatch {
    let mut events = events.to_vec();
    for (i, e) in events.iter_mut().enumerate() {
        e.position = Position(n * BATCH + i as i64);
        e.broker_ms = Some(NOW_MS + n * 40 + i as i64 / 300);
        // Keys come again a few times and then no more, as orders do.
        if let Some(key) = &mut e.key {
            key.extend_from_slice(&(partition.0 * 100_000 + n).to_be_bytes());
        }
    }
    CaptureBatch {
        partition,
        expected: (n > 0).then(|| Cursor(n.to_be_bytes().to_vec())),
        next: Cursor((n + 1).to_be_bytes().to_vec()),
        next_position: Some(Position((n + 1) * BATCH)),
        captured_at: Timestamp::from_millis(NOW_MS + n * 40 + 100),
        events,
        gaps: Vec::new(),
        broker_bytes: 1_000_000,
        end: None,
        held: None,
    }
}

/// Whole rows, binary, one unique index, two connections: what PostgreSQL does without Weir.
async fn plain_copy(url: &str, batches: &[Vec<CapturedEvent>], each: i64) -> f64 {
    let mut c = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql("create table plain (p bigint, n bigint, at bigint, key bytea, payload bytea, primary key (p, n))")
        .execute(&mut c)
        .await
        .unwrap();
    let encoded = |p: i64, n: i64| {
        let mut out = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0".to_vec();
        for (i, e) in batches[(n % 4) as usize].iter().enumerate() {
            out.extend_from_slice(&5_i16.to_be_bytes());
            for number in [p, n * BATCH + i as i64, NOW_MS] {
                out.extend_from_slice(&8_i32.to_be_bytes());
                out.extend_from_slice(&number.to_be_bytes());
            }
            for bytes in [&e.key, &e.payload].into_iter().flatten() {
                out.extend_from_slice(&(bytes.len() as i32).to_be_bytes());
                out.extend_from_slice(bytes);
            }
        }
        out.extend_from_slice(&(-1_i16).to_be_bytes());
        out
    };
    let start = Instant::now();
    let copy = async |first: i64| {
        let mut c = PgConnection::connect(url).await.unwrap();
        for p in (first..PARTITIONS).step_by(2) {
            for n in 0..each {
                let mut copy = c.copy_in_raw("copy plain from stdin (format binary)").await.unwrap();
                for chunk in encoded(p, n).chunks(1 << 20) {
                    copy.send(chunk).await.unwrap();
                }
                copy.finish().await.unwrap();
            }
        }
    };
    tokio::join!(copy(0), copy(1));
    (each * BATCH * PARTITIONS) as f64 / start.elapsed().as_secs_f64()
}
