//! Names, compression and manifest of the site's files.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::hex;
use crate::{Result, command, place::at, stage::say};

/// The files of a site before they are written.
#[derive(Default)]
pub struct Files {
    /// By logical name: the name with the hash in it, and the content.
    hashed: BTreeMap<String, (String, Vec<u8>)>,
    /// Files that are found by a fixed path.
    fixed: BTreeMap<PathBuf, Vec<u8>>,
}

impl Files {
    /// Adds a file whose name gets a hash.
    pub fn add(&mut self, name: &str, content: Vec<u8>) {
        let hash = &hex(&Sha256::digest(&content))[..12];
        let with_hash = match name.rsplit_once('.') {
            Some((stem, extension)) => format!("{stem}.{hash}.{extension}"),
            None => format!("{name}.{hash}"),
        };
        self.hashed.insert(name.to_owned(), (with_hash, content));
    }

    /// The name with the hash in it.
    pub fn hashed(&self, name: &str) -> Option<&str> {
        self.hashed.get(name).map(|(with_hash, _)| with_hash.as_str())
    }

    /// Adds everything below `dir` under its path from `base`.
    pub fn add_fixed(&mut self, base: &Path, dir: &Path) -> Result<()> {
        for entry in fs::read_dir(dir)? {
            let path = entry?.path();
            if path.is_dir() {
                self.add_fixed(base, &path)?;
            } else {
                self.fixed.insert(path.strip_prefix(base)?.to_owned(), fs::read(&path)?);
            }
        }
        Ok(())
    }

    /// Writes everything beside `site` and then puts it in its place.
    pub fn write(&self, site: &Path) -> Result<()> {
        let new = at("target/site.new");
        if new.exists() {
            fs::remove_dir_all(&new)?;
        }
        fs::create_dir_all(&new)?;
        let mut build = Sha256::new();
        let hashed = self.hashed.values().map(|(name, content)| (PathBuf::from(name), content));
        let fixed = self.fixed.iter().map(|(path, content)| (path.clone(), content));
        for (name, content) in hashed.chain(fixed) {
            let path = new.join(&name);
            fs::create_dir_all(path.parent().unwrap_or(&new))?;
            fs::write(&path, content)?;
            build.update(name.as_os_str().as_encoded_bytes());
            build.update(Sha256::digest(content));
            if name.extension().is_none_or(|e| e != "woff2") {
                compress(&path)?;
            }
        }
        let names: BTreeMap<_, _> = self.hashed.iter().map(|(name, (with_hash, _))| (name, with_hash)).collect();
        let manifest = json!({ "build": &hex(&build.finalize())[..16], "files": names });
        fs::write(new.join("manifest.json"), serde_json::to_string_pretty(&manifest)?)?;
        if site.exists() {
            fs::remove_dir_all(site)?;
        }
        fs::rename(&new, site)?;
        self.tell_sizes(site)
    }

    fn tell_sizes(&self, site: &Path) -> Result<()> {
        for (name, content) in self.hashed.values() {
            let compressed = fs::metadata(site.join(format!("{name}.br"))).map(|m| m.len());
            let size = |bytes: u64| format!("{:.1} KB", bytes as f64 / 1000.0);
            let raw = size(u64::try_from(content.len())?);
            let note = compressed.map(|c| format!(", {} compressed", size(c))).unwrap_or_default();
            say(&format!("    {name}: {raw}{note}"));
        }
        Ok(())
    }
}

/// Leaves `path.br` beside `path`; fonts are compressed already.
fn compress(path: &Path) -> Result<()> {
    let args = ["--best".as_ref(), "--keep".as_ref(), path.as_os_str()];
    command::output(&mut command::program("brotli", args)).map(drop)
}
