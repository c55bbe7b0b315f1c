//! Private parts that keep their data between runs.

use crate::{Failure, say};
use std::{fs, io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path, process::Command};
use weir_testkit::{Postgres, PostgresOptions};

/// Starts a database that loses nothing, and returns it with the address of Weir's part of it.
pub fn database(dir: &Path) -> Result<(Postgres, String), Failure> {
    let options = PostgresOptions { data: Some(dir.join("postgres")), ..PostgresOptions::durable() };
    let postgres = say::step("PostgreSQL", || Postgres::start(options))?;
    let url = postgres.ensure_database("weir")?;
    Ok((postgres, url))
}

/// Two runs in one directory would fight over its data: the second is refused while the first lives.
pub fn alone(dir: &Path) -> Result<fs::File, Failure> {
    let file = fs::File::create(dir.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => {
            Err(format!("{} is in use by another run: stop it first, or choose another --data", dir.display()).into())
        }
        Err(fs::TryLockError::Error(e)) => Err(e.into()),
    }
}

/// Writes what only our own account may read.
pub fn write_secret(path: &Path, text: &str) -> Result<(), Failure> {
    let mut file = fs::File::options().create(true).write(true).truncate(true).mode(0o600).open(path)?;
    Ok(file.write_all(text.as_bytes())?)
}

/// A key that seals the secrets of sources made in the browser; made once, and kept.
pub fn secrets_key(weir: &Path, file: &Path) -> Result<(), Failure> {
    if file.is_file() {
        return Ok(());
    }
    let made = Command::new(weir).arg("secrets-key").output()?;
    match made.status.success() {
        true => write_secret(file, &String::from_utf8_lossy(&made.stdout)),
        false => Err(format!("no key for secrets: {}", String::from_utf8_lossy(&made.stderr)).into()),
    }
}
