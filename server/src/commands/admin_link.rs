use crate::{
    cli::{Failure, say},
    compose::Parts,
    config::Config,
};

/// `weir admin-link`: the link works once, for 15 minutes; an earlier one ends. With `login` a link by which that person
/// chooses a new password, for when nobody else can make one.
pub async fn run(config: &Config, login: Option<&str>) -> Result<(), Failure> {
    let parts = Parts::new(config).await?;
    parts.store.migrate().await?;
    if let Some(login) = login {
        let token = parts.cases.people.link_by_operator(login).await?;
        parts.store.close().await;
        return match token {
            Some(token) => say(&format!("{}/invite#token={token}", config.base_url())),
            None => Err(format!("Nobody active has the log-in name {login:?}. People lists them.").into()),
        };
    }
    let token = parts.cases.access.new_setup_token().await?;
    parts.store.close().await;
    match token {
        // In the fragment: no server, proxy or log along the way sees it.
        Some(token) => say(&format!("{}/setup#token={token}", config.base_url())),
        None => {
            say("This Weir already has an administrator: sign in, or ask them for an account. Is their password lost? \
             `weir admin-link --login NAME` makes a link for a new one.")
        }
    }
}
