//! What every private server has in common: one child after another in the same place, and one server for a whole run.

use std::{
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use nix::sys::signal::Signal;

use super::{Child, Exit};
use crate::{Error, Result, blocking};

/// The child of a server that can be stopped, killed, frozen and started again.
#[derive(Debug)]
pub(crate) struct Server(Mutex<Child>);

impl Server {
    pub(crate) fn new(child: Child) -> Self {
        Self(Mutex::new(child))
    }

    pub(crate) fn pid(&self) -> i32 {
        self.child().pid()
    }

    /// Asks it to stop and kills it after `grace`; how it ended, and the end of its log.
    pub(crate) fn stop(&self, grace: Duration) -> (Option<Exit>, String) {
        blocking(|| {
            let child = self.child();
            (child.stop(grace), child.log_tail())
        })
    }

    /// Kills it as a power cut would.
    pub(crate) fn kill9(&self) {
        blocking(|| self.child().kill9());
    }

    /// Stops it if it still runs, and puts what `launch` starts in its place.
    pub(crate) fn restart(&self, grace: Duration, launch: impl FnOnce() -> Result<Child>) -> Result<()> {
        blocking(|| {
            let mut child = self.child();
            child.stop(grace);
            *child = launch()?;
            Ok(())
        })
    }

    /// Freezes it.
    pub(crate) fn sigstop(&self) {
        self.child().signal(Signal::SIGSTOP);
    }

    /// Lets it go on.
    pub(crate) fn sigcont(&self) {
        self.child().signal(Signal::SIGCONT);
    }

    /// Sends a signal that ends it, and gives it `limit` to do so.
    pub(crate) fn end_by(&self, signal: Signal, limit: Duration) {
        let child = self.child();
        child.signal(signal);
        child.wait(limit);
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The server of a whole test run: the one that an environment variable names, else one per process, ended with it.
pub(crate) struct OfRun<S> {
    variable: &'static str,
    named: OnceLock<Option<String>>,
    own: Mutex<Option<S>>,
}

impl<S> OfRun<S> {
    pub(crate) const fn new(variable: &'static str) -> Self {
        Self { variable, named: OnceLock::new(), own: Mutex::new(None) }
    }

    /// Its address; the first to ask starts it.
    pub(crate) fn address(&self, start: impl FnOnce() -> Result<S>, of: impl Fn(&S) -> String) -> Result<String> {
        if let Some(address) = self.named.get_or_init(|| std::env::var(self.variable).ok()) {
            return Ok(address.clone());
        }
        blocking(|| {
            let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(server) = own.as_ref() {
                return Ok(of(server));
            }
            Ok(of(own.insert(start()?)))
        })
    }
}

/// Tries to start on free ports, anew when somebody took one in between; `taken` is how the server's log says so.
pub(crate) fn on_free_ports<S>(taken: &str, mut start: impl FnMut() -> Result<S>) -> Result<S> {
    let mut tries = 0;
    loop {
        match start() {
            Err(Error::Failed { why, .. }) if why.contains(taken) && tries < 5 => tries += 1,
            other => return other,
        }
    }
}
