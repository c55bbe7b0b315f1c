use crate::{
    cli::{Failure, say},
    compose::Parts,
    config::Config,
};

/// `weir admin-link`: the link works once, for 15 minutes; an earlier one ends.
pub async fn run(config: &Config) -> Result<(), Failure> {
    let parts = Parts::new(config).await?;
    parts.store.migrate().await?;
    let token = parts.cases.access.new_setup_token().await?;
    parts.store.close().await;
    match token {
        // In the fragment: no server, proxy or log along the way sees it.
        Some(token) => say(&format!("{}/setup#token={token}", config.base_url())),
        None => say("This Weir already has an administrator: sign in, or ask them for an account."),
    }
}
