//! What npm gives: `style/node_modules`, as `style/package-lock.json` says.

use std::fs;

use crate::{Result, command, place::at};

/// Installs it unless what is there was installed from the same lock file.
pub fn install() -> Result<()> {
    let lock = fs::read(at("style/package-lock.json"))?;
    let stamp = at("style/node_modules/.installed-from");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    let mut npm = command::program("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    command::output(npm.current_dir(at("style")))?;
    Ok(fs::write(stamp, lock)?)
}
