//! From the configuration, on the machine of the server.

use std::{path::Path, sync::Arc};

use weir_broker::Broker;
use weir_domain::{Clock, InstanceId};
use weir_store::{Store, StoreOptions};

use super::{database, disk, remote, report::Report, source};
use crate::{
    client::{Address, Client},
    compose,
    config::{self, Config, ConfigError},
    ended::Ended,
};

pub async fn look(file: &Path, only: Option<&str>, clock: Arc<dyn Clock>, report: &mut Report) -> Result<(), Ended> {
    report.about("configuration");
    let config = match config::load(file) {
        Ok(loaded) => {
            for (variable, near) in &loaded.near_misses {
                report.note(
                    "variables",
                    format!("{variable} means nothing here"),
                    format!("Perhaps {near} was meant."),
                )?;
            }
            loaded.config
        }
        // Most often somebody wants to look at a server elsewhere, and has not said where it is.
        Err(why @ ConfigError::Unreadable { .. }) => {
            return report.failed(
                "mistakes",
                why.to_string(),
                "Name the configuration with --config (or WEIR_CONFIG). To look at a running server from here, say where it is with --url (or WEIR_URL).",
            );
        }
        Err(why) => return report.failed("mistakes", why.to_string(), "Put it right; nothing else was looked at."),
    };
    let sources = match config.sources.len() {
        1 => "1 source".to_owned(),
        n => format!("{n} sources"),
    };
    report.ok("mistakes", format!("none in {}, which has {sources}", file.display()))?;
    if let Some(only) = only.filter(|name| config.sources.iter().all(|s| s.name != **name)) {
        let names: Vec<_> = config.sources.iter().map(|s| s.name.as_str()).collect();
        return Err(Ended::usage(
            format!("The configuration has no source {only:?}."),
            format!("It has: {}.", names.join(", ")),
        ));
    }

    report.about("database");
    let instance = database(&config, &*clock, report).await?;
    report.about("disk");
    disk::look(&config.state_file, report)?;
    report.about("server");
    server(&config, report).await?;
    // The broker knows the tap by the name that it will have, and counts what is read here against its quota.
    let instance = instance.unwrap_or_else(|| InstanceId("doctor".into()));
    for wanted in config.sources.iter().filter(|s| only.is_none_or(|name| name == s.name)) {
        report.about(format!("source {}", wanted.name));
        let broker: Arc<dyn Broker> = match compose::broker(wanted, &instance, Arc::clone(&clock)) {
            Ok(broker) => broker,
            Err(why) => {
                report.failed("settings", why.to_string(), "Put it right in the configuration.")?;
                continue;
            }
        };
        source::look(wanted, &*broker, report).await?;
    }
    Ok(())
}

async fn database(config: &Config, clock: &dyn Clock, report: &mut Report) -> Result<Option<InstanceId>, Ended> {
    let few = StoreOptions {
        capture_connections: 1,
        page_connections: 1,
        application_name: "weir doctor".into(),
        ..StoreOptions::default()
    };
    let store = match Store::connect(config.database_url.expose(), few).await {
        Ok(store) => store,
        Err(why) => {
            report.failed("reached", why.to_string(), "Put it right in the configuration.")?;
            return Ok(None);
        }
    };
    let found = database::look(&store, clock, report).await?;
    store.close().await;
    let Some(health) = found else { return Ok(None) };
    database::ours(&config.state_file, health.instance.as_ref(), report)?;
    Ok(health.instance)
}

/// Whether the server runs here is no mistake either way.
async fn server(config: &Config, report: &mut Report) -> Result<(), Ended> {
    let address = Address::local(config.listen);
    let client = Client::new(address, None, None)?;
    match remote::ready(&client).await {
        Ok(ready) => remote::tell(&ready, report),
        Err(_) => report.note(
            "ready",
            format!("nothing answers at {}", client.address),
            "If it should be running, start it: weir serve.",
        ),
    }
}
