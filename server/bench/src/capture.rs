use crate::{Failure, copy_baseline, cpu, ready, search, topic};
use sqlx::{Connection, PgConnection};
use std::{
    path::Path,
    time::{Duration, Instant},
};
use weir_testkit::{Kafka, KafkaOptions, Postgres, PostgresOptions, PrivateDir};

/// Kafka to durable and findable, beside the plain COPY program, interleaved round by round.
pub async fn report(weir: &Path, count: u64, seed: u64, rounds: u32) -> Result<(), Failure> {
    let kafka = Kafka::start(KafkaOptions::default())?;
    let raw = topic::fill(&kafka.bootstrap(), "bench", count, seed).await?;
    println!("topic: {count} events, {:.0} MB raw, {} partitions, lz4", raw as f64 / 1e6, topic::PARTITIONS);
    let mut ratios = Vec::new();
    for round in 1..=rounds {
        let plain = {
            let postgres = Postgres::start(PostgresOptions::durable())?;
            let url = postgres.ensure_database("plain")?;
            let seconds = copy_baseline::run(&kafka.bootstrap(), "bench", count, &url).await?;
            println!("round {round}, plain COPY: {seconds:.1} s, {:.0} events/s", count as f64 / seconds);
            seconds
        };
        let captured = capture(weir, &kafka.bootstrap(), count, raw, round == rounds).await?;
        println!("round {round}, ratio: {:.2} times the plain COPY program", plain / captured);
        ratios.push(plain / captured);
    }
    ratios.sort_by(f64::total_cmp);
    println!("capture: median {:.2} times a plain COPY program in the same minute", ratios[ratios.len() / 2]);
    Ok(())
}

async fn capture(weir: &Path, bootstrap: &str, count: u64, raw: u64, ask: bool) -> Result<f64, Failure> {
    let postgres = Postgres::start(PostgresOptions::durable())?;
    let url = postgres.ensure_database("weir")?;
    let dir = PrivateDir::new("bench")?;
    // Migrate first, so that the clock measures capture and not set-up.
    drop(ready::serve(weir, dir.path(), &url, "").await?);
    let sources = format!(
        "[sources.bench]\nkind = \"kafka\"\nenvironment = \"bench\"\nbootstrap = [\"{bootstrap}\"]\nchannels = [\"bench\"]\nstart = \"earliest\"\ncapture = \"full\"\nact = \"none\"\n"
    );
    let server_cpu = cpu::seconds(postgres_pid(&postgres)?);
    let begun = Instant::now();
    let server = ready::serve(weir, dir.path(), &url, &sources).await?;
    let mut session = PgConnection::connect(&url).await?;
    let limit = begun + Duration::from_secs(600);
    loop {
        let stored: i64 = sqlx::query_scalar("select coalesce(sum(events), 0)::bigint from partition_minute")
            .fetch_one(&mut session)
            .await?;
        if stored as u64 >= count {
            break;
        }
        if Instant::now() > limit {
            return Err(
                format!("only {stored} of {count} stored after 10 minutes:\n{}", server.child.log_tail()).into()
            );
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let tap = cpu::seconds(server.child.pid());
    let database = cpu::seconds(postgres_pid(&postgres)?) - server_cpu;
    let (_, peak) = cpu::resident_mb(server.child.pid());
    let rows: i64 = sqlx::query_scalar("select count(*) from event").fetch_one(&mut session).await?;
    let disk: i64 = sqlx::query_scalar(
        "select sum(pg_total_relation_size(inhrelid))::bigint from pg_inherits where inhparent in ('event'::regclass, 'block'::regclass)",
    )
    .fetch_one(&mut session)
    .await?;
    println!(
        "  weir: {seconds:.1} s from process start, {:.0} events/s; CPU {tap:.1} s tap + {database:.1} s PostgreSQL; {peak:.0} MB at its highest; {:.0} MB on disk ({:.2} of raw)",
        count as f64 / seconds,
        disk as f64 / 1e6,
        disk as f64 / raw as f64
    );
    if rows as u64 != count {
        return Err(format!("{rows} rows stored, {count} produced").into());
    }
    if ask {
        search::report(&url, postgres_pid(&postgres)?, bootstrap, "bench", count).await?;
    }
    Ok(seconds)
}

fn postgres_pid(postgres: &Postgres) -> Result<i32, Failure> {
    let file = std::fs::read_to_string(postgres.dir().join("data/postmaster.pid"))?;
    Ok(file.lines().next().unwrap_or_default().trim().parse()?)
}
