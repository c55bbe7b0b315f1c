//! Making data directories: one `initdb` per machine for throw-away servers, one per directory for durable ones.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use super::bin;
use crate::{
    Error, PrivateDir, Result, cache_dir,
    place::{once, random_word},
    process::{Account, run},
};

/// The superuser of every private server.
pub(super) const USER: &str = "weir";

/// A directory that is ready for `postgres`.
pub(super) struct DataDir {
    pub(super) data: PathBuf,
    /// Of the superuser.
    pub(super) password: String,
}

/// Copies the machine's template to `dir/data` (0.2 s).
pub(super) fn copy_template(dir: &Path) -> Result<DataDir> {
    let (bin, version) = bin::find()?;
    let template = cache_dir()?.join(format!("postgres-{version}"));
    once(&template, |unfinished| {
        let password = random_word(24);
        // In the machine's temporary directory, where the account may write beside us.
        let workshop = PrivateDir::new("initdb")?;
        let data = workshop.path().join("data");
        fs::create_dir(&data).map_err(Error::path("make", &data))?;
        initdb(&bin, &data, &password, &["--no-sync"])?;
        copy(&data, &unfinished.join("data"))?;
        write_secret(&unfinished.join("password"), &password)
    })?;
    let data = dir.join("data");
    copy(&template.join("data"), &data)?;
    Ok(DataDir { data, password: read_secret(&template.join("password"))? })
}

/// Uses `dir/data`, or makes it with checksums and everything synced to disk.
pub(super) fn durable(dir: &Path) -> Result<DataDir> {
    let (bin, _) = bin::find()?;
    let (data, secret) = (dir.join("data"), dir.join("password"));
    once(&data, |unfinished| {
        write_secret(&secret, &random_word(24))?;
        initdb(&bin, unfinished, &read_secret(&secret)?, &["--data-checksums"])
    })?;
    Ok(DataDir { data, password: read_secret(&secret)? })
}

/// Fills the empty directory `data`.
///
/// PostgreSQL refuses root, and the account it gets instead cannot always walk down to a directory of ours; so it
/// is told `/proc/self/cwd`, which needs no walk.
fn initdb(bin: &Path, data: &Path, password: &str, extra: &[&str]) -> Result<()> {
    let account = Account::for_server();
    fs::set_permissions(data, fs::Permissions::from_mode(0o700)).map_err(Error::path("set the mode of", data))?;
    // `initdb` reads the password from a file only; it is the account's, and removed at once.
    let secret = PrivateDir::new("secret")?;
    let file = secret.path().join("password");
    write_secret(&file, password)?;
    if let Some(account) = &account {
        account.give(data)?;
        account.give(&file)?;
    }
    let file = format!("--pwfile={}", file.display());
    let mut args = vec!["-D", "/proc/self/cwd", "-U", USER, "--auth=scram-sha-256", "-E", "UTF8", "--locale=C"];
    // Small log segments make the copy of the template half as large.
    args.extend([file.as_str(), "--wal-segsize=4", "--no-instructions"]);
    args.extend(extra);
    run(account.as_ref(), bin.join("initdb"), &args, &[("LC_ALL", "C"), ("TZ", "UTC")], data).map(drop)
}

fn read_secret(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(Error::path("read", path))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    run(None, "cp", ["-a".as_ref(), from.as_os_str(), to.as_os_str()], &[], Path::new("/")).map(drop)
}

fn write_secret(path: &Path, secret: &str) -> Result<()> {
    fs::write(path, secret).map_err(Error::path("write", path))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(Error::path("set the mode of", path))
}
