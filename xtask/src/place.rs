//! Where things are in the checkout.

use std::path::{Path, PathBuf};

/// The top of the checkout.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// A path below the top.
pub fn at(path: &str) -> PathBuf {
    root().join(path)
}

/// A built program: `target/<profile>/<name>`.
pub fn program(profile: &str, name: &str) -> PathBuf {
    at("target").join(profile).join(name)
}

/// Where tools that are installed once are kept: `$WEIR_CACHE` or `target/private`.
pub fn cache() -> crate::Result<PathBuf> {
    Ok(weir_testkit::cache_dir()?)
}
