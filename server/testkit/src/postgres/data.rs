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

/// A directory that is ready for `postgres`: `pg` the data, `password` the superuser's.
///
/// PostgreSQL refuses root, and its other account cannot always walk down to a directory of ours; so the server
/// is told `/proc/self/cwd`, which needs no walk.
pub(super) struct DataDir {
    pub(super) pg: PathBuf,
    pub(super) password: String,
}

/// Copies the machine's template to `dir` (0.2 s).
pub(super) fn copy_template(dir: &Path) -> Result<DataDir> {
    let (bin, version) = bin::find()?;
    let template = cache_dir()?.join(format!("postgres-{version}"));
    once(&template, |unfinished| {
        // In a directory of the machine's temporary one, because the cache may be out of the account's reach.
        let workshop = PrivateDir::new("initdb")?;
        let made = initdb(&bin, workshop.path(), &["--no-sync"])?;
        // A restart is quicker with small log segments, and the copy is half as large.
        copy(&made.pg, &unfinished.join("pg"))?;
        write_secret(&unfinished.join("password"), &made.password)
    })?;
    let pg = dir.join("pg");
    copy(&template.join("pg"), &pg)?;
    let password = fs::read_to_string(template.join("password")).map_err(Error::path("read", &template))?;
    Ok(DataDir { pg, password })
}

/// Uses what `dir` holds, or makes it with checksums and everything synced to disk.
pub(super) fn durable(dir: &Path) -> Result<DataDir> {
    let (bin, _) = bin::find()?;
    let kept = dir.join("cluster");
    once(&kept, |unfinished| {
        let made = initdb(&bin, unfinished, &["--data-checksums"])?;
        write_secret(&unfinished.join("password"), &made.password)
    })?;
    let password = fs::read_to_string(kept.join("password")).map_err(Error::path("read", &kept))?;
    Ok(DataDir { pg: kept.join("pg"), password })
}

fn initdb(bin: &Path, dir: &Path, extra: &[&str]) -> Result<DataDir> {
    let account = Account::for_server();
    let pg = dir.join("pg");
    fs::create_dir(&pg).map_err(Error::path("make", &pg))?;
    fs::set_permissions(&pg, fs::Permissions::from_mode(0o700)).map_err(Error::path("set the mode of", &pg))?;
    let password = random_word(24);
    // `initdb` reads the password from a file only; it is the account's, and removed at once.
    let secret = PrivateDir::new("secret")?;
    let file = secret.path().join("password");
    write_secret(&file, &password)?;
    if let Some(account) = &account {
        account.give(&pg)?;
        account.give(&file)?;
    }
    let file = format!("--pwfile={}", file.display());
    let mut args = vec!["-D", "/proc/self/cwd", "-U", USER, "--auth=scram-sha-256", "-E", "UTF8", "--locale=C"];
    args.extend([file.as_str(), "--wal-segsize=4", "--no-instructions"]);
    args.extend(extra);
    run(account.as_ref(), bin.join("initdb"), &args, &[("LC_ALL", "C"), ("TZ", "UTC")], &pg)?;
    Ok(DataDir { pg, password })
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    run(None, "cp", ["-a".as_ref(), from.as_os_str(), to.as_os_str()], &[], Path::new("/")).map(drop)
}

fn write_secret(path: &Path, secret: &str) -> Result<()> {
    fs::write(path, secret).map_err(Error::path("write", path))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(Error::path("set the mode of", path))
}
