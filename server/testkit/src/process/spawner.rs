//! The one thread that starts child processes.
//!
//! The death signal of a child follows the *thread* that forked it. Started from a runtime's pool thread it
//! would strike when that thread retires, so one thread that lives as long as the process starts them all.

use std::{
    ffi::OsString,
    fs,
    os::unix::process::CommandExt as _,
    path::PathBuf,
    process::{Command, Stdio},
    sync::{OnceLock, mpsc},
    thread,
};

use super::tool::Account;
use crate::{Error, Result};

/// What to start, and how.
#[derive(Debug, Clone)]
pub struct Spec {
    /// A name for error messages and logs.
    pub name: String,
    /// The program: a path, or a name looked up in `PATH`.
    pub program: OsString,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Its whole environment: nothing is inherited but `PATH`.
    pub env: Vec<(OsString, OsString)>,
    /// Its working directory.
    pub dir: PathBuf,
    /// Where its output goes (appended); `None` lets it write to ours.
    pub log: Option<PathBuf>,
    /// The signal that asks it to stop, also sent by the kernel when we die: `TERM` or `INT`.
    pub stop_signal: nix::sys::signal::Signal,
    /// The account it runs under, when not ours.
    pub(crate) account: Option<Account>,
}

impl Spec {
    /// A child of this name and program, stopped by TERM, in `dir`, logging to `dir/NAME.log`.
    #[must_use]
    pub fn new(name: &str, program: impl Into<OsString>, dir: impl Into<PathBuf>) -> Self {
        let dir = dir.into();
        Self {
            name: name.to_owned(),
            program: program.into(),
            args: Vec::new(),
            env: Vec::new(),
            log: Some(dir.join(format!("{name}.log"))),
            dir,
            stop_signal: nix::sys::signal::Signal::SIGTERM,
            account: None,
        }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Adds one environment variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Passes our own whole environment on.
    #[must_use]
    pub fn inherit_env(mut self) -> Self {
        self.env.splice(0..0, std::env::vars_os());
        self
    }
}

/// Bytes after which a log is put away at the next start.
const LONG_LOG: u64 = 10_000_000;

type Started = Result<std::process::Child>;

/// Starts `spec` from the long-lived thread.
pub(super) fn spawn(spec: Spec) -> Started {
    static THREAD: OnceLock<mpsc::Sender<(Spec, mpsc::Sender<Started>)>> = OnceLock::new();
    let thread = THREAD.get_or_init(|| {
        let (orders, inbox) = mpsc::channel::<(Spec, mpsc::Sender<Started>)>();
        // If the thread cannot be had, its inbox is gone and the send below says so.
        let _ = thread::Builder::new().name("spawner".into()).spawn(move || {
            for (spec, answer) in inbox {
                let _ = answer.send(spawn_here(&spec));
            }
        });
        orders
    });
    let gone = || Error::failed("starting a child process", "the spawner thread is gone");
    let (answer, started) = mpsc::channel();
    thread.send((spec, answer)).map_err(|_| gone())?;
    started.recv().map_err(|_| gone())?
}

fn spawn_here(spec: &Spec) -> Started {
    let signal = spec.stop_signal.as_str().trim_start_matches("SIG");
    // setpriv sets the death signal after it changed the account (which would clear it) and then becomes the program.
    let mut command = Command::new("setpriv");
    command.arg(format!("--pdeathsig={signal}"));
    if let Some(account) = &spec.account {
        command.args(account.setpriv_args());
    }
    command.arg("--").arg(&spec.program).args(&spec.args);
    command.env_clear().env("PATH", search_path()).envs(spec.env.iter().map(|(k, v)| (k, v)));
    command.current_dir(&spec.dir).stdin(Stdio::null());
    // A group of its own: Ctrl-C reaches us alone, and we stop children in the right order.
    command.process_group(0);
    if let Some(log) = &spec.log {
        // A kept directory's log does not grow for ever: the one before the last start of a long one goes.
        if fs::metadata(log).is_ok_and(|m| m.len() > LONG_LOG) {
            fs::rename(log, log.with_extension("log.old")).map_err(Error::path("put away", log))?;
        }
        let open = || fs::File::options().create(true).append(true).open(log);
        command.stdout(open().map_err(Error::path("open", log))?);
        command.stderr(open().map_err(Error::path("open", log))?);
    }
    command.spawn().map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => {
            Error::Missing { what: "setpriv".into(), install: "it is part of util-linux (Linux only)".into() }
        }
        _ => Error::Io { what: format!("start {}", spec.name), source },
    })
}

/// `PATH` for children: ours, with the usual system directories behind it.
pub(super) fn search_path() -> OsString {
    let mut path = std::env::var_os("PATH").unwrap_or_default();
    path.push(":/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
    path
}
