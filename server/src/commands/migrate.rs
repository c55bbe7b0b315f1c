use std::sync::Arc;

use weir_tap::NoMeter;

use crate::{
    cli::{Failure, say},
    compose::{Parts, SERVER},
    config::Config,
};

/// `weir migrate`: the same that `weir serve` does at its start.
pub async fn run(config: &Config) -> Result<(), Failure> {
    let parts = Parts::new(config).await?;
    parts.store.migrate().await?;
    parts.store.close().await;
    say(&format!("The schema is at {}.", parts.store.newest_migration()))
}

/// `weir migrate --down-to`: back to what an older program knows. Without `yes` it only says what that would take back.
pub async fn down(config: &Config, version: i64, yes: bool) -> Result<(), Failure> {
    // Told from the servers that must not be at work meanwhile.
    let parts = Parts::called(config, "weir-migrate".into(), Arc::new(NoMeter)).await?;
    let done = take_back(&parts, version, yes).await;
    parts.store.close().await;
    say(&done?)
}

async fn take_back(parts: &Parts, version: i64, yes: bool) -> Result<String, Failure> {
    let newer = parts.store.applied_after(version).await?;
    let Some(newer) = newer else {
        return Err(format!(
            "There is no schema {version}. `weir migrate` of the older program says which one it needs."
        )
        .into());
    };
    if newer.is_empty() {
        return Ok(format!("The schema is at {version} already."));
    }
    let steps: Vec<_> = newer.iter().map(|(version, what)| format!("  {version} {what}")).collect();
    let steps = steps.join("\n");
    if !yes {
        return Ok(format!(
            "This would take back, with all that they hold:\n{steps}\n\
             Back up the database, stop every `weir`, then say it again with --yes."
        ));
    }
    let others = parts.store.connections_of(SERVER).await?;
    if others > 0 {
        return Err(format!(
            "Another `weir` is at work on this database ({others} connections): stop every one first."
        )
        .into());
    }
    parts.store.migrate_down(version).await?;
    Ok(format!("Taken back:\n{steps}\nThe schema is at {version}: start the older program."))
}
