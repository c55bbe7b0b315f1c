//! `server/openapi.json`: the description of `/api/v1`, committed so that a change of the interface is seen in review.

use std::fs;

use crate::{
    Result,
    command::{self, cargo},
    place::{self, at},
    stage::say,
    test::{NATIVE, TARGETS},
};

const FILE: &str = "server/openapi.json";

/// Writes it anew.
pub fn write() -> Result<()> {
    let fresh = fresh()?;
    if fs::read_to_string(at(FILE)).is_ok_and(|committed| committed == fresh) {
        say(&format!("{FILE} is current"));
    } else {
        fs::write(at(FILE), fresh)?;
        say(&format!("{FILE} was written"));
    }
    Ok(())
}

/// Fails unless what is committed is what the server says.
pub fn check() -> Result<()> {
    if fresh()? == fs::read_to_string(at(FILE)).unwrap_or_default() {
        return Ok(());
    }
    Err(format!("{FILE} is out of date: run `cargo run -p xtask -- openapi` and commit the change").into())
}

/// As the program says it. Built as the tests are, whose features differ from the program's alone: after them nothing is
/// compiled for it.
fn fresh() -> Result<String> {
    command::run(cargo(["build", "--quiet"]).args(NATIVE).args(TARGETS))?;
    command::output(&mut command::program(place::program("debug", "weir"), ["openapi"]))
}
