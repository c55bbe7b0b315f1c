use crate::{Failure, cpu};
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use weir_testkit::{Child, Postgres, PostgresOptions, PrivateDir, Spec, free_port};

/// A running server.
pub struct Weir {
    pub child: Child,
    /// Host and port.
    pub address: String,
    pub started_in: Duration,
}

/// Writes a configuration and starts `weir serve`; returns when `/readyz` says yes.
pub async fn serve(weir: &Path, dir: &Path, database: &str, sources: &str) -> Result<Weir, Failure> {
    serve_with(weir, dir, database, "", sources).await
}

/// With settings that stand above all tables.
pub async fn serve_with(
    weir: &Path,
    dir: &Path,
    database: &str,
    settings: &str,
    sources: &str,
) -> Result<Weir, Failure> {
    let port = free_port(None)?;
    // Secrets don't stand in a configuration: the address holds the database's password.
    std::fs::write(dir.join("database-url"), database)?;
    let config: PathBuf = dir.join("weir.toml");
    std::fs::write(
        &config,
        format!(
            "listen = \"127.0.0.1:{port}\"\ndatabase_url_file = \"database-url\"\n{settings}\n[environments.bench]\nkind = \"other\"\n\n{sources}"
        ),
    )?;
    let address = format!("127.0.0.1:{port}");
    let spec =
        Spec::new("weir", std::fs::canonicalize(weir)?, dir).inherit_env().args(["serve", "--config"]).args([config]);
    let begun = Instant::now();
    let child = Child::spawn(spec)?;
    let limit = begun + Duration::from_secs(60);
    while !answers_ready(&address).await {
        if child.exited().is_some() || Instant::now() > limit {
            return Err(format!("the server did not get ready:\n{}", child.log_tail()).into());
        }
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    Ok(Weir { child, address, started_in: begun.elapsed() })
}

async fn answers_ready(address: &str) -> bool {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let Ok(mut stream) = tokio::net::TcpStream::connect(address).await else { return false };
    let ask = format!("GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    let mut answer = [0; 12];
    stream.write_all(ask.as_bytes()).await.is_ok()
        && stream.read_exact(&mut answer).await.is_ok()
        && answer.ends_with(b"200")
}

/// Start to ready with the database up and migrated, and resident memory after ten idle seconds.
pub async fn report(weir: &Path) -> Result<(), Failure> {
    let postgres = Postgres::start(PostgresOptions::durable())?;
    let database = postgres.ensure_database("bench_ready")?;
    let dir = PrivateDir::new("bench")?;
    drop(serve(weir, dir.path(), &database, "").await?);
    let mut times = Vec::new();
    let mut last = None;
    for _ in 0..7 {
        drop(last.take());
        let server = serve(weir, dir.path(), &database, "").await?;
        times.push(server.started_in.as_millis());
        last = Some(server);
    }
    times.sort_unstable();
    println!("start to ready: median {} ms of 7 (goal 300 ms)", times[times.len() / 2]);
    if let Some(server) = last {
        // Idle is a state over time, not an event to wait for.
        tokio::time::sleep(Duration::from_secs(10)).await;
        let (now, peak) = cpu::resident_mb(server.child.pid());
        println!("idle memory: {now:.0} MB resident, {peak:.0} MB at its highest (goal 60 MB)");
    }
    Ok(())
}
