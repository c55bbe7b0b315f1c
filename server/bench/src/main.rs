//! `make bench`: each headline figure beside its baseline in the same minute, on this machine.
//! Absolute times mislead on a noisy machine; the ratio is the figure.
#![expect(clippy::print_stdout, reason = "a report for a person")]

mod asking;
mod bundle;
mod capture;
mod copy_baseline;
mod cpu;
mod delay;
mod events;
mod groups;
mod lag;
mod observing;
mod ready;
mod retention;
mod search;
mod time_lag;
mod topic;

use clap::{Parser, ValueEnum};
use std::path::PathBuf;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Figure {
    /// Start and idle memory.
    Ready,
    Retention,
    Delay,
    /// How far ten thousand consumer groups are.
    Observing,
    /// What observing a thousand groups takes of a core, and the page of ten thousand.
    Groups,
    /// How near the time lag is to the producer's own log.
    TimeLag,
    /// Capture, and searches over what was captured.
    Capture,
    /// Forecasts of consumer lag.
    Lag,
}

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
    /// Forecasts of lag over the seeds that they are tuned on, 1 to 20, instead of those that are reported.
    #[arg(long)]
    tuning: bool,
    /// Only these.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Figure>,
    /// Of this database, the memory that one search takes: called by the searches' own measurement, in a process that has
    /// held nothing yet.
    #[arg(long, hide = true, requires = "query")]
    search_memory: Option<String>,
    #[arg(long, hide = true)]
    query: Option<String>,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let args = Args::parse();
    if let (Some(url), Some(query)) = (&args.search_memory, &args.query) {
        return search::memory(url, query).await;
    }
    println!("machine: {} cores, {}", cpu::cores(), cpu::model());
    println!("command: weir-bench --events {} --seed {} --rounds {}", args.events, args.seed, args.rounds);
    let wanted = |figure| args.only.is_empty() || args.only.contains(&figure);
    if wanted(Figure::Lag) {
        lag::report(&if args.tuning { 1..=20 } else { 101..=120 });
    }
    if wanted(Figure::Ready) {
        bundle::report(&args.site)?;
        ready::report(&args.weir).await?;
    }
    if wanted(Figure::Retention) {
        retention::report().await?;
    }
    if wanted(Figure::Delay) {
        delay::report(&args.weir).await?;
    }
    if wanted(Figure::Observing) {
        observing::report().await?;
    }
    if wanted(Figure::Groups) {
        groups::report(&args.weir).await?;
    }
    if wanted(Figure::TimeLag) {
        time_lag::report(&args.weir, args.seed).await?;
    }
    if wanted(Figure::Capture) {
        capture::report(&args.weir, args.events, args.seed, args.rounds).await?;
    }
    Ok(())
}
