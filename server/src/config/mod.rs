//! `weir.toml`: read once at start, every mistake told at once.
//!
//! Any key can be stood over by a variable: `listen` by `WEIR_LISTEN`, `sources.shop.bootstrap` by
//! `WEIR_SOURCES__SHOP__BOOTSTRAP`. Secrets come from variables or files only. Keys that mean nothing are mistakes.

mod audit;
mod connection;
mod environment;
mod files;
mod limits;
mod mistake;
mod public_url;
mod root;
mod secret;
mod section;
mod source;
mod suggest;
mod surroundings;
mod telemetry;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
};

pub use weir_broker::Network;
use weir_broker::Secret;

use crate::vault::SecretKey;

pub use audit::Audit;
pub use environment::{COLOURS, Environment};
pub use files::{CredentialFiles, database_url_of};
pub use limits::Limits;
pub use mistake::{Mistake, Mistakes, Place};
pub use public_url::PublicUrl;
pub use source::{Source, Start};
pub(crate) use suggest::nearest;
pub use surroundings::Surroundings;
pub use telemetry::Telemetry;

/// A configuration without mistakes.
#[derive(Debug, Clone)]
pub struct Config {
    pub listen: SocketAddr,
    /// Where a process without a console says whether it lives.
    pub health_listen: Option<SocketAddr>,
    pub public_url: Option<PublicUrl>,
    /// Proxies that may say for whom they ask; `None` if nothing is said about any.
    pub trusted_proxies: Option<Vec<Network>>,
    pub database_url: Secret,
    /// The file that `database_url` came from; it is read again when it changes.
    pub database_url_file: Option<PathBuf>,
    /// Where the figures are served, if anywhere, and how many channels are counted by name.
    pub metrics_listen: Option<SocketAddr>,
    pub metrics_channels: usize,
    /// How many consumer groups are told by name, and under which other exporters' names besides.
    pub metrics_groups: u32,
    pub metrics_lag_names: Vec<crate::metrics::LagNames>,
    /// The most bytes that captured events may take; `None`: it is set in the browser.
    pub store_budget: Option<u64>,
    /// Seconds between two observations of the groups of a source.
    pub lag_every_s: u32,
    pub telemetry: Option<Telemetry>,
    pub state_file: PathBuf,
    /// No write to any broker, whatever sources and roles say.
    pub read_only: bool,
    pub audit: Audit,
    /// Addresses that sources made in the browser may use though they are near this server.
    pub allow_addresses: Vec<Network>,
    /// Seal secrets of sources made in the browser: the first one; the others still open what they sealed.
    pub secrets_keys: Vec<SecretKey>,
    pub limits: Limits,
    pub environments: Vec<Environment>,
    pub sources: Vec<Source>,
}

impl Config {
    /// Where a browser on this machine finds the server.
    pub fn base_url(&self) -> String {
        self.public_url.as_ref().map_or_else(|| format!("http://{}", self.listen), ToString::to_string)
    }
}

/// What reading a file gave: a configuration, and variables that look like misspelt overrides.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub config: Config,
    /// The variable, and the one it may stand for.
    pub near_misses: BTreeMap<String, String>,
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error(
        "The configuration {} cannot be read: {why}.\nName one with --config, or start from the example: weir example > weir.toml",
        file.display()
    )]
    Unreadable { file: PathBuf, why: std::io::Error },
    #[error("{0}")]
    Mistakes(#[from] Mistakes),
}

/// Reads the file at `path` in the surroundings of this process.
///
/// # Errors
/// When it can't be read, or says anything that is wrong.
pub fn load(path: &Path) -> Result<Loaded, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|why| ConfigError::Unreadable { file: path.to_owned(), why })?;
    Ok(parse(&path.display().to_string(), &text, &Surroundings::of_process(path))?)
}

/// The same for whoever asks brokers alone: the database's address may be missing, as its secret often is elsewhere.
///
/// # Errors
/// As [`load`].
pub fn load_for_brokers(path: &Path) -> Result<Loaded, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|why| ConfigError::Unreadable { file: path.to_owned(), why })?;
    let mut surroundings = Surroundings::of_process(path);
    let database = surroundings.variables.entry(surroundings::override_name("database_url"));
    database.or_insert_with(|| "postgres://nobody@127.0.0.1/none".into());
    Ok(parse(&path.display().to_string(), &text, &surroundings)?)
}

/// Reads `text`, called `file` in what is told.
///
/// # Errors
/// With every mistake there is.
pub fn parse(file: &str, text: &str, surroundings: &Surroundings) -> Result<Loaded, Mistakes> {
    let reading = section::Reading::new(text, surroundings);
    let mistakes = |all| Mistakes { file: file.to_owned(), all };
    let document = match toml_edit::Document::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let line = reading.line(error.span()).unwrap_or(1);
            return Err(mistakes(vec![Mistake {
                place: Place::Line(line),
                key: "this line".into(),
                what: format!("is not TOML: {}", error.message().replace('\n', "; ")),
                expected: "TOML (https://toml.io); nothing after this line was looked at".into(),
                example: "listen = \"127.0.0.1:8080\"".into(),
            }]));
        }
    };
    let config = root::read(section::Section::root(&reading, document.as_table()));
    let near_misses = reading.near_misses();
    match (config, reading.into_mistakes()) {
        (Some(config), all) if all.is_empty() => Ok(Loaded { config, near_misses }),
        (_, all) => Err(mistakes(all)),
    }
}
