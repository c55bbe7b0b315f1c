//! The database's address, password and all.

use std::path::PathBuf;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use weir_store::Store;

use super::look::{EVERY, Files};
use crate::config;

/// Looks at the file until `stop`. New connections are made with what it holds; open ones stay as they are.
pub async fn database(file: PathBuf, store: Store, stop: CancellationToken) {
    let mut looks = Files::new(vec![file.clone()]);
    while stop.run_until_cancelled(sleep(EVERY)).await.is_some() {
        if !looks.changed() {
            continue;
        }
        let replaced = config::database_url_of(&file)
            .and_then(|url| store.replace_address(url.expose()).map_err(|why| why.to_string()));
        match replaced {
            Ok(()) => tracing::info!("the database's address was read again: new connections use it"),
            Err(why) => tracing::warn!(why, "database_url_file is no good any more: what was read before stays in use"),
        }
    }
}
