//! `make run`: private brokers and database that keep their data, the shop, and the server; one Ctrl-C ends them all.

use crate::{Failure, config, private, say, server::Server};
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tokio::signal::unix::{SignalKind, signal};
use weir_testkit::{Child, Kafka, KafkaOptions, PrivateDir, Spec, free_port};

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

/// A shop that ended is not started again sooner than this after its last start.
const REOPEN_AFTER: Duration = Duration::from_secs(5);

/// Runs until it is told to stop, or until the server ends by itself.
pub async fn run(plan: Plan) -> Result<(), Failure> {
    let mut stop = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let dir = PrivateDir::kept(&plan.data)?;
    let _alone = private::alone(dir.path())?;
    let begun = Instant::now();
    let (_postgres, database) = private::database(dir.path())?;
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
            let why = why.to_string();
            let why = why.lines().next().unwrap_or_default();
            say::line(&format!("Kafka is skipped: it can't be had on this machine ({why})."));
            None
        }
    };
    let mut workload = bootstrap.as_deref().map(|b| workload(b, &plan, dir.path())).transpose()?;
    let address = SocketAddr::from(([127, 0, 0, 1], free_port((plan.port != 0).then_some(plan.port))?));
    let config = dir.path().join("weir.toml");
    private::write_secret(&dir.path().join("database-url"), &database)?;
    private::secrets_key(&plan.weir, &dir.path().join("secrets.key"))?;
    fs::write(&config, config::text(address, bootstrap.as_deref()))?;
    // The demo is the same whatever the person's own Weir is told by variables; how to log they may say.
    let logging = |name: &&str| name.starts_with("WEIR_LOG") || name.starts_with("RUST_");
    let env = std::env::vars_os().filter(|(name, _)| name.to_str().as_ref().is_some_and(logging)).collect();
    let log = Some(dir.path().join("weir.log"));
    let server = Server { weir: plan.weir.clone(), config, dir: dir.path().to_owned(), env, log };
    let weir = say::step("Weir", || server.start(address))?;
    say::line(&format!("\nReady after {:.1} s.", begun.elapsed().as_secs_f64()));
    if let Some(bootstrap) = &bootstrap {
        say::line(&format!("  Kafka:    {bootstrap}"));
    }
    say::line(&format!("  Console:  http://{address}/"));
    server.tell_link()?;
    say::line("  Ctrl-C stops everything and keeps the data.\n");

    let mut opened = Instant::now();
    let mut tick = tokio::time::interval(Duration::from_millis(250));
    loop {
        tokio::select! {
            _ = stop.0.recv() => break,
            _ = stop.1.recv() => break,
            _ = tick.tick() => {
                if weir.exited().is_some() {
                    return Err(format!("the server ended:\n{}", weir.log_tail()).into());
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
    weir.stop(Duration::from_secs(12));
    Ok(())
}

/// The shop as a process of its own, so that it is as real to the server as any other.
fn workload(bootstrap: &str, plan: &Plan, dir: &Path) -> Result<Child, Failure> {
    let rate = plan.rate.to_string();
    let args = ["workload", "--bootstrap", bootstrap, "--rate", &rate];
    Ok(Child::spawn(Spec::new("workload", std::env::current_exe()?, dir).args(args))?)
}
