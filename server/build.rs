//! The browser bundle (`cargo run -p xtask -- bundle`) is embedded. Without one the server still builds, and says so.

use std::{env, fs, io, path::PathBuf};

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let site = here.join("../target/site");
    fs::create_dir_all(&site)?;
    println!("cargo::rerun-if-changed={}", site.display());
    Ok(())
}
