//! The command line.

use std::{
    io::{Write as _, stderr, stdout},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};

use crate::{
    commands::{admin_link, adopt, check, migrate, serve},
    config::{self, Loaded},
    logs,
};

/// A console for systems that talk through events.
#[derive(Debug, Parser)]
#[command(name = "weir", version, about, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the console and tap the sources
    Serve(File),
    /// Say everything that is wrong in a configuration
    Check(File),
    /// Print the one-time link that creates the first administrator
    AdminLink(File),
    /// Bring the database's schema to what this program knows
    Migrate(File),
    /// Make this installation the one that reads, after its database was copied or restored
    Adopt(File),
    /// Print a configuration with every key explained
    Example,
}

#[derive(Debug, Args)]
struct File {
    /// The configuration
    #[arg(long, value_name = "FILE", env = "WEIR_CONFIG", default_value = "weir.toml")]
    config: PathBuf,
}

/// What a command tells when it can't do its work.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Serve(file) => serve(&file),
        Command::Check(file) => {
            config::load(&file.config).map_err(Into::into).and_then(|l| check::run(&file.config, &l))
        }
        Command::AdminLink(file) => one(&file, |loaded| async move { admin_link::run(&loaded.config).await }),
        Command::Migrate(file) => one(&file, |loaded| async move { migrate::run(&loaded.config).await }),
        Command::Adopt(file) => one(&file, |loaded| async move { adopt::run(&loaded.config).await }),
        Command::Example => stdout().write_all(include_bytes!("../weir.example.toml")).map_err(Into::into),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            let _ = writeln!(stderr(), "{}", why.to_string().trim_end());
            ExitCode::FAILURE
        }
    }
}

fn serve(file: &File) -> Result<(), Failure> {
    logs::begin();
    let loaded = config::load(&file.config)?;
    for (variable, near) in &loaded.near_misses {
        tracing::warn!(variable, near, "this variable means nothing here; perhaps the other one was meant");
    }
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve::run(loaded.config))
}

/// A short command that talks to the database and ends.
fn one<F: Future<Output = Result<(), Failure>>>(file: &File, run: impl FnOnce(Loaded) -> F) -> Result<(), Failure> {
    let loaded = config::load(&file.config)?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run(loaded))
}

/// Says something on the standard output.
pub fn say(text: &str) -> Result<(), Failure> {
    Ok(writeln!(stdout(), "{text}")?)
}
