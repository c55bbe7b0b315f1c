//! What `make` calls: `cargo run -p xtask -- <task>`.
//!
//! It builds the browser bundle, and puts together what cargo, npm and private servers do into `run`, `test`,
//! `lint`, `bench` and `soak`. It leans on few crates, because it is compiled before anything else can start.

mod bench;
mod bundle;
mod command;
mod fuzzer;
mod lint;
mod openapi;
mod place;
mod run;
mod soak;
mod sqlx;
mod stage;
mod tally;
mod test;

use std::process::ExitCode;

/// A failure is said to a person and ends the task: what happened, to what, what to do next.
type Failure = Box<dyn std::error::Error>;
type Result<T> = std::result::Result<T, Failure>;

const USAGE: &str = "usage: cargo run -p xtask -- TASK
  bundle          build the browser bundle into target/site
  run [CONFIG]    build everything and start the demo, or Weir on your own weir.toml
  test            run every test there is
  lint            formatting, clippy, licences, .sqlx, the description of the interface
  sqlx            write .sqlx anew (after a change of a query or a migration)
  openapi         write server/openapi.json anew (after a change of a route under /api/v1)
  bench [ARGS]    run the measurements
  soak [FILTER]   run the long campaigns";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let task = args.first().map(String::as_str);
    let rest = args.get(1..).unwrap_or_default();
    let done = match task {
        Some("bundle") => bundle::build().map(drop),
        Some("run") => run::run(rest.first().map(String::as_str)),
        Some("test") => test::run(),
        Some("lint") => lint::run(),
        Some("sqlx") => sqlx::write(),
        Some("openapi") => openapi::write(),
        Some("bench") => bench::run(rest),
        Some("soak") => soak::run(rest),
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            stage::say(&format!("\n{failure}"));
            ExitCode::FAILURE
        }
    }
}
