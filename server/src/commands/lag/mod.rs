//! `weir lag`: how far behind groups are, and why it is told so.

mod explain;
mod given;
mod list;
mod live;

use clap::{Args, Subcommand};

use self::{explain::Explain, list::List};
use crate::ended::Ended;

/// How far behind consumer groups are
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Exit codes: 0 done, 1 failed, 2 asked wrongly, 3 not allowed, 4 the server can't be reached."
)]
pub struct Lag {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    list: List,
}

#[derive(Debug, Subcommand)]
enum What {
    Explain(Explain),
}

impl Lag {
    pub async fn run(&self) -> Result<(), Ended> {
        match &self.what {
            Some(What::Explain(explain)) => explain.run().await,
            None => self.list.run().await,
        }
    }
}
