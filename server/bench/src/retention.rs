//! What it costs to drop a bucket of a million events while capture goes on and somebody is in the middle of a long search.

use crate::Failure;
use sqlx::{Connection as _, PgConnection};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use weir_domain::{
    PartitionId, Position, Timestamp,
    capture::{
        Begin, CaptureBatch, CapturedEvent, Cursor, EventLog as _, Fence, Incarnation, Maintenance as _,
        NewIncarnation, Shares as _, TapCatalog as _, TimeKind, WantedEnvironment, WantedSource,
    },
};
use weir_store::{Store, StoreOptions};
use weir_testkit::{Postgres, PostgresOptions};

const EVENTS: i64 = 1_000_000;
const BATCH: i64 = 12_000;
const DAY: i64 = 86_400;

pub async fn report() -> Result<(), Failure> {
    let postgres = Postgres::start(PostgresOptions::durable())?;
    let url = postgres.ensure_database("retention")?;
    let store = Store::connect(&url, StoreOptions::default()).await?;
    store.migrate().await?;
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
    let sources = store.put_sources(&[environment], &[source]).await?;
    let source = sources.first().ok_or("no source was made")?.1;
    let fence = Fence::Finder(store.join(source, "bench", 3_600_000).await?);
    let channel = store.put_channel(source, "orders").await?;
    let new = NewIncarnation {
        fence,
        channel,
        number: 0,
        incarnation: Incarnation(vec![1]),
        begin: Begin::Configured,
        replaces: None,
    };
    let partition = store.open_incarnation(&new).await?.ok_or("no partition was opened")?.open.id;
    let now = now()?;
    // Past the retention of payloads and of rows.
    let old = now.plus_secs(-40 * DAY);
    let mut next = 0;
    while next < EVENTS {
        store.append(&batch(partition, next, old)).await?;
        next += BATCH;
    }
    let mut search = PgConnection::connect(&url).await?;
    // A search that holds its lock on every bucket, as the longest of pages may: 10 s.
    sqlx::raw_sql("begin; select count(*) from event_span").execute(&mut search).await?;
    let (stop, mut stopped) = tokio::sync::oneshot::channel::<()>();
    let capture = {
        let (store, mut next) = (store.clone(), next);
        tokio::spawn(async move {
            let mut slowest = Duration::ZERO;
            while matches!(stopped.try_recv(), Err(tokio::sync::oneshot::error::TryRecvError::Empty)) {
                let begun = Instant::now();
                store.append(&batch(partition, next, now)).await?;
                slowest = slowest.max(begun.elapsed());
                next += BATCH;
            }
            Ok::<_, weir_domain::StoreError>(slowest)
        })
    };
    let begun = Instant::now();
    let held = store.retire_buckets(now).await?;
    println!(
        "retention beside a search that holds on: {} buckets dropped, {} left for the next run, after {:.1} s",
        held.dropped,
        held.deferred,
        begun.elapsed().as_secs_f64()
    );
    sqlx::raw_sql("rollback").execute(&mut search).await?;
    let begun = Instant::now();
    let done = store.retire_buckets(now).await?;
    let took = begun.elapsed();
    drop(stop);
    let slowest = capture.await??;
    println!(
        "retention of {EVENTS} events: {} buckets dropped in {:.0} ms (goal 1 s); the slowest append of {BATCH} events meanwhile took {:.0} ms",
        done.dropped,
        took.as_secs_f64() * 1e3,
        slowest.as_secs_f64() * 1e3
    );
    if done.deferred > 0 || held.dropped + done.dropped == 0 {
        return Err(format!("{done:?} after {held:?}").into());
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a measurement by the real clock")]
fn now() -> Result<Timestamp, Failure> {
    Ok(Timestamp(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros())?))
}

fn batch(partition: PartitionId, first: i64, captured_at: Timestamp) -> CaptureBatch {
    let cursor = |at: i64| Cursor(at.to_be_bytes().to_vec());
    let event = |position: i64| CapturedEvent {
        position: Position(position),
        time_kind: TimeKind::Create,
        broker_ms: Some(captured_at.millis()),
        ce_time: None,
        event_type: "order.placed".into(),
        key: Some(format!("ord-{position}").into_bytes()),
        headers: Vec::new(),
        payload: Some(format!("{{\"order\":\"ord-{position}\",\"pad\":\"{}\"}}", "x".repeat(500)).into_bytes()),
        withheld: None,
        possible_duplicate: false,
    };
    CaptureBatch {
        partition,
        expected: (first > 0).then(|| cursor(first)),
        next: cursor(first + BATCH),
        next_position: Some(Position(first + BATCH)),
        captured_at,
        events: (first..first + BATCH).map(event).collect(),
        gaps: Vec::new(),
        broker_bytes: 0,
        end: None,
        held: None,
    }
}
