//! One supervised child process.

use std::{
    fs,
    io::{Read as _, Seek as _, SeekFrom},
    os::unix::process::ExitStatusExt as _,
    path::PathBuf,
    process::ExitStatus,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::{
        signal::{Signal, kill},
        wait::{Id, WaitPidFlag, waitid},
    },
    unistd::Pid,
};

use super::{Spec, janitor, spawner};
use crate::{Error, Result};

/// A child process that dies with us and is killed on drop.
#[derive(Debug)]
pub struct Child {
    name: String,
    pid: Pid,
    log: Option<PathBuf>,
    stop_signal: Signal,
    state: Arc<State>,
}

/// How a child ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    /// Its exit code, if it ended by itself.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
}

impl Exit {
    /// Whether it ended by itself with code 0.
    #[must_use]
    pub fn success(self) -> bool {
        self.code == Some(0)
    }
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        Self { code: status.code(), signal: status.signal() }
    }
}

#[derive(Debug, Default)]
struct State {
    exit: Mutex<Option<Exit>>,
    ended: Condvar,
}

impl State {
    fn exit(&self) -> MutexGuard<'_, Option<Exit>> {
        self.exit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Child {
    /// Starts it. It has not said anything yet when this returns.
    ///
    /// # Errors
    /// When it cannot be started at all; a program that is missing ends at once with code 127 instead.
    pub fn spawn(spec: Spec) -> Result<Self> {
        let (name, log, stop_signal) = (spec.name.clone(), spec.log.clone(), spec.stop_signal);
        let mut process = spawner::spawn(spec)?;
        // A pid is never above i32::MAX on Linux.
        let pid = Pid::from_raw(i32::try_from(process.id()).unwrap_or(i32::MAX));
        janitor::stop_at_end(pid)?;
        let state = Arc::new(State::default());
        let waiting = Arc::clone(&state);
        thread::Builder::new()
            .name(format!("wait-{name}"))
            .spawn(move || {
                // WNOWAIT leaves the zombie, so that the pid stays ours until the lock is held and no signal can
                // go to a stranger that got the same number.
                while waitid(Id::Pid(pid), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT) == Err(nix::Error::EINTR) {}
                let mut exit = waiting.exit();
                *exit = Some(process.wait().map_or(Exit { code: None, signal: None }, Exit::from));
                waiting.ended.notify_all();
            })
            .map_err(Error::io("start a waiting thread"))?;
        Ok(Self { name, pid, log, stop_signal, state })
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.pid.as_raw()
    }

    /// How it ended, if it has.
    #[must_use]
    pub fn exited(&self) -> Option<Exit> {
        *self.state.exit()
    }

    /// Waits up to `limit` for it to end.
    pub fn wait(&self, limit: Duration) -> Option<Exit> {
        let guard = self.state.exit();
        let (exit, _) = self
            .state
            .ended
            .wait_timeout_while(guard, limit, |exit| exit.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        *exit
    }

    /// Asks `ready` every few milliseconds until it says yes.
    ///
    /// # Errors
    /// When the child ends or `limit` passes first; both carry the end of its log.
    pub fn await_ready(&self, limit: Duration, mut ready: impl FnMut() -> bool) -> Result<()> {
        let start = Instant::now();
        while !ready() {
            if let Some(exit) = self.wait(Duration::from_millis(15)) {
                return Err(Error::failed(&self.name, format!("ended early ({exit:?}): {}", self.log_tail())));
            }
            if start.elapsed() > limit {
                let what = format!("waiting for {} to be ready", self.name);
                return Err(Error::Slow { what, limit, log: self.log_tail() });
            }
        }
        Ok(())
    }

    /// Sends a signal; a child that has ended is left alone.
    pub fn signal(&self, signal: Signal) {
        let exit = self.state.exit();
        if exit.is_none() {
            // The lock keeps the pid ours. It fails only if the child changed to an account we may not signal.
            let _ = kill(self.pid, signal);
        }
    }

    /// Asks it to stop, and kills it when it has not within `grace`. Returns how it ended.
    pub fn stop(&self, grace: Duration) -> Option<Exit> {
        self.signal(self.stop_signal);
        self.signal(Signal::SIGCONT);
        self.wait(grace).or_else(|| self.kill9())
    }

    /// Kills it with SIGKILL and waits for it to be gone.
    pub fn kill9(&self) -> Option<Exit> {
        self.signal(Signal::SIGKILL);
        self.wait(Duration::from_secs(10))
    }

    /// The last 2,000 bytes of its log.
    #[must_use]
    pub fn log_tail(&self) -> String {
        let Some(log) = &self.log else { return String::new() };
        let mut tail = Vec::new();
        if let Ok(mut file) = fs::File::open(log) {
            let length = file.metadata().map_or(0, |m| m.len());
            let _ = file.seek(SeekFrom::Start(length.saturating_sub(2_000)));
            let _ = file.read_to_end(&mut tail);
        }
        String::from_utf8_lossy(&tail).trim().to_owned()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.exited().is_none() {
            self.kill9();
        }
    }
}
