//! The `weir` program as a child: started, awaited, and asked for the first administrator's link.

use crate::{Failure, say};
use std::{
    ffi::OsString,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};
use weir_testkit::{Child, Spec};

/// The longest that the server may take to get ready.
const LIMIT: Duration = Duration::from_secs(60);

/// How the server is called.
pub struct Server {
    pub weir: PathBuf,
    pub config: PathBuf,
    /// Its directory; relative paths of the configuration do not depend on it.
    pub dir: PathBuf,
    /// Its whole environment.
    pub env: Vec<(OsString, OsString)>,
    /// Its log file; `None` lets it write to our terminal.
    pub log: Option<PathBuf>,
}

impl Server {
    /// Starts it and waits until it can serve on `address`.
    pub fn start(&self, address: SocketAddr) -> Result<Child, Failure> {
        let mut spec = Spec::new("weir", &self.weir, &self.dir).args(["serve", "--config"]).args([&self.config]);
        for (name, value) in &self.env {
            spec = spec.env(name, value);
        }
        spec.log.clone_from(&self.log);
        let child = Child::spawn(spec)?;
        child.await_ready(LIMIT, || ready(address))?;
        Ok(child)
    }

    /// Tells the one-time link of the first administrator, or that there is one already.
    pub fn tell_link(&self) -> Result<(), Failure> {
        let mut ask = Command::new(&self.weir);
        ask.args(["admin-link", "--config"]).arg(&self.config).current_dir(&self.dir);
        ask.env_clear().envs(self.env.iter().map(|(name, value)| (name, value)));
        let answer = ask.stderr(Stdio::inherit()).output()?;
        let answer = String::from_utf8_lossy(&answer.stdout);
        match answer.lines().find(|line| line.contains("/setup#token=")) {
            Some(link) => {
                say::line("  Create the first administrator (once, within 15 minutes):");
                say::line(&format!("  {}", link.trim()));
            }
            None => answer.lines().for_each(|line| say::line(&format!("  {line}"))),
        }
        Ok(())
    }
}

/// The server's program: the one that was named, else the one beside us.
pub fn program(named: Option<&Path>) -> Result<PathBuf, Failure> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => std::env::current_exe()?.with_file_name("weir"),
    };
    let missing = |e| format!("the server is missing at {}: {e}; build it first", path.display());
    Ok(std::fs::canonicalize(&path).map_err(missing)?)
}

/// Does `GET /readyz` answer 200?
fn ready(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let ask = format!("GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    let mut answer = [0; 12];
    stream.set_read_timeout(Some(Duration::from_secs(2))).is_ok()
        && stream.write_all(ask.as_bytes()).is_ok()
        && stream.read_exact(&mut answer).is_ok()
        && answer.ends_with(b"200")
}
