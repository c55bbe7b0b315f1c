//! `weir lag`: how far behind groups are, and why it is told so.

mod explain;
mod given;

use clap::{Args, Subcommand};

use self::explain::Explain;
use crate::ended::Ended;

/// How far behind consumer groups are
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct Lag {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Explain(Explain),
}

impl Lag {
    pub fn run(&self) -> Result<(), Ended> {
        match &self.what {
            What::Explain(explain) => explain.run(),
        }
    }
}
