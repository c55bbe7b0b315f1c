//! One database per test.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use super::{Postgres, bin};
use crate::{Result, blocking, place::random_word, process::run};

/// A database of one test, dropped (with whatever is still connected to it) when this is.
#[derive(Debug)]
pub struct Database {
    name: String,
    admin_url: String,
}

/// Makes a new, empty database on the shared server of this run (0.1 s): its address, and the guard that drops it.
///
/// # Errors
/// When no server can be started.
pub async fn fresh_database() -> Result<(String, Database)> {
    let database = blocking(|| Database::create(&Postgres::shared()?))?;
    Ok((database.url(), database))
}

impl Database {
    pub(super) fn create(admin_url: &str) -> Result<Self> {
        let name = format!("t_{}", random_word(12));
        psql(admin_url, &format!("create database {name} template template0"))?;
        Ok(Self { name, admin_url: admin_url.to_owned() })
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        let server = self.admin_url.rsplit_once('/').map_or(self.admin_url.as_str(), |(server, _)| server);
        format!("{server}/{}", self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // A server that is already gone has taken the database with it.
        let _ = blocking(|| psql(&self.admin_url, &format!("drop database if exists {} with (force)", self.name)));
    }
}

/// Makes the database `name` unless it is there.
pub(super) fn ensure(admin_url: &str, name: &str) -> Result<()> {
    let quoted = name.replace('\'', "''");
    let there = psql(admin_url, &format!("select 1 from pg_database where datname = '{quoted}'"))?;
    if there.trim().is_empty() {
        psql(admin_url, &format!("create database \"{}\" template template0", name.replace('"', "\"\"")))?;
    }
    Ok(())
}

/// Runs SQL files in order, in one session.
pub(super) fn apply(url: &str, files: &[PathBuf]) -> Result<()> {
    let args: Vec<OsString> = files.iter().flat_map(|file| ["-f".into(), file.into()]).collect();
    run_psql(url, args).map(drop)
}

fn psql(url: &str, sql: &str) -> Result<String> {
    run_psql(url, ["-c".into(), sql.into()])
}

fn run_psql(url: &str, what: impl IntoIterator<Item = OsString>) -> Result<String> {
    let (bin, _) = bin::find()?;
    // The address holds the password: in the environment others cannot read it, among the arguments they can.
    let (server, password) = split_password(url);
    let options = ["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", &server].map(OsString::from);
    run(None, bin.join("psql"), options.into_iter().chain(what), &[("PGPASSWORD", password)], Path::new("/"))
}

/// `postgres://user:password@host/db` as the same without the password, and the password.
fn split_password(url: &str) -> (String, &str) {
    let split = || {
        let (scheme, rest) = url.split_once("://")?;
        let (user, rest) = rest.split_once(':')?;
        let (password, host) = rest.split_once('@')?;
        Some((format!("{scheme}://{user}@{host}"), password))
    };
    split().unwrap_or_else(|| (url.to_owned(), ""))
}

#[cfg(test)]
mod tests {
    use super::split_password;

    #[test]
    fn a_password_is_taken_out_of_an_address() {
        assert_eq!(split_password("postgres://u:p@h:1/d"), ("postgres://u@h:1/d".to_owned(), "p"));
        assert_eq!(split_password("postgres://u@h/d"), ("postgres://u@h/d".to_owned(), ""));
    }
}
