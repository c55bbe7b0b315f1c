//! The OpenAPI fuzzer of `server/tests/contract.rs`: a Python program, pinned with all it stands on, in an environment of
//! its own.

use std::{fs, path::PathBuf, process::Command};

use crate::{
    Result, command,
    place::{self, at},
    stage::say,
};

/// Where it is; `None`, after saying so, where Python can't be had.
pub fn set_up() -> Result<Option<PathBuf>> {
    let pins = at("server/tests/contract/requirements.txt");
    let home = place::cache()?.join("schemathesis");
    let (program, stamp) = (home.join("bin/schemathesis"), home.join("installed-from"));
    let wanted = fs::read(&pins)?;
    if program.is_file() && fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(Some(program));
    }
    // An environment that was begun and not finished is no good.
    let _ = fs::remove_dir_all(&home);
    let venv = Command::new("python3").args(["-m", "venv"]).arg(&home).output();
    if !venv.is_ok_and(|done| done.status.success()) {
        say("    the interface is not fuzzed: there is no python3 with venv (Debian: python3-venv)");
        return Ok(None);
    }
    let mut pip = Command::new(home.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(&pins);
    command::output(&mut pip)?;
    fs::write(stamp, wanted)?;
    Ok(Some(program))
}
