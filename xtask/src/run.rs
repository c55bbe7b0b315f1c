//! `make run`: builds everything and becomes the demo, or the server on a person's own configuration.

use std::{os::unix::process::CommandExt as _, path::Path};

use crate::{Result, bundle, command, place, stage::step};

/// Builds what is out of date, then hands this process over.
pub fn run(config: Option<&str>) -> Result<()> {
    if let Some(config) = config
        && !Path::new(config).is_file()
    {
        return Err(format!("there is no configuration file {config}: see server/weir.example.toml").into());
    }
    bundle::build()?;
    step("compile the server", || {
        command::run(&mut command::cargo(["build", "--release", "--locked", "--package=weir", "--package=weir-demo"]))
    })?;
    // Ctrl-C goes to what we become; nothing stands between.
    let mut next = command::program(place::program("release", "weir-demo"), ["--data"]);
    next.arg(place::at(".weir/demo")).arg("--weir").arg(place::program("release", "weir"));
    if let Some(config) = config {
        // Relative to where `make` was called.
        next.current_dir(std::env::current_dir()?).args(["serve", "--config", config]);
    }
    let why = next.exec();
    Err(format!("could not start {}: {why}", next.get_program().display()).into())
}
