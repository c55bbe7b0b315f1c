//! The browser bundle: `target/site`, which the server's binary carries within it.
//!
//! Every file's name holds a hash of its content, so that it can be cached for ever; beside it lies the same
//! compressed by brotli (`.br`), as it is served. `manifest.json` is
//! `{"build": "<id>", "files": {"console.css": "console.1a2b3c4d5e6f.css", "weir.js": …, "weir.wasm": …, …}}`;
//! the build id changes when any of the files does.

mod npm;
mod site;
mod style;
mod wasm;

use std::{
    fs,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use crate::{
    Result,
    place::{at, root},
    stage::step,
};

/// Bytes of the console as WebAssembly, compressed as it is served.
const MOST: u64 = 250_000;

/// Builds what is out of date and returns the site's directory.
pub fn build() -> Result<PathBuf> {
    let compiled = step("compile the console for the browser", wasm::compile)?;
    step("fetch fonts and wasm-opt from npm", npm::install)?;
    let site = at("target/site");
    let inputs = inputs(&compiled)?;
    let stamp = at("target/site.inputs");
    if site.join("manifest.json").is_file() && fs::read_to_string(&stamp).is_ok_and(|made_of| made_of == inputs) {
        return Ok(site);
    }
    step("put the bundle together", || {
        let mut files = site::Files::default();
        for font in style::FONTS {
            files.add(font.name, fs::read(at("style").join(font.path))?);
            files.add(font.licence_name, fs::read(at("style").join(font.licence_path))?);
        }
        let css = style::bundle(&at("style"), &files)?;
        files.add("console.css", css.into_bytes());
        wasm::bind(&compiled, &mut files)?;
        files.write(&site)
    })?;
    fs::write(&stamp, inputs)?;
    Ok(site)
}

/// Fails if the console of a built site is larger than it may be. Checked where tests run, so that another compiler
/// never keeps anybody from starting Weir.
pub fn bounded(site: &Path) -> Result<()> {
    let manifest: serde_json::Value = serde_json::from_slice(&fs::read(site.join("manifest.json"))?)?;
    let name = manifest["files"]["weir.wasm"].as_str().ok_or("the site has no weir.wasm")?;
    match fs::metadata(site.join(format!("{name}.br")))?.len() {
        bytes if bytes > MOST => {
            Err(format!("the console is {bytes} bytes compressed, and {MOST} at most: see C5 in ARCHITECTURE.md")
                .into())
        }
        _ => Ok(()),
    }
}

/// A hash over everything the site is made of. Cargo knows what the wasm is made of; the rest is read here.
fn inputs(compiled: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    let mut paths = vec![compiled.to_owned(), at("style/package-lock.json")];
    let styles = fs::read_dir(at("style"))?.flatten().map(|e| e.path());
    paths.extend(styles.filter(|path| path.extension().is_some_and(|e| e == "css")));
    let own =
        ["xtask/src/bundle.rs", "xtask/src/bundle/site.rs", "xtask/src/bundle/style.rs", "xtask/src/bundle/wasm.rs"];
    paths.extend(own.map(at));
    paths[2..].sort_unstable();
    for path in paths {
        hash.update(path.strip_prefix(root()).unwrap_or(&path).as_os_str().as_encoded_bytes());
        hash.update(Sha256::digest(fs::read(&path)?));
    }
    Ok(hex(&hash.finalize()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
