//! Starting, stopping, killing and restarting it.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;

use super::{
    bin,
    data::{self as datadir, USER},
    database::{self, Database},
};
use crate::{
    Child, Error, PrivateDir, Result, Spec, blocking,
    process::{Account, OfRun, Server, free_port, on_free_ports},
};

/// The longest that a start (crash recovery included) or a stop may take.
const LIMIT: Duration = Duration::from_secs(60);

/// How a server is to be started.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Keep everything a crash must not lose (fsync, full page writes, checksums). Off for tests.
    pub durable: bool,
    /// A directory that is kept between runs; without one the data is thrown away. Needs `durable`.
    pub data: Option<PathBuf>,
    /// A port to prefer if it is free.
    pub port: Option<u16>,
    /// More settings, as `("work_mem", "8MB")`.
    pub settings: Vec<(String, String)>,
}

impl Options {
    /// For a crash campaign, a measurement or the demo: what is committed stays committed.
    #[must_use]
    pub fn durable() -> Self {
        Self { durable: true, ..Self::default() }
    }
}

/// A running private PostgreSQL. Dropping it stops it and removes its data unless that is kept.
#[derive(Debug)]
pub struct Postgres {
    // Before `dir`, so that the server is gone when its directory is removed.
    server: Server,
    port: u16,
    data: PathBuf,
    password: String,
    options: Options,
    dir: PrivateDir,
}

impl Postgres {
    /// Starts one (0.4 s; the first on a machine 1.5 s) and waits until it takes connections.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub fn start(options: Options) -> Result<Self> {
        blocking(|| Self::start_now(options))
    }

    fn start_now(options: Options) -> Result<Self> {
        let dir = match &options.data {
            Some(path) => PrivateDir::kept(path)?,
            None => PrivateDir::new("pg")?,
        };
        let made = if options.durable { datadir::durable(dir.path())? } else { datadir::copy_template(dir.path())? };
        let (child, port) = on_free_ports("could not bind", || {
            let port = free_port(options.port)?;
            Ok((launch(dir.path(), &made.data, port, &options)?, port))
        })?;
        Ok(Self { server: Server::new(child), port, data: made.data, password: made.password, options, dir })
    }

    /// The server of this test run: the one `WEIR_TEST_PG_URL` names, else one per process, ended with it.
    /// The address is its administrator's, for `create database`.
    ///
    /// # Errors
    /// When none can be started.
    pub fn shared() -> Result<String> {
        static OF_RUN: OfRun<Postgres> = OfRun::new("WEIR_TEST_PG_URL");
        OF_RUN.address(|| Self::start_now(Options::default()), Self::url)
    }

    /// The address of the administrator's database.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// The address of one of its databases.
    #[must_use]
    pub fn url_of(&self, database: &str) -> String {
        format!("postgres://{USER}:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    /// The process id of the postmaster.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.server.pid()
    }

    /// The directory with its `data` and its log `postgres.log`.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Makes a new, empty database; the guard drops it.
    ///
    /// # Errors
    /// When the server is down.
    pub fn create_database(&self) -> Result<Database> {
        blocking(|| Database::create(&self.url()))
    }

    /// Makes a database of this name unless it is there already, and returns its address.
    ///
    /// # Errors
    /// When the server is down.
    pub fn ensure_database(&self, name: &str) -> Result<String> {
        blocking(|| database::ensure(&self.url(), name))?;
        Ok(self.url_of(name))
    }

    /// Runs SQL files in order on one of its databases, with `psql`.
    ///
    /// # Errors
    /// When a statement fails: the error names its file and line.
    pub fn apply(&self, database: &str, files: &[PathBuf]) -> Result<()> {
        blocking(|| database::apply(&self.url_of(database), files))
    }

    /// Stops it cleanly, closing its clients' connections.
    ///
    /// # Errors
    /// When it does not stop in time (it is killed then).
    pub fn stop(&self) -> Result<()> {
        match self.server.stop(LIMIT) {
            (Some(exit), _) if exit.success() => Ok(()),
            (exit, log) => Err(Error::failed("stopping PostgreSQL", format!("{exit:?}: {log}"))),
        }
    }

    /// Kills it as a power cut would.
    pub fn kill9(&self) {
        self.server.kill9();
    }

    /// Starts it again on the same port and data, after [`stop`](Self::stop), [`kill9`](Self::kill9) or neither.
    ///
    /// # Errors
    /// When it does not start.
    pub fn restart(&self) -> Result<()> {
        self.server.restart(LIMIT, || {
            let start = Instant::now();
            loop {
                match launch(self.dir.path(), &self.data, self.port, &self.options) {
                    // After a kill its workers need up to 1.5 s to notice and let go of the shared memory.
                    Err(Error::Failed { .. }) if start.elapsed() < Duration::from_secs(10) => {
                        std::thread::sleep(Duration::from_millis(50));
                    }
                    other => return other,
                }
            }
        })
    }

    /// Freezes the postmaster: established connections go on, new ones hang.
    pub fn sigstop(&self) {
        self.server.sigstop();
    }

    /// Lets it go on.
    pub fn sigcont(&self) {
        self.server.sigcont();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.options.durable && self.dir.is_kept() {
            self.server.stop(LIMIT);
        } else {
            // Nothing of it is needed any more, and QUIT leaves no worker behind.
            self.server.end_by(Signal::SIGQUIT, Duration::from_secs(5));
        }
    }
}

fn launch(dir: &Path, data: &Path, port: u16, options: &Options) -> Result<Child> {
    let (bin, _) = bin::find()?;
    let mut spec = Spec::new("postgres", bin.join("postgres"), data).env("LC_ALL", "C").env("TZ", "UTC");
    spec.log = Some(dir.join("postgres.log"));
    spec.stop_signal = Signal::SIGINT;
    spec.account = Account::for_server();
    spec = spec.args(["-D", "/proc/self/cwd", "-k", "", "-h", "127.0.0.1", "-p", &port.to_string()]);
    let mut settings: Vec<(&str, &str)> = vec![("shared_buffers", "64MB"), ("jit", "off"), ("max_connections", "200")];
    if options.durable {
        settings.extend([("max_wal_size", "512MB")]);
    } else {
        let throw_away = "fsync=off synchronous_commit=off full_page_writes=off max_wal_size=256MB \
                          wal_level=minimal max_wal_senders=0 autovacuum=off";
        settings.extend(throw_away.split_whitespace().filter_map(|s| s.split_once('=')));
    }
    settings.extend(options.settings.iter().map(|(k, v)| (k.as_str(), v.as_str())));
    for (name, value) in settings {
        spec = spec.args(["-c".to_owned(), format!("{name}={value}")]);
    }
    let child = Child::spawn(spec)?;
    let pid_file = data.join("postmaster.pid");
    child.await_ready(LIMIT, || {
        // A stale file of a killed server has another pid in its first line.
        let status = fs::read_to_string(&pid_file).unwrap_or_default();
        let mut lines = status.lines();
        lines.next() == Some(&child.pid().to_string())
            && lines.nth(6).is_some_and(|s| s.trim() == "ready")
            && TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
    })?;
    Ok(child)
}
