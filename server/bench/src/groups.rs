//! The operator's page in a large installation: what observing takes of a core while a thousand groups move, and how long
//! the page of ten thousand takes, at the server and in a browser.

use crate::{
    Failure, asking, cpu,
    observing::{self, PARTITIONS, TOPICS},
    ready::{self, Weir},
};
use krafka::{Kafka as Client, Record, producer::Acks};
use std::{
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};
use weir_testkit::{Kafka, KafkaOptions, Postgres, PostgresOptions, PrivateDir};

const MOVING: usize = 1_000;
const SHOWN: usize = 10_000;
/// What is observed, at the usual interval.
const SPAN: Duration = Duration::from_secs(60);
const EVERY_S: u64 = 10;
/// Seldom enough that nothing is observed within the span.
const NEVER_S: u64 = 300;
const ASKED: usize = 50;

pub async fn report(weir: &Path) -> Result<(), Failure> {
    let kafka = Kafka::start(KafkaOptions::default())?;
    let client =
        Client::builder(kafka.bootstrap()).client_id("bench-groups").max_in_flight_requests(64).connect().await?;
    observing::lay(&client, MOVING).await?;
    let postgres = Postgres::start(PostgresOptions::durable())?;
    let url = postgres.ensure_database("groups")?;
    let dir = PrivateDir::new("bench")?;
    let sources = format!(
        "[sources.bench]\nkind = \"kafka\"\nenvironment = \"bench\"\nbootstrap = [\"{}\"]\nchannels = [\"none\"]\nstart = \"latest\"\ncapture = \"full\"\nact = \"none\"\n",
        kafka.bootstrap()
    );
    let serve = async |every_s: u64| {
        let settings = format!("lag_every_s = {every_s}\n");
        ready::serve_with(weir, dir.path(), &url, &settings, &sources).await
    };
    let server = serve(EVERY_S).await?;
    let cookie = asking::administrator(weir, dir.path(), &server.address).await?;
    let token = asking::token(&server.address, &cookie).await?;
    told(&server, &token, MOVING).await?;
    let observing = busy(&client, &server, 0).await?;
    drop(server);
    // The same program with the same traffic, which observes next to nothing.
    let server = serve(NEVER_S).await?;
    told(&server, &token, MOVING).await?;
    let idle = busy(&client, &server, 100).await?;
    drop(server);
    println!(
        "observing {MOVING} groups x {PARTITIONS} partitions that move, every {EVERY_S} s: {:.1} % of a core ({:.1} % with all else the server does; goal: 5 %)",
        (observing - idle).max(0.0) * 100.0,
        observing * 100.0
    );

    observing::place(&client, SHOWN, 50).await?;
    let server = serve(EVERY_S).await?;
    told(&server, &token, SHOWN).await?;
    for (what, path) in [
        ("the page of all groups", "/lag"),
        ("sorted by lag", "/lag?sort=lag"),
        ("one that is typed", "/lag?q=group-07321"),
        ("its update", "/api/access/page?address=%2Flag"),
        ("beside it, a page of help", "/help"),
    ] {
        let (mut times, mut size) = (Vec::new(), 0);
        for _ in 0..ASKED {
            let (answer, took) = asking::page(&server.address, &cookie, path).await?;
            size = answer.len();
            times.push(took);
        }
        times.sort_unstable();
        let ms = |i: usize| times.get(i).map_or(0.0, |t| t.as_secs_f64() * 1e3);
        println!(
            "{SHOWN} groups, {what}: median {:.0} ms, p95 {:.0} ms of {ASKED}, {} kB (goal: 100 ms)",
            ms(ASKED / 2),
            ms(ASKED * 95 / 100),
            size / 1_000
        );
    }
    in_browser(&server.address, &cookie)
}

/// Until so many groups are told of, all of them with a standing.
async fn told(server: &Weir, token: &str, groups: usize) -> Result<(), Failure> {
    let limit = Instant::now() + Duration::from_secs(120);
    loop {
        let answer = asking::rest(&server.address, token, "/api/v1/groups?most=1").await?;
        if answer["matching"].as_u64() == Some(groups as u64) {
            return Ok(());
        }
        if Instant::now() > limit {
            return Err(format!("{groups} groups are not told of, but {}", answer["matching"]).into());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Events come in and groups read them; the part of a core that the server takes.
async fn busy(client: &Client, server: &Weir, from: i64) -> Result<f64, Failure> {
    let producer = client.producer().acks(Acks::All).linger(Duration::from_millis(20)).build().await?;
    let (begun, before) = (Instant::now(), cpu::seconds(server.child.pid()));
    let mut round = from;
    while begun.elapsed() < SPAN {
        let next = tokio::time::Instant::now() + Duration::from_secs(5);
        let mut waiting = Vec::new();
        for topic in 0..TOPICS {
            for partition in 0..PARTITIONS {
                let record = Record::new(observing::topic(topic), &b"{}"[..]).partition(partition);
                waiting.push(producer.enqueue(record).await?);
            }
        }
        for sent in waiting {
            let _placed = sent.await?;
        }
        observing::place(client, MOVING, round).await?;
        round += 1;
        tokio::time::sleep_until(next).await;
    }
    let part = (cpu::seconds(server.child.pid()) - before) / begun.elapsed().as_secs_f64();
    producer.close().await?;
    Ok(part)
}

/// Typing, sorting and moving through rows while the page keeps up, in a real browser.
fn in_browser(address: &str, cookie: &str) -> Result<(), Failure> {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../end2end");
    if !dir.join("node_modules").is_dir() {
        println!("not measured in a browser: what the browser tests need is not installed (`make test` does)");
        return Ok(());
    }
    let done = Command::new("node").current_dir(dir).args(["measure/groups.mjs", address, cookie]).status()?;
    if done.success() { Ok(()) } else { Err("the browser measured nothing".into()) }
}
