use crate::{
    cli::{Failure, say},
    compose::Parts,
    config::Config,
};

/// `weir migrate`: the same that `weir serve` does at its start.
pub async fn run(config: &Config) -> Result<(), Failure> {
    let parts = Parts::new(config).await?;
    parts.store.migrate().await?;
    parts.store.close().await;
    say(&format!("The schema is at {}.", parts.store.newest_migration()))
}
