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
    let (keys, words) = backlog(&mut session).await?;
    println!(
        "  weir: {seconds:.1} s from process start, {:.0} events/s; CPU {tap:.1} s tap + {database:.1} s PostgreSQL; {peak:.0} MB at its highest; not yet indexed: keys of {keys} events, words of {:.0} MB",
        count as f64 / seconds,
        words as f64 / 1e6
    );
    // What is left is less than a segment.
    while let (keys, words) = backlog(&mut session).await?
        && (keys >= 65_536 || words >= 40 << 20)
    {
        if Instant::now() > limit {
            return Err(format!("keys of {keys} events are not indexed:\n{}", server.child.log_tail()).into());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let indexed = begun.elapsed().as_secs_f64();
    let all = cpu::seconds(server.child.pid()) + cpu::seconds(postgres_pid(&postgres)?) - server_cpu;
    let (_, peak) = cpu::resident_mb(server.child.pid());
    let mut sizes = Vec::new();
    for of in ["event_span", "block", "key_segment", "word_segment"] {
        let bytes: i64 = sqlx::query_scalar(
            "select coalesce(sum(pg_total_relation_size(inhrelid)), 0)::bigint from pg_inherits where inhparent = to_regclass($1)",
        )
        .bind(of)
        .fetch_one(&mut session)
        .await?;
        sizes.push((of, bytes as f64 / raw as f64));
    }
    let disk: f64 = sizes.iter().map(|s| s.1).sum();
    let each: Vec<String> = sizes.iter().map(|(of, share)| format!("{of} {share:.3}")).collect();
    println!(
        "  indexed after {indexed:.1} s; CPU {:.1} s per million, all of it; {peak:.0} MB at its highest; disk {disk:.2} of raw: {}",
        all * 1e6 / count as f64,
        each.join(", ")
    );
    let rows: i64 =
        sqlx::query_scalar("select coalesce(sum(events), 0)::bigint from event_span").fetch_one(&mut session).await?;
    if rows as u64 != count {
        return Err(format!("{rows} rows stored, {count} produced").into());
    }
    if ask {
        search::report(&url, postgres_pid(&postgres)?, bootstrap, "bench", count).await?;
    }
    Ok(seconds)
}

/// Events whose keys, and bytes of payload whose words are in no segment yet.
async fn backlog(session: &mut PgConnection) -> Result<(i64, i64), Failure> {
    let keys = sqlx::query_scalar("select coalesce(sum(events), 0)::bigint from event_span where keys_in is null");
    let words = sqlx::query_scalar("select coalesce(sum(raw_bytes), 0)::bigint from block where words_in is null");
    Ok((keys.fetch_one(&mut *session).await?, words.fetch_one(session).await?))
}

fn postgres_pid(postgres: &Postgres) -> Result<i32, Failure> {
    let file = std::fs::read_to_string(postgres.dir().join("data/postmaster.pid"))?;
    Ok(file.lines().next().unwrap_or_default().trim().parse()?)
}
