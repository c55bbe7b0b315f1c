//! `make run`: private brokers and database that keep their data, the shop, and the server; one Ctrl-C ends them all.

use crate::{Failure, config, say};
use nix::sys::signal::Signal;
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tokio::signal::unix::{SignalKind, signal};
use weir_testkit::{Child, Kafka, KafkaOptions, Postgres, PostgresOptions, PrivateDir, Spec, free_port};

/// How the demo is to be run.
pub struct Plan {
    /// Where everything is kept between runs.
    pub data: PathBuf,
    /// The server's binary.
    pub weir: PathBuf,
    /// Port of the console; 0 for any.
    pub port: u16,
    /// Orders per second, on average.
    pub rate: f64,
}

/// The longest that the server may take to get ready.
const LIMIT: Duration = Duration::from_secs(60);

/// A shop that ended is not started again sooner than this after its last start.
const REOPEN_AFTER: Duration = Duration::from_secs(5);

/// Runs until it is told to stop, or until the server ends by itself.
pub async fn run(plan: Plan) -> Result<(), Failure> {
    let mut stop = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let dir = PrivateDir::kept(&plan.data)?;
    let _alone = alone(dir.path())?;
    let begun = Instant::now();
    let postgres = say::step("PostgreSQL", || {
        Ok::<_, Failure>(Postgres::start(PostgresOptions {
            data: Some(dir.path().join("postgres")),
            ..PostgresOptions::durable()
        })?)
    })?;
    let database = postgres.ensure_database("weir")?;
    // Without a broker the console still opens, and says what is missing.
    let kafka = say::step("Kafka", || {
        let options = KafkaOptions { data: Some(dir.path().join("kafka")), ..KafkaOptions::default() };
        Kafka::start(
            options
                .with("log.retention.hours", "24")
                .with("log.retention.bytes", "67108864")
                .with("log.segment.bytes", "16777216"),
        )
    });
    let bootstrap = match &kafka {
        Ok(broker) => Some(broker.bootstrap()),
        Err(why) => {
            say::line(&format!("Kafka is skipped: it can't be had on this machine ({why})."));
            None
        }
    };
    let mut workload = bootstrap.as_deref().map(|b| workload(b, &plan, dir.path())).transpose()?;
    let port = free_port((plan.port != 0).then_some(plan.port))?;
    let file = dir.path().join("weir.toml");
    write_secret(&dir.path().join("database-url"), &database)?;
    fs::write(&file, config::text(port, bootstrap.as_deref()))?;
    let weir = fs::canonicalize(&plan.weir)
        .map_err(|e| format!("the server is missing at {}: {e}; build it first", plan.weir.display()))?;
    let server = say::step("Weir", || serve(&weir, &file, dir.path(), port))?;
    announce(&weir, &file, port, bootstrap.as_deref(), begun)?;

    let mut opened = Instant::now();
    let mut tick = tokio::time::interval(Duration::from_millis(250));
    loop {
        tokio::select! {
            _ = stop.0.recv() => break,
            _ = stop.1.recv() => break,
            _ = tick.tick() => {
                if server.exited().is_some() {
                    return Err(format!("the server ended:\n{}", server.log_tail()).into());
                }
                // A shop that lost its broker (somebody tries out what happens then) opens again.
                if let (Some(shop), Some(b)) = (&mut workload, &bootstrap)
                    && shop.exited().is_some()
                    && opened.elapsed() > REOPEN_AFTER
                {
                    *shop = self::workload(b, &plan, dir.path())?;
                    opened = Instant::now();
                }
            },
        }
    }
    say::line("Stopping …");
    server.stop(Duration::from_secs(10));
    Ok(())
}

/// Two demos in one directory would fight over its data.
fn alone(dir: &Path) -> Result<fs::File, Failure> {
    let file = fs::File::create(dir.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => {
            Err(format!("a demo runs already in {}: stop it first, or choose another --data", dir.display()).into())
        }
        Err(fs::TryLockError::Error(e)) => Err(e.into()),
    }
}

/// The address holds the database's password.
fn write_secret(path: &Path, text: &str) -> Result<(), Failure> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let mut file = fs::File::options().create(true).write(true).truncate(true).mode(0o600).open(path)?;
    Ok(file.write_all(text.as_bytes())?)
}

/// The shop as a process of its own, so that it is as real to the server as any other.
fn workload(bootstrap: &str, plan: &Plan, dir: &Path) -> Result<Child, Failure> {
    let rate = plan.rate.to_string();
    let args = ["workload", "--bootstrap", bootstrap, "--rate", &rate];
    Ok(Child::spawn(Spec::new("workload", std::env::current_exe()?, dir).args(args))?)
}

fn serve(weir: &Path, config: &Path, dir: &Path, port: u16) -> Result<Child, Failure> {
    let mut spec = Spec::new("weir", weir, dir).args(["serve", "--config"]).args([config]);
    for name in ["WEIR_LOG", "WEIR_LOG_FORMAT", "RUST_LOG", "RUST_BACKTRACE"] {
        if let Some(value) = std::env::var_os(name) {
            spec = spec.env(name, value);
        }
    }
    spec.stop_signal = Signal::SIGTERM;
    let child = Child::spawn(spec)?;
    child.await_ready(LIMIT, || ready(port))?;
    Ok(child)
}

/// Does `GET /readyz` answer 200?
fn ready(port: u16) -> bool {
    use std::{
        io::{Read, Write},
        net::TcpStream,
    };
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    let ask = format!("GET /readyz HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n");
    let mut answer = [0; 12];
    stream.set_read_timeout(Some(Duration::from_secs(2))).is_ok()
        && stream.write_all(ask.as_bytes()).is_ok()
        && stream.read_exact(&mut answer).is_ok()
        && answer.ends_with(b"200")
}

fn announce(weir: &Path, config: &Path, port: u16, bootstrap: Option<&str>, begun: Instant) -> Result<(), Failure> {
    let link = std::process::Command::new(weir).args(["admin-link", "--config"]).arg(config).output()?;
    let link = String::from_utf8_lossy(&link.stdout).trim().to_owned();
    say::line(&format!("\nReady after {:.1} s.", begun.elapsed().as_secs_f64()));
    if let Some(bootstrap) = bootstrap {
        say::line(&format!("  Kafka:    {bootstrap}"));
    }
    say::line(&format!("  Console:  http://127.0.0.1:{port}/"));
    if link.contains("/setup#token=") {
        say::line(&format!("  Create the first administrator (once, within 15 minutes):\n  {link}"));
    } else if !link.is_empty() {
        say::line(&format!("  {link}"));
    }
    say::line("  Ctrl-C stops everything and keeps the data.\n");
    Ok(())
}
