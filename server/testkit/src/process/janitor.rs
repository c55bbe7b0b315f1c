//! What clears up after us when we cannot: killed by SIGKILL, or ended with a server still in a `static`.
//!
//! A small shell holds the other end of a pipe. When we are gone, however that came about, it reads the end of
//! the pipe, gives our children (which got their death signal from the kernel) some seconds, kills those that
//! are stuck, and removes our directories.

use std::{
    io::Write as _,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{ChildStdin, Command, Stdio},
    sync::{Mutex, OnceLock, PoisonError},
};

use nix::unistd::Pid;

use crate::{Error, Result};

/// Lines: `d DIR` remove it at the end; `p PID STARTED` see that this child ends (its start time tells it from a
/// later process with the same number).
const SCRIPT: &str = r#"
trap '' INT TERM HUP
nl='
'
dirs= pids=
while read -r kind rest; do
  case $kind in
    d) dirs="$dirs$rest$nl" ;;
    p) pids="$pids$rest$nl" ;;
  esac
done
started() { s=$(cat "/proc/$1/stat" 2>/dev/null) || return 1; s=${s##*) }; set -- $s; [ "$1" != Z ] && echo "${20}"; }
alive() { [ "$(started "$1")" = "$2" ]; }
tries=0
while [ $tries -lt 100 ]; do
  left=
  while read -r pid at; do [ -n "$pid" ] && alive "$pid" "$at" && left="$left$pid $at$nl"; done <<END
$pids
END
  pids=$left
  [ -z "$pids" ] && break
  tries=$((tries + 1)); sleep 0.1
done
while read -r pid at; do [ -n "$pid" ] && alive "$pid" "$at" && kill -9 "$pid"; done <<END
$pids
END
while read -r dir; do
  [ -n "$dir" ] || continue
  rm -rf "$dir" 2>/dev/null || { sleep 0.5; rm -rf "$dir"; }
done <<END
$dirs
END
"#;

/// Has `dir` removed when this process is gone.
pub(crate) fn remove_at_end(dir: &Path) -> Result<()> {
    tell(&format!("d {}\n", dir.display()))
}

/// Has the child killed if it is still there some seconds after this process is gone.
pub(crate) fn stop_at_end(pid: Pid) -> Result<()> {
    // A child that has ended already needs no janitor.
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { return Ok(()) };
    let started = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(19));
    started.map_or(Ok(()), |started| tell(&format!("p {pid} {started}\n")))
}

fn tell(line: &str) -> Result<()> {
    static PIPE: OnceLock<Mutex<Option<ChildStdin>>> = OnceLock::new();
    let mut pipe = PIPE.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if pipe.is_none() {
        *pipe = hire()?.into();
    }
    let Some(pipe) = pipe.as_mut() else { return Err(Error::failed("the janitor", "its pipe is gone")) };
    pipe.write_all(line.as_bytes()).map_err(Error::io("tell the janitor"))
}

fn hire() -> Result<ChildStdin> {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", SCRIPT]).env_clear().env("PATH", "/usr/bin:/bin").current_dir("/");
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let mut janitor = command.spawn().map_err(Error::io("start the janitor"))?;
    janitor.stdin.take().ok_or_else(|| Error::failed("the janitor", "it has no pipe"))
}
