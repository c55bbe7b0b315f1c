//! What a good plain program does with the same topic: krafka in, `COPY … BINARY` out, the offset in the same
//! transaction. Nothing is identified, searchable or compressed: a table and its primary key.

use crate::{Failure, topic::PARTITIONS};
use krafka::{
    Kafka,
    consumer::{AutoOffsetReset, ConsumerRecord, IsolationLevel},
};
use sqlx::{Connection, PgConnection};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

const HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const BATCH: usize = 20_000;

/// Reads `count` events into a fresh table; returns the seconds it took, from connect to last commit.
pub async fn run(bootstrap: &str, topic: &str, count: u64, url: &str) -> Result<f64, Failure> {
    let mut session = PgConnection::connect(url).await?;
    for statement in [
        "create table plain(part int not null, off bigint not null, at timestamptz, key bytea, val bytea, primary key (part, off))",
        "create table plain_offset(part int primary key, next bigint not null)",
    ] {
        sqlx::query(statement).execute(&mut session).await?;
    }

    let begun = Instant::now();
    let kafka = Kafka::builder(bootstrap).client_id("bench-plain-copy").connect().await?;
    let consumer = kafka
        .consumer_without_group()
        .auto_offset_reset(AutoOffsetReset::Earliest)
        .isolation_level(IsolationLevel::ReadCommitted)
        .max_poll_records(i32::try_from(BATCH)?)
        .build()
        .await?;
    consumer.assign(topic, (0..PARTITIONS).collect()).await?;
    let mut done = 0u64;
    while done < count {
        let records = consumer.poll(Duration::from_secs(1)).await?;
        if records.is_empty() {
            continue;
        }
        done += records.len() as u64;
        let mut tx = session.begin().await?;
        let mut copy = tx.copy_in_raw("copy plain from stdin (format binary)").await?;
        copy.send(encode(&records)).await?;
        copy.finish().await?;
        let next: BTreeMap<i32, i64> = records.iter().map(|r| (r.partition, r.offset + 1)).collect();
        for (part, next) in next {
            sqlx::query(
                "insert into plain_offset values ($1, $2) on conflict (part) do update set next = excluded.next",
            )
            .bind(part)
            .bind(next)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
    }
    let took = begun.elapsed().as_secs_f64();
    consumer.close().await?;
    Ok(took)
}

/// Binary COPY rows (PostgreSQL manual, "COPY", Binary Format).
fn encode(records: &[ConsumerRecord]) -> Vec<u8> {
    let mut out = Vec::with_capacity(records.len() * 720);
    out.extend_from_slice(HEAD);
    for r in records {
        out.extend_from_slice(&5i16.to_be_bytes());
        field(&mut out, Some(&r.partition.to_be_bytes()));
        field(&mut out, Some(&r.offset.to_be_bytes()));
        // timestamptz is microseconds since 2000-01-01.
        field(&mut out, Some(&(r.timestamp * 1000 - 946_684_800_000_000).to_be_bytes()));
        field(&mut out, r.key.as_deref());
        field(&mut out, r.value.as_deref());
    }
    out.extend_from_slice(&(-1i16).to_be_bytes());
    out
}

fn field(out: &mut Vec<u8>, value: Option<&[u8]>) {
    match value {
        Some(v) => {
            out.extend_from_slice(&i32::try_from(v.len()).unwrap_or(i32::MAX).to_be_bytes());
            out.extend_from_slice(v);
        }
        None => out.extend_from_slice(&(-1i32).to_be_bytes()),
    }
}
