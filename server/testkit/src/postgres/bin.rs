//! Finding PostgreSQL's own programs.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use crate::{Error, Result};

const OLDEST: u32 = 15;

/// The directory of `postgres` and `initdb`, and the major version: `$WEIR_PG_BIN`, else the newest that Debian's
/// layout holds, else the one in `PATH`.
pub(super) fn find() -> Result<(PathBuf, u32)> {
    let chosen = env::var_os("WEIR_PG_BIN").map(PathBuf::from);
    let dirs = match chosen {
        Some(dir) => vec![dir],
        None => debian_dirs().into_iter().chain(path_dirs()).collect(),
    };
    let found = dirs.into_iter().find_map(|dir| version(&dir).filter(|v| *v >= OLDEST).map(|v| (dir, v)));
    found.ok_or_else(|| Error::Missing {
        what: format!("PostgreSQL {OLDEST} or newer"),
        install: "install Debian's `postgresql`, or set WEIR_PG_BIN to the directory that holds `initdb`".into(),
    })
}

fn debian_dirs() -> Vec<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<u32> = versions.filter_map(|e| e.file_name().to_str()?.parse().ok()).collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    versions.into_iter().map(|v| PathBuf::from(format!("/usr/lib/postgresql/{v}/bin"))).collect()
}

fn path_dirs() -> Vec<PathBuf> {
    env::split_paths(&env::var_os("PATH").unwrap_or_default()).filter(|d| d.join("initdb").is_file()).collect()
}

fn version(dir: &Path) -> Option<u32> {
    let said = crate::process::run(None, dir.join("postgres"), ["--version"], &[], Path::new("/")).ok()?;
    said.split_whitespace().nth(2)?.split('.').next()?.parse().ok()
}
