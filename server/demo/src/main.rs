//! The demo: a small shop on real brokers, and Weir beside it. What `make run` starts.

mod config;
mod groups;
mod numbered;
mod own;
mod private;
mod run;
mod say;
mod secured;
mod send;
mod server;
mod shop;

use clap::{Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode};

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

#[derive(Parser)]
#[command(about = "Starts private brokers, a database, a small shop and Weir; Ctrl-C ends them all")]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Where brokers and database keep their data between runs.
    #[arg(long, default_value = ".weir/demo")]
    data: PathBuf,
    /// The server's binary; beside this one if not given.
    #[arg(long)]
    weir: Option<PathBuf>,
    /// Port of the console, or the next free one; 0 for any.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Orders per second, on average.
    #[arg(long, default_value_t = 8.0)]
    rate: f64,
}

#[derive(Subcommand)]
enum Command {
    /// Weir on your own configuration, without the demo; with a private database if it names none.
    Serve {
        #[arg(long)]
        config: PathBuf,
    },
    /// A broker with TLS, sign-in and rights, to try adding a source on.
    Secured,
    /// Only the shop, against a broker that runs already.
    Workload {
        #[arg(long)]
        bootstrap: String,
        /// Orders per second, on average.
        #[arg(long, default_value_t = 8.0)]
        rate: f64,
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Numbered events and a log of the acknowledged ones, for crash campaigns.
    Numbered {
        #[arg(long)]
        bootstrap: String,
        #[arg(long)]
        topic: String,
        /// The topic is made with so many partitions if it is not there.
        #[arg(long, default_value_t = 6)]
        partitions: i32,
        #[arg(long)]
        count: u64,
        #[arg(long)]
        log: PathBuf,
    },
    /// Consumer groups that stand somewhere, on a topic of their own.
    Groups {
        #[arg(long)]
        bootstrap: String,
        #[arg(long)]
        topic: String,
        #[arg(long, default_value_t = 1)]
        partitions: i32,
        #[arg(long)]
        retention_ms: Option<i64>,
        /// Events sent to each partition before.
        #[arg(long, default_value_t = 0)]
        events: u32,
        /// How old these say they are.
        #[arg(long, default_value_t = 0)]
        age_s: u64,
        #[arg(long)]
        group: String,
        /// More than one are numbered.
        #[arg(long, default_value_t = 1)]
        count: usize,
        /// Position of each partition; the end if not given.
        #[arg(long)]
        at: Option<i64>,
    },
    /// One event by hand.
    Send {
        #[arg(long)]
        bootstrap: String,
        #[arg(long)]
        topic: String,
        #[arg(long)]
        key: String,
        #[arg(long, required_unless_present = "payload_hex", conflicts_with = "payload_hex")]
        payload: Option<String>,
        /// The payload's bytes, two hex digits each.
        #[arg(long, value_parser = send::bytes)]
        payload_hex: Option<send::Bytes>,
        /// `name=value`, repeatable.
        #[arg(long)]
        header: Vec<String>,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    match act(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say::line(&format!("\n{failure}"));
            ExitCode::FAILURE
        }
    }
}

async fn act(args: Args) -> Result<(), Failure> {
    match args.command {
        Some(Command::Workload { bootstrap, rate, seed }) => shop::run(&bootstrap, rate, seed).await,
        Some(Command::Secured) => secured::run().await,
        Some(Command::Numbered { bootstrap, topic, partitions, count, log }) => {
            shop::declare(&bootstrap, &[(&topic, partitions)]).await?;
            numbered::run(&bootstrap, &topic, count, &log).await
        }
        Some(Command::Send { bootstrap, topic, key, payload, payload_hex, header }) => {
            let payload = payload_hex.map(|hex| hex.0).or(payload.map(String::into_bytes)).unwrap_or_default();
            send::run(&bootstrap, &topic, &key, payload, &header).await
        }
        Some(Command::Groups { bootstrap, topic, partitions, retention_ms, events, age_s, group, count, at }) => {
            let age = std::time::Duration::from_secs(age_s);
            let wanted = groups::Wanted { topic, partitions, retention_ms, events, age, group, count, at };
            groups::run(&bootstrap, &wanted).await
        }
        Some(Command::Serve { config }) => {
            own::run(&config, &args.data.with_file_name("own"), server::program(args.weir.as_deref())?).await
        }
        None => {
            let weir = server::program(args.weir.as_deref())?;
            run::run(run::Plan { data: args.data, weir, port: args.port, rate: args.rate }).await
        }
    }
}
