//! `.sqlx`: what PostgreSQL says of each query, committed so that a build needs no database.
//!
//! The macros write it when they are expanded with a live database and `SQLX_OFFLINE_DIR`. (`sqlx-cli` does the
//! same; it is not used because building it takes minutes.)

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use weir_testkit::{Postgres, PostgresOptions, PrivateDir};

use crate::{
    Result,
    command::{self, cargo},
    place::at,
    stage::{say, step},
};

/// Writes `.sqlx` anew.
pub fn write() -> Result<()> {
    let fresh = prepare()?;
    let dir = at(".sqlx");
    fs::create_dir_all(&dir)?;
    let committed = read(&dir)?;
    for name in committed.keys().filter(|name| !fresh.contains_key(*name)) {
        fs::remove_file(dir.join(name))?;
    }
    for (name, content) in &fresh {
        if committed.get(name) != Some(content) {
            fs::write(dir.join(name), content)?;
        }
    }
    say(&format!(".sqlx holds {} queries", fresh.len()));
    Ok(())
}

/// Fails unless what is committed is what a live database says.
pub fn check() -> Result<()> {
    let fresh = prepare()?;
    let committed = read(&at(".sqlx"))?;
    let differs = |name: &&String| fresh.get(*name) != committed.get(*name);
    let mut stale: Vec<&String> = fresh.keys().chain(committed.keys()).filter(differs).collect();
    stale.sort_unstable();
    stale.dedup();
    if stale.is_empty() {
        return Ok(());
    }
    Err(format!(".sqlx is out of date for {stale:?}: run `cargo run -p xtask -- sqlx` and commit the change").into())
}

/// Has every query of the store described by a database with all migrations.
fn prepare() -> Result<BTreeMap<String, String>> {
    let postgres = Postgres::start(PostgresOptions::default())?;
    let url = postgres.ensure_database("prepare")?;
    step("apply the migrations", || Ok(postgres.apply("prepare", &migrations()?)?))?;
    let dir = PrivateDir::new("sqlx")?;
    // Changed environment does not make cargo expand macros again; a changed file does.
    fs::File::open(at("server/store/src/lib.rs"))?.set_modified(now())?;
    let mut check = cargo(["check", "--package=weir-store", "--lib", "--locked", "--quiet"]);
    check.env("SQLX_OFFLINE", "false").env("SQLX_OFFLINE_DIR", dir.path()).env("DATABASE_URL", url);
    let done = step("describe every query", || command::run(&mut check));
    // The next ordinary build must not take the result of this one for its own.
    fs::File::open(at("server/store/src/lib.rs"))?.set_modified(now())?;
    done?;
    read(dir.path())
}

#[expect(clippy::disallowed_methods, reason = "a file's time of change is the machine's time")]
fn now() -> SystemTime {
    SystemTime::now()
}

/// The up migrations in order.
fn migrations() -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(at("migrations"))?.flatten().map(|e| e.path());
    let mut up: Vec<PathBuf> = entries.filter(|path| path.to_string_lossy().ends_with(".up.sql")).collect();
    up.sort_unstable();
    Ok(up)
}

fn read(dir: &Path) -> Result<BTreeMap<String, String>> {
    let mut queries = BTreeMap::new();
    if dir.is_dir() {
        for entry in fs::read_dir(dir)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with("query-") {
                queries.insert(name, fs::read_to_string(path)?);
            }
        }
    }
    Ok(queries)
}
