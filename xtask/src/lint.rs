//! `make lint`: rules that tools can check.
//!
//! Migrations up, down and up again are a test of `weir-store`, on a database with data in it; so `make test` runs
//! it.

use std::{path::PathBuf, process::Command};

use crate::{
    Result,
    command::{self, cargo},
    openapi, place, sqlx,
    stage::Stages,
    test::NATIVE,
};

/// The version that CI builds when it is missing.
const DENY: &str = "0.20.2";

/// Runs them all; fails if one failed.
pub fn run() -> Result<()> {
    let mut stages = Stages::default();
    stages.run("cargo fmt", 1, || command::run(&mut cargo(["fmt", "--all", "--check"])));
    stages.run("clippy, native", 8, || {
        command::run(cargo(["clippy", "--all-targets"]).args(NATIVE).args(["--", "-D", "warnings"]))
    });
    stages.run("clippy, wasm", 5, || {
        let target = ["--package=weir-frontend", "--target=wasm32-unknown-unknown", "--locked"];
        command::run(cargo(["clippy"]).args(target).args(["--", "-D", "warnings"]))
    });
    stages.run(".sqlx is current", 2, sqlx::check);
    stages.run("server/openapi.json is current", 3, openapi::check);
    stages.run("cargo-deny is there", 6, cargo_deny);
    stages.run("bans, licences, sources", 1, || {
        let mut deny = Command::new(cargo_deny()?);
        deny.current_dir(place::root()).args([
            "--locked",
            "check",
            "--hide-inclusion-graph",
            "bans",
            "licenses",
            "sources",
        ]);
        command::run(&mut deny)
    });
    stages.report();
    match stages.failed() {
        0 => Ok(()),
        failed => Err(format!("{failed} of the checks failed").into()),
    }
}

/// The `cargo-deny` of this machine, else one built into the cache: unoptimised, which takes half the time.
fn cargo_deny() -> Result<PathBuf> {
    let installed = PathBuf::from("cargo-deny");
    if Command::new(&installed).arg("--version").output().is_ok_and(|o| o.status.success()) {
        return Ok(installed);
    }
    let root = place::cache()?.join("tools");
    let own = root.join("bin/cargo-deny");
    if !own.is_file() {
        let install = ["install", "--locked", "--debug", "--quiet", "cargo-deny", "--version", DENY, "--root"];
        command::run(cargo(install).arg(&root))?;
    }
    Ok(own)
}
