use crate::{
    cli::{Failure, say},
    compose::Parts,
    config::Config,
    instance,
};

/// `weir adopt`: writes the database's instance id to the state file, so that taps here read from the next start on.
pub async fn run(config: &Config) -> Result<(), Failure> {
    let parts = Parts::new(config).await?;
    parts.store.migrate().await?;
    let (id, _) = parts.instance().await?;
    parts.store.close().await;
    let file = config.state_file.display();
    instance::write(&config.state_file, &id).map_err(|e| format!("The state file {file} can't be written: {e}"))?;
    say(&format!(
        "{file} now holds the database's instance id {}. Restart `weir serve`; make sure no other does.",
        id.0
    ))
}
