//! One minified stylesheet out of `style/`.

use std::path::Path;

use lightningcss::{
    bundler::{Bundler, FileProvider},
    dependencies::{Dependency, DependencyOptions},
    printer::PrinterOptions,
    stylesheet::{MinifyOptions, ParserOptions},
};

use super::site::Files;
use crate::{Failure, Result};

/// A font of the site.
pub struct Font {
    /// Its name in the manifest.
    pub name: &'static str,
    /// Its path below `style/`.
    pub path: &'static str,
    pub licence_name: &'static str,
    pub licence_path: &'static str,
}

/// The Latin subsets, all weights in one file each.
pub const FONTS: [Font; 2] = [
    Font {
        name: "inter.woff2",
        path: "node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
        licence_name: "inter-licence.txt",
        licence_path: "node_modules/@fontsource-variable/inter/LICENSE",
    },
    Font {
        name: "jetbrains-mono.woff2",
        path: "node_modules/@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2",
        licence_name: "jetbrains-mono-licence.txt",
        licence_path: "node_modules/@fontsource-variable/jetbrains-mono/LICENSE",
    },
];

/// Bundles `console.css` with what it imports; the fonts in it get the names they have in the site.
pub fn bundle(style: &Path, files: &Files) -> Result<String> {
    let provider = FileProvider::new();
    let mut bundler = Bundler::new(&provider, None, ParserOptions::default());
    let said = |error: &dyn std::fmt::Display| -> Failure { format!("style: {error}").into() };
    let mut sheet = bundler.bundle(&style.join("console.css")).map_err(|e| said(&e))?;
    sheet.minify(MinifyOptions::default()).map_err(|e| said(&e))?;
    let options = PrinterOptions {
        minify: true,
        analyze_dependencies: Some(DependencyOptions { remove_imports: false }),
        ..PrinterOptions::default()
    };
    let printed = sheet.to_css(options).map_err(|e| said(&e))?;
    let mut css = printed.code;
    for dependency in printed.dependencies.unwrap_or_default() {
        if let Dependency::Url(url) = dependency {
            css = css.replace(&url.placeholder, &in_site(&url.url, files)?);
        }
    }
    Ok(css)
}

/// Fonts and stylesheet lie side by side in the site, so a name is enough.
fn in_site(url: &str, files: &Files) -> Result<String> {
    if url.starts_with("data:") || url.starts_with('#') {
        return Ok(url.to_owned());
    }
    let font = FONTS.iter().find(|font| url.trim_start_matches("./") == font.path);
    let hashed = font.and_then(|font| files.hashed(font.name));
    let unknown =
        || format!("style: url({url}) is none of the site's files: add it in xtask/src/bundle/style.rs").into();
    hashed.map(str::to_owned).ok_or_else(unknown)
}
