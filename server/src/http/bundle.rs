//! The browser bundle, embedded at build time: hashed names, so browsers may keep it for ever.

use std::{borrow::Cow, collections::BTreeMap};

use axum::{
    body::Body,
    extract::Path,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use rust_embed::RustEmbed;
use serde::Deserialize;
use weir_app::Assets;

use super::address::Root;

/// What the first screen is written in.
const FIRST_FONTS: [&str; 2] = ["inter.woff2", "jetbrains-mono.woff2"];

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../target/site"]
struct Site;

/// What pages need to know of the bundle.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// `None`: the server was built without one.
    pub assets: Option<Assets>,
    /// Tells an old page from a new server (decision 24).
    pub build_id: String,
}

/// As `xtask bundle` writes it.
#[derive(Deserialize)]
struct Manifest {
    build: String,
    /// The file's name with its hash, by its name without.
    files: BTreeMap<String, String>,
}

impl Manifest {
    /// The address of a file; empty if the bundle has none.
    fn url(&self, name: &str, root: &Root) -> String {
        self.files.get(name).map(|file| root.outside(&format!("/pkg/{file}"))).unwrap_or_default()
    }
}

impl Bundle {
    /// What was embedded. Scripts name these addresses too, so they have the root from the beginning.
    pub fn embedded(root: &Root) -> Self {
        let manifest = Site::get("manifest.json").map(|file| serde_json::from_slice::<Manifest>(&file.data));
        match manifest {
            Some(Ok(manifest)) => Self {
                assets: Some(Assets {
                    css: manifest.url("console.css", root),
                    js: manifest.url("weir.js", root),
                    wasm: manifest.url("weir.wasm", root),
                    fonts: FIRST_FONTS.iter().map(|f| manifest.url(f, root)).filter(|f| !f.is_empty()).collect(),
                }),
                build_id: manifest.build,
            },
            Some(Err(error)) => {
                tracing::error!(%error, "the browser bundle's manifest can't be read");
                Self::missing()
            }
            None => {
                tracing::warn!(
                    "built without the browser bundle: pages work, without live data (cargo run -p xtask -- bundle)"
                );
                Self::missing()
            }
        }
    }

    fn missing() -> Self {
        Self { assets: None, build_id: concat!(env!("CARGO_PKG_VERSION"), "-no-bundle").to_owned() }
    }
}

/// A file under `/pkg/`.
pub async fn file(Path(name): Path<String>, headers: HeaderMap) -> Response {
    // The compressed siblings are another form of a file, not files of their own.
    let Some(kind) = kind(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let brotli = accepts_brotli(&headers).then(|| Site::get(&format!("{name}.br"))).flatten();
    let compressed = brotli.is_some();
    let Some(file) = brotli.or_else(|| Site::get(&name)) else { return StatusCode::NOT_FOUND.into_response() };
    let data = match file.data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    };
    // Pieces that crates bring along have fixed names.
    let caching = if name.starts_with("snippets/") { "no-cache" } else { "public, max-age=31536000, immutable" };
    let fixed: [(HeaderName, &'static str); 3] =
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, caching), (header::VARY, "accept-encoding")];
    let mut response = Body::from(data).into_response();
    for (name, value) in fixed {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    if compressed {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    response
}

fn kind(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "woff2" => "font/woff2",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "json" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    })
}

/// Does the browser take brotli? `br;q=0` means it does not.
fn accepts_brotli(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .filter_map(|part| {
            let (name, weight) = part.split_once(';').unwrap_or((part, "q=1"));
            let weight = weight.trim().strip_prefix("q=")?.parse::<f32>().ok()?;
            Some((name.trim().to_ascii_lowercase(), weight))
        })
        .any(|(name, weight)| name == "br" && weight > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brotli_only_for_those_who_take_it() {
        let sent = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
            accepts_brotli(&headers)
        };
        assert!(sent("gzip, deflate, br, zstd"));
        assert!(sent("br;q=0.5"));
        assert!(!sent("gzip, br;q=0"));
        assert!(!sent("gzip, abr"));
        assert!(!accepts_brotli(&HeaderMap::new()));
    }
}
