//! `make run CONFIG=…`: Weir on a person's own configuration, with a private database if it names none.

use crate::{Failure, private, say, server};
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tokio::signal::unix::{SignalKind, signal};
use weir_testkit::PrivateDir;

/// Runs until it is told to stop, or until the server ends by itself.
pub async fn run(config: &Path, data: &Path, weir: PathBuf) -> Result<(), Failure> {
    let mut stop = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let begun = Instant::now();
    let config = config.canonicalize().map_err(|e| format!("no configuration at {}: {e}", config.display()))?;
    let settings = Settings::read(&config)?;
    let env = std::env::vars_os().collect();
    let mut server = server::Server { weir, config: config.clone(), dir: std::env::current_dir()?, env, log: None };
    // Held until the end: the database stops with us, and after the server.
    let _database = if settings.names_database {
        None
    } else {
        let dir = PrivateDir::kept(&data.join(one_word(&config)))?;
        let alone = private::alone(dir.path())?;
        let (postgres, url) = private::database(dir.path())?;
        server.env.push(("WEIR_DATABASE_URL".into(), url.into()));
        Some((postgres, alone))
    };
    let child = server.start(settings.listen)?;
    say::line(&format!("\nReady after {:.1} s.", begun.elapsed().as_secs_f64()));
    say::line(&format!("  Console:  http://{}/", settings.listen));
    server.tell_link()?;
    say::line("  Ctrl-C stops everything and keeps the data.\n");
    let mut tick = tokio::time::interval(Duration::from_millis(250));
    loop {
        tokio::select! {
            _ = stop.0.recv() => break,
            _ = stop.1.recv() => break,
            _ = tick.tick() => if child.exited().is_some() { return Err("the server ended".into()) },
        }
    }
    child.stop(Duration::from_secs(12));
    Ok(())
}

/// What must be known of the configuration; the server itself tells its mistakes.
struct Settings {
    names_database: bool,
    listen: SocketAddr,
}

impl Settings {
    fn read(config: &Path) -> Result<Self, Failure> {
        let file: toml_edit::DocumentMut =
            fs::read_to_string(config)?.parse().map_err(|e| format!("{}: {e}", config.display()))?;
        let names = ["database_url", "database_url_env", "database_url_file"];
        let over = |key: &str| std::env::var(format!("WEIR_{}", key.to_uppercase())).ok();
        let listen = over("listen").or_else(|| Some(file.get("listen")?.as_str()?.to_owned()));
        let listen = listen.and_then(|text| text.parse::<SocketAddr>().ok());
        let mut listen = listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
        if listen.ip().is_unspecified() {
            listen.set_ip([127, 0, 0, 1].into());
        }
        Ok(Self { names_database: names.iter().any(|key| file.contains_key(key) || over(key).is_some()), listen })
    }
}

/// A path as the name of one directory, so that each configuration keeps a database of its own.
fn one_word(path: &Path) -> String {
    path.display().to_string().trim_start_matches('/').replace(['/', ' '], "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Settings {
        let dir = PrivateDir::new("own-config").unwrap();
        let file = dir.path().join("weir.toml");
        fs::write(&file, text).unwrap();
        Settings::read(&file).unwrap()
    }

    #[test]
    fn a_database_that_is_named_is_used() {
        assert!(settings("database_url_env = \"DB\"\n").names_database);
        assert!(settings("listen = \"127.0.0.1:1\"\ndatabase_url = \"postgres://h/d\"\n").names_database);
        assert!(!settings("[sources.a]\ndatabase_url = \"postgres://h/d\"\n").names_database);
    }

    #[test]
    fn the_console_is_told_where_a_browser_finds_it() {
        assert_eq!(settings("").listen.to_string(), "127.0.0.1:8080");
        assert_eq!(settings("listen = \"0.0.0.0:9000\"\n").listen.to_string(), "127.0.0.1:9000");
        assert_eq!(settings("listen = \"[::1]:9000\"\n").listen.to_string(), "[::1]:9000");
    }
}
