//! `make bench`: builds what is measured and runs `weir-bench` on it.

use crate::{Result, bundle, command, place, stage::step, test};

/// Runs the measurements; `args` go to `weir-bench`.
pub fn run(args: &[String]) -> Result<()> {
    let site = bundle::build()?;
    step("compile the server and the measurements", || {
        let packages = ["--package=weir", "--package=weir-bench", "--package=weir-demo"];
        command::run(command::cargo(["build", "--release", "--locked"]).args(packages))
    })?;
    let weir = place::program("release", "weir");
    let mut bench = command::program(place::program("release", "weir-bench"), args);
    command::run(bench.arg("--weir").arg(weir).arg("--site").arg(site))?;
    step("scroll a hundred thousand results in a browser", || {
        command::run(test::in_browser("target/release")?.args(["--project=direct", "-g", "a hundred thousand results"]))
    })
}
