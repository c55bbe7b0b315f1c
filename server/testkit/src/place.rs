//! Where things are kept: a cache for what is dear to make, private directories for what is thrown away.

use std::{
    env, fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use nix::unistd::Uid;
use rand::RngExt as _;

use crate::{Error, Result, process::janitor};

/// Jars, initialised data directories and archives, kept between runs: `$WEIR_CACHE`, else `target/private` of
/// this checkout, else a directory of this user under the temporary directory.
///
/// # Errors
/// When the directory cannot be made, or belongs to somebody else.
pub fn cache_dir() -> Result<PathBuf> {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let dir = match env::var_os("WEIR_CACHE") {
        Some(dir) => PathBuf::from(dir),
        None if checkout.join("Cargo.lock").is_file() => {
            checkout.canonicalize().unwrap_or(checkout).join("target/private")
        }
        None => env::temp_dir().join(format!("weir-cache-{}", Uid::current())),
    };
    fs::create_dir_all(&dir).map_err(Error::path("make the cache directory", &dir))?;
    let owner = fs::metadata(&dir).map_err(Error::path("look at", &dir))?.uid();
    // A shared temporary directory is where somebody else could lay a cache for us.
    if owner != Uid::current().as_raw() {
        return Err(Error::failed(
            format!("using the cache {}", dir.display()),
            "it belongs to another user; set WEIR_CACHE to a directory of your own",
        ));
    }
    Ok(dir)
}

/// A directory of our own under the temporary directory, removed on drop, and by the janitor if we are killed.
///
/// Its mode is 0755 so that a server under another account can reach its own 0700 directory below.
#[derive(Debug)]
pub struct PrivateDir {
    path: PathBuf,
    keep: bool,
}

impl PrivateDir {
    /// Makes a new one; `name` is the readable part of its name.
    ///
    /// # Errors
    /// When the temporary directory cannot be written.
    pub fn new(name: &str) -> Result<Self> {
        let path = env::temp_dir().join(format!("weir-{name}-{}-{}", std::process::id(), random_word(6)));
        fs::create_dir(&path).map_err(Error::path("make", &path))?;
        open_to_others(&path)?;
        janitor::remove_at_end(&path)?;
        Ok(Self { path, keep: false })
    }

    /// Uses `path`, made if it is missing, and never removes it.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn kept(path: &Path) -> Result<Self> {
        if !path.is_dir() {
            fs::create_dir_all(path).map_err(Error::path("make", path))?;
            open_to_others(path)?;
        }
        let path = path.canonicalize().map_err(Error::path("find", path))?;
        Ok(Self { path, keep: true })
    }

    /// Its absolute path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it outlives this value.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.keep
    }
}

impl Drop for PrivateDir {
    fn drop(&mut self) {
        if !self.keep {
            // The janitor tries again when this process ends.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

fn open_to_others(path: &Path) -> Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).map_err(Error::path("set the mode of", path))
}

/// `length` random lower-case letters and digits.
pub(crate) fn random_word(length: usize) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut rng = rand::rng();
    (0..length).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect()
}

/// Makes `dir` once per machine: `make` fills a directory beside it, which then takes its name in one step, so
/// that a killed maker leaves nothing half done. Other processes wait for the one that is at it.
pub(crate) fn once(dir: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let lock_path = dir.with_extension("lock");
    let lock = fs::File::create(&lock_path).map_err(Error::path("make", &lock_path))?;
    lock.lock().map_err(Error::path("lock", &lock_path))?;
    if dir.is_dir() {
        return Ok(());
    }
    let unfinished = dir.with_extension("unfinished");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).map_err(Error::path("remove", &unfinished))?;
    }
    fs::create_dir_all(&unfinished).map_err(Error::path("make", &unfinished))?;
    make(&unfinished)?;
    fs::rename(&unfinished, dir).map_err(Error::path("name", dir))
}
