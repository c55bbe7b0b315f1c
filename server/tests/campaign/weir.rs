use std::{fs, path::Path, time::Duration};

use nix::sys::signal::Signal;
use weir_testkit::{Child, Spec};

/// A real `weir`.
pub struct Weir {
    child: Child,
}

impl Weir {
    pub fn start(name: &str, command: &[&str], dir: &Path, database: &str) -> Self {
        let more = std::env::var("WEIR_CAMPAIGN_ENV").unwrap_or_default();
        let more = more.split(' ').filter_map(|pair| pair.split_once('='));
        let spec = Spec::new(name, env!("CARGO_BIN_EXE_weir"), dir)
            .args(command)
            .args(["--config", "weir.toml"])
            .env("DATABASE", database)
            .env("RUST_LOG", "info");
        let spec = more.fold(spec, |spec, (name, value)| spec.env(name, value));
        Self { child: Child::spawn(spec).unwrap() }
    }

    /// SIGKILL.
    pub fn kill(self) {
        let exit = self.child.kill9().expect("it was running");
        assert_eq!(exit.signal, Some(9), "it had ended by itself: {exit:?}\n{}", self.child.log_tail());
    }

    /// SIGTERM; it ends by itself in time, and well.
    pub fn stop(self) -> Duration {
        let begun = std::time::Instant::now();
        let exit = self.child.stop(Duration::from_secs(15)).expect("it ended");
        assert!(exit.success(), "{exit:?}\n{}", self.child.log_tail());
        begun.elapsed()
    }

    pub fn freeze(&self) {
        self.child.signal(Signal::SIGSTOP);
    }

    pub fn thaw(&self) {
        self.child.signal(Signal::SIGCONT);
    }

    pub fn is_running(&self) -> bool {
        self.child.exited().is_none()
    }

    /// What it holds in memory.
    pub fn memory_mb(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.pid())).unwrap();
        let kb = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap();
        kb.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
    }
}
