//! `make bench`: builds what is measured and runs `weir-bench` on it.

use crate::{Result, bundle, command, place, stage::step};

/// Runs the measurements; `args` go to `weir-bench`.
pub fn run(args: &[String]) -> Result<()> {
    let site = bundle::build()?;
    step("compile the server and the measurements", || {
        command::run(&mut command::cargo(["build", "--release", "--locked", "--package=weir", "--package=weir-bench"]))
    })?;
    let weir = place::program("release", "weir");
    let mut bench = command::program(place::program("release", "weir-bench"), args);
    command::run(bench.arg("--weir").arg(weir).arg("--site").arg(site))
}
