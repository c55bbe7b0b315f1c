//! Short-lived tools (initdb, psql, cp, java) and the account they run under.

use std::{
    ffi::OsStr,
    os::unix::fs::chown,
    path::Path,
    process::{Command, Stdio},
};

use nix::unistd::{Uid, User};

use super::spawner::search_path;
use crate::{Error, Result};

/// The account a server is dropped to when we are root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    uid: u32,
    gid: u32,
}

impl Account {
    /// `postgres` if the machine has it, else `nobody`; `None` when we are an ordinary user ourselves.
    pub(crate) fn for_server() -> Option<Self> {
        if !Uid::effective().is_root() {
            return None;
        }
        let postgres = User::from_name("postgres").ok().flatten();
        Some(postgres.map_or(Self { uid: 65534, gid: 65534 }, |u| Self { uid: u.uid.as_raw(), gid: u.gid.as_raw() }))
    }

    pub(super) fn setpriv_args(&self) -> [String; 3] {
        [format!("--reuid={}", self.uid), format!("--regid={}", self.gid), "--clear-groups".into()]
    }

    pub(crate) fn give(&self, path: &Path) -> Result<()> {
        chown(path, Some(self.uid), Some(self.gid)).map_err(Error::path("give away", path))
    }
}

/// Runs a tool to its end and returns what it printed; `dir` is its working directory.
pub(crate) fn run<A: AsRef<OsStr>>(
    account: Option<&Account>,
    program: impl AsRef<OsStr>,
    args: impl IntoIterator<Item = A>,
    env: &[(&str, &str)],
    dir: &Path,
) -> Result<String> {
    let program = program.as_ref();
    let name = program.display().to_string();
    let mut command = match account {
        Some(account) => {
            let mut command = Command::new("setpriv");
            command.args(account.setpriv_args()).arg("--").arg(program);
            command
        }
        None => Command::new(program),
    };
    command.args(args).env_clear().env("PATH", search_path()).envs(env.iter().copied()).current_dir(dir);
    let done = command.stdin(Stdio::null()).output().map_err(Error::io(format!("run {name}")))?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    let mut said = String::from_utf8_lossy(&done.stderr).into_owned();
    said.push_str(&String::from_utf8_lossy(&done.stdout));
    let end = said.char_indices().rev().nth(2_000).map_or(0, |(at, _)| at);
    Err(Error::failed(name, said[end..].trim()))
}
