use crate::{
    cli::{Failure, say},
    compose::Parts,
    config::Config,
    instance,
};

/// `weir adopt`: writes the database's instance id to the state file, so that taps here read from the next start on.
/// `as_another`: the database gets a new id first, because the installation it was copied from goes on under the old
/// one, and brokers must be able to tell the two apart.
pub async fn run(config: &Config, as_another: bool) -> Result<(), Failure> {
    let parts = Parts::new(config).await?;
    parts.store.migrate().await?;
    let id = if as_another { parts.store.renew_instance().await? } else { parts.instance().await?.0 };
    parts.store.close().await;
    let file = config.state_file.display();
    instance::write(&config.state_file, &id).map_err(|e| format!("The state file {file} can't be written: {e}"))?;
    let others = match as_another {
        true => "The installation it was copied from may go on.",
        false => {
            "Make sure that no other installation goes on under this id; where one does, run `weir adopt --as-another` instead."
        }
    };
    say(&format!(
        "{file} now holds the database's instance id {}. Restart every `weir` of this installation, and give each the same state file. {others}",
        id.0
    ))
}
