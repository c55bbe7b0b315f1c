//! What a configuration may look at besides its own text: the environment and files beside it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// The environment's variables and the directory that relative paths start from.
#[derive(Clone, Default)]
pub struct Surroundings {
    pub variables: BTreeMap<String, String>,
    pub dir: PathBuf,
}

impl Surroundings {
    /// Those of this process, for a configuration file at `file`. Variables that are not text are left out.
    pub fn of_process(file: &Path) -> Self {
        let variables = std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
        Self { variables: variables.collect(), dir: file.parent().map(Path::to_path_buf).unwrap_or_default() }
    }

    /// A path as written in the file: relative ones start beside the file.
    pub fn path(&self, written: &str) -> PathBuf {
        self.dir.join(written)
    }
}

/// The variable that stands over a key: `sources.shop-eu.tls.ca_file` is `WEIR_SOURCES__SHOP_EU__TLS__CA_FILE`.
pub fn override_name(path: &str) -> String {
    let mut name = String::from("WEIR_");
    for c in path.chars() {
        match c {
            '.' => name.push_str("__"),
            c if c.is_ascii_alphanumeric() => name.push(c.to_ascii_uppercase()),
            _ => name.push('_'),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::override_name;

    #[test]
    fn levels_are_told_apart_by_two_underscores() {
        assert_eq!(override_name("listen"), "WEIR_LISTEN");
        assert_eq!(override_name("limits.body_bytes"), "WEIR_LIMITS__BODY_BYTES");
        assert_eq!(override_name("sources.shop-eu.tls.ca_file"), "WEIR_SOURCES__SHOP_EU__TLS__CA_FILE");
    }
}
