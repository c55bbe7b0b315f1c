//! `make bench`: each headline figure beside its baseline in the same minute, on this machine.
//! Absolute times mislead on a noisy machine; the ratio is the figure.
#![expect(clippy::print_stdout, reason = "a report for a person")]

mod bundle;
mod capture;
mod copy_baseline;
mod cpu;
mod delay;
mod events;
mod ready;
mod retention;
mod search;
mod topic;

use clap::Parser;
use std::path::PathBuf;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[derive(Parser)]
struct Args {
    /// The server's binary, built with `--release`.
    #[arg(long, default_value = "target/release/weir")]
    weir: PathBuf,
    /// The browser bundle as `xtask bundle` wrote it.
    #[arg(long, default_value = "target/site")]
    site: PathBuf,
    /// Events in the topic.
    #[arg(long, default_value_t = 1_000_000)]
    events: u64,
    /// Seed of the generated events; reported figures use 101 to 120.
    #[arg(long, default_value_t = 101)]
    seed: u64,
    /// Rounds of baseline and capture, interleaved.
    #[arg(long, default_value_t = 3)]
    rounds: u32,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let args = Args::parse();
    println!("machine: {} cores, {}", cpu::cores(), cpu::model());
    println!("command: weir-bench --events {} --seed {} --rounds {}", args.events, args.seed, args.rounds);
    bundle::report(&args.site)?;
    ready::report(&args.weir).await?;
    retention::report().await?;
    delay::report(&args.weir).await?;
    capture::report(&args.weir, args.events, args.seed, args.rounds).await
}
