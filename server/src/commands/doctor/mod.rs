//! `weir doctor`: looks step by step, says in words what it found, and the way out of what is wrong. On the machine of
//! the server by its configuration; from anywhere else by its address and a token.

mod addresses;
mod database;
mod disk;
mod local;
mod remote;
mod report;
mod source;

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use weir_domain::Clock;

use self::report::Report;
use super::remote::Remote;
use crate::ended::{Code, Ended};

/// Look for what is wrong, and say the way out
#[derive(Debug, Args)]
#[command(
    after_help = "With --url (or WEIR_URL) it looks at a running server from outside, with a token for more than \
    its health. Without, it reads the configuration on this machine and looks at the database, the disk and each \
    broker; it changes nothing.\n\n\
    Exit codes: 0 all is well (notes apart), 1 something is wrong, 2 asked wrongly."
)]
pub struct Doctor {
    /// The configuration
    #[arg(long, value_name = "FILE", env = "WEIR_CONFIG", default_value = "weir.toml")]
    config: PathBuf,
    /// Only this source of the configuration
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// One line of JSON for each check
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Elsewhere,
}

/// As for other commands, but for one thing: without an address it is this machine that is looked at.
#[derive(Debug, Args)]
#[command(next_help_heading = "A server elsewhere")]
struct Elsewhere {
    /// Where Weir is
    #[arg(long, value_name = "URL", env = "WEIR_URL")]
    url: Option<String>,
    /// A file with the token and nothing else; without it the variable WEIR_TOKEN holds one
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Certificate authorities to trust instead of the system's (PEM)
    #[arg(long, value_name = "FILE", env = "WEIR_CA_FILE")]
    ca_file: Option<PathBuf>,
}

impl Doctor {
    pub async fn run(self, clock: Arc<dyn Clock>) -> Result<(), Ended> {
        let mut report = Report::new(self.json);
        match self.server {
            Elsewhere { url: Some(url), token_file, ca_file } => {
                remote::look(&Remote { url, token_file, ca_file }, &*clock, &mut report).await?;
            }
            Elsewhere { url: None, .. } => {
                local::look(&self.config, self.source.as_deref(), clock, &mut report).await?;
            }
        }
        match report.end()? {
            0 => Ok(()),
            // Each was told where it was found.
            _ => Err(Ended::new(Code::Failed, "", "")),
        }
    }
}
