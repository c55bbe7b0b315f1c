//! `make soak`: the long campaigns.
//!
//! A campaign is an ordinary test whose name begins with `soak_`, marked `#[ignore = "soak: run by make soak"]` so
//! that `make test` passes it over. They run one after the other, optimised, with their output shown.

use crate::{Result, bundle, command::cargo, stage::say, tally::Tally, test};

/// Runs every campaign, or those whose name contains the first argument.
pub fn run(args: &[String]) -> Result<()> {
    bundle::build()?;
    let filter = args.first().map_or("soak_", String::as_str);
    let mut tally = Tally::default();
    let mut campaigns = cargo(["test", "--release", "--no-fail-fast"]);
    campaigns.args(test::NATIVE).args(["--lib", "--bins", "--tests"]);
    campaigns.args(["--", "--ignored", "--nocapture", "--test-threads=1", filter]);
    let done = test::watched(&mut campaigns, |line| tally.cargo(line));
    say(&format!("\n{} passed, {} failed", tally.passed, tally.failed));
    done
}
