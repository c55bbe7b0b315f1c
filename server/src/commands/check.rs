use std::path::Path;

use crate::{
    cli::{Failure, say},
    config::{Config, Loaded},
    vault::SecretKey,
};

/// `weir check`: mistakes have been told already when this is reached.
pub fn run(file: &Path, loaded: &Loaded) -> Result<(), Failure> {
    for (variable, near) in &loaded.near_misses {
        say(&format!("Note: the variable {variable} means nothing here; did you mean {near}?"))?;
    }
    let config = &loaded.config;
    if config.audit.stdout {
        say("The audit log goes to the standard output too, one JSON object a line.")?;
    }
    let sources: Vec<_> =
        config.sources.iter().map(|s| format!("  {} ({}): {}", s.name, s.kind, s.description())).collect();
    say(&format!("{}: no mistakes. Serves {}, taps {}.", file.display(), config.base_url(), count(sources.len())))?;
    let more: Vec<_> = more(config).into_iter().map(|line| format!("  {line}")).chain(sources).collect();
    say(&more.join("\n"))
}

/// What else was said, in words.
fn more(config: &Config) -> Vec<String> {
    let list = |all: &[_]| all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let proxies = config.trusted_proxies.as_ref().map(|all| match all.as_slice() {
        [] => "Trusts no proxy to say for whom it asks.".to_owned(),
        all => format!("Trusts these to say for whom they ask: {}.", list(all)),
    });
    let metrics = config.metrics_listen.map(|address| {
        let channels = match config.metrics_channels {
            0 => String::new(),
            n => format!(", naming {n} channels at most"),
        };
        format!("Serves figures for Prometheus at http://{address}/metrics{channels}.")
    });
    let share = |sampled: f64| format!("{} %", (sampled * 1000.0).round() / 10.0);
    let traces = config.telemetry.as_ref();
    let traces = traces.map(|t| format!("Exports {} of its traces to {}.", share(t.sampled), t.endpoint));
    [proxies, metrics, traces, Some(secrets(&config.secrets_keys))].into_iter().flatten().collect()
}

/// Can sources with credentials be made in the browser?
fn secrets(keys: &[SecretKey]) -> String {
    match keys.split_first() {
        None => "Without a key for secrets, sources that need credentials can't be added in the browser. \
                 `weir secrets-key > weir-secrets.key` makes one; name it: secrets_key_file = \"weir-secrets.key\"."
            .into(),
        Some((key, [])) => format!("Secrets of sources made in the browser are sealed with the key {}.", key.id()),
        Some((key, old)) => {
            let old: Vec<_> = old.iter().map(SecretKey::id).collect();
            format!(
                "Secrets of sources made in the browser are sealed with the key {}; older ones still open: {}.",
                key.id(),
                old.join(", ")
            )
        }
    }
}

fn count(sources: usize) -> String {
    match sources {
        0 => "no source yet".into(),
        1 => "1 source".into(),
        n => format!("{n} sources"),
    }
}
