//! The command line.

use std::{
    io::{self, Write as _, stderr, stdout},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use clap::{Args, Parser, Subcommand};

use crate::{
    clock::SystemClock,
    commands::{
        admin_link, adopt, check, doctor::Doctor, estimate, events::Events, keys::Keys, lag::Lag, migrate, secrets_key,
        serve, sources::Sources, verify::Verify,
    },
    config::{self, Loaded},
    ended::{Code, Ended},
    http, logs,
    roles::{Role, Roles},
    telemetry,
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
    Serve(Serve),
    /// Tap the sources together with every other process that does; no console (short for `serve --roles tap`)
    Tap(File),
    /// Say everything that is wrong in a configuration
    Check(File),
    /// Print the one-time link that creates the first administrator, or one for a new password
    AdminLink(AdminLink),
    /// Bring the database's schema to what this program knows, or back to what an older one knew
    Migrate(Migrate),
    /// Make this installation the one that reads, after its database was copied or restored
    Adopt(Adopt),
    /// Ask the brokers what capturing them would cost; stores nothing
    Estimate(EstimateArgs),
    /// Print a configuration with every key explained
    Example,
    #[command(visible_alias = "search")]
    Events(Events),
    Keys(Keys),
    Lag(Lag),
    Sources(Sources),
    Verify(Verify),
    Doctor(Doctor),
    /// Print the description of /api/v1 (OpenAPI)
    Openapi,
    /// Print a new key to seal the secrets of sources made in the browser (secrets_key_file)
    SecretsKey,
}

#[derive(Debug, Args)]
struct AdminLink {
    #[command(flatten)]
    file: File,
    /// Somebody whose password is lost: the present one stops working, and their sessions end
    #[arg(long, value_name = "NAME")]
    login: Option<String>,
}

#[derive(Debug, Args)]
struct File {
    /// The configuration
    #[arg(long, value_name = "FILE", env = "WEIR_CONFIG", default_value = "weir.toml")]
    config: PathBuf,
}

#[derive(Debug, Args)]
pub struct EstimateArgs {
    #[command(flatten)]
    file: File,
    /// Only this source
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// One JSON object per line
    #[arg(long)]
    pub json: bool,
    /// Days that payloads are kept
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=400))]
    pub payload_days: u32,
    /// Days that the rest is kept
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=400))]
    pub metadata_days: u32,
    /// Megabytes read of each source to learn sizes; thrown away
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub sample_mb: u32,
}

#[derive(Debug, Args)]
struct Serve {
    #[command(flatten)]
    file: File,
    /// What this process does: web, tap, engine, separated by commas; all of it if not said
    #[arg(long, value_name = "ROLES", env = "WEIR_ROLES", value_enum, value_delimiter = ',')]
    roles: Vec<Role>,
}

#[derive(Debug, Args)]
struct Adopt {
    #[command(flatten)]
    file: File,
    /// The installation that it was copied from goes on: give this one a name of its own at the brokers
    #[arg(long)]
    as_another: bool,
}

#[derive(Debug, Args)]
struct Migrate {
    #[command(flatten)]
    file: File,
    /// Go back to this schema, for an older program; says what would be taken back
    #[arg(long, value_name = "VERSION")]
    down_to: Option<i64>,
    /// Really take it back, with all that it holds
    #[arg(long, requires = "down_to")]
    yes: bool,
}

/// What a command tells when it can't do its work.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Serve(serve) => run(&serve.file, Roles::of(&serve.roles)),
        Command::Tap(file) => run(&file, Roles::TAP),
        Command::Check(file) => {
            config::load(&file.config).map_err(Into::into).and_then(|l| check::run(&file.config, &l))
        }
        Command::AdminLink(AdminLink { file, login }) => {
            one(&file, |loaded| async move { admin_link::run(&loaded.config, login.as_deref()).await })
        }
        Command::Migrate(Migrate { file, down_to: None, .. }) => {
            one(&file, |loaded| async move { migrate::run(&loaded.config).await })
        }
        Command::Migrate(Migrate { file, down_to: Some(version), yes }) => {
            one(&file, |loaded| async move { migrate::down(&loaded.config, version, yes).await })
        }
        Command::Adopt(Adopt { file, as_another }) => {
            one(&file, |loaded| async move { adopt::run(&loaded.config, as_another).await })
        }
        Command::Events(events) => asking(events.run(&SystemClock)),
        Command::Keys(keys) => asking(keys.run(&SystemClock)),
        Command::Lag(lag) => asking(lag.run()),
        Command::Sources(sources) => asking(sources.run()),
        Command::Verify(verify) => asking(verify.run(&SystemClock)),
        Command::Doctor(doctor) => asking(doctor.run(Arc::new(SystemClock))),
        Command::Openapi => http::openapi_text("")
            .map_err(Into::into)
            .and_then(|text| stdout().write_all(text.as_bytes()).map_err(Into::into)),
        Command::Estimate(args) => config::load_for_brokers(&args.file.config)
            .map_err(Into::into)
            .and_then(|loaded| on_one_thread(async move { estimate::run(&loaded.config, &args).await })),
        Command::SecretsKey => secrets_key::run(),
        Command::Example => stdout().write_all(include_bytes!("../weir.example.toml")).map_err(Into::into),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            let code = code(&why);
            let text = why.to_string();
            if code != Code::Quiet && !text.trim().is_empty() {
                let _ = writeln!(stderr(), "{}", text.trim_end());
            }
            ExitCode::from(code as u8)
        }
    }
}

/// What the shell is told.
fn code(why: &Failure) -> Code {
    if let Some(ended) = why.downcast_ref::<Ended>() {
        return ended.code;
    }
    match why.downcast_ref::<io::Error>() {
        // Whoever read the output has seen enough.
        Some(error) if error.kind() == io::ErrorKind::BrokenPipe => Code::Quiet,
        _ => Code::Failed,
    }
}

/// A command that asks servers, on this thread.
fn asking(run: impl Future<Output = Result<(), Ended>>) -> Result<(), Failure> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run)?)
}

fn run(file: &File, roles: Roles) -> Result<(), Failure> {
    let loaded = config::load(&file.config)?;
    let traces = loaded.config.telemetry.as_ref().map(telemetry::new).transpose();
    let (spans, exporter) = traces.map_err(|why| format!("Traces can't be exported: {why}."))?.unzip();
    logs::begin(spans);
    for (variable, near) in &loaded.near_misses {
        tracing::warn!(variable, near, "this variable means nothing here; perhaps the other one was meant");
    }
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve::run(
        loaded.config,
        roles,
        exporter,
    ))
}

/// A short command that talks to the database and ends.
fn one<F: Future<Output = Result<(), Failure>>>(file: &File, run: impl FnOnce(Loaded) -> F) -> Result<(), Failure> {
    let loaded = config::load(&file.config)?;
    on_one_thread(run(loaded))
}

fn on_one_thread<F: Future<Output = Result<(), Failure>>>(work: F) -> Result<(), Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

/// Says something on the standard output.
pub fn say(text: &str) -> Result<(), Failure> {
    Ok(writeln!(stdout(), "{text}")?)
}
