//! Secrets come from the environment or from a file of their own, and are never shown.

use std::path::Path;

use weir_broker::Secret;

use super::section::{Found, Key, Section};

/// The ways to give one secret: `*_env` names a variable, `*_file` a file.
pub struct SecretKeys {
    pub by_variable: Key,
    pub by_file: Key,
    /// What people write instead, and must not: `password`.
    pub inline: &'static str,
}

impl SecretKeys {
    /// Reads whichever is said. `None` without a mistake only if neither is.
    pub fn read(&self, section: &Section<'_, '_>) -> Option<Secret> {
        let inline = Key { name: self.inline, ..self.by_variable };
        section.refuse(&inline, "would keep a secret in this file");
        self.read_by_reference(section)
    }

    /// The same for a secret that has an inline form too.
    pub fn read_by_reference(&self, section: &Section<'_, '_>) -> Option<Secret> {
        match (section.text(&self.by_variable), section.text(&self.by_file)) {
            (Some(variable), None) => self.in_variable(section, &variable),
            (None, Some(file)) => self.in_file(section, &file),
            (Some(_), Some(file)) => {
                section.wrong(&self.by_file, &file.place, format!("stands beside {}", self.by_variable.name));
                None
            }
            (None, None) => None,
        }
    }

    /// Was any way of giving it tried?
    pub fn said(&self, section: &Section<'_, '_>) -> bool {
        section.has(&self.by_variable)
            || section.has(&self.by_file)
            || section.has(&Key { name: self.inline, ..self.by_variable })
    }

    fn in_variable(&self, section: &Section<'_, '_>, name: &Found<String>) -> Option<Secret> {
        section.reading.uses_variable(&name.value);
        match section.reading.surroundings.variables.get(&name.value) {
            Some(value) if !value.is_empty() => Some(Secret::new(value.clone())),
            Some(_) => {
                let what = format!("names the variable {}, which is empty", name.value);
                section.wrong(&self.by_variable, &name.place, what);
                None
            }
            None => {
                let what = format!("names the variable {}, which is not set", name.value);
                section.wrong(&self.by_variable, &name.place, what);
                None
            }
        }
    }

    fn in_file(&self, section: &Section<'_, '_>, name: &Found<String>) -> Option<Secret> {
        let text = read_text(section, &self.by_file, name)?;
        let secret = in_text(&text);
        if secret.is_none() {
            section.wrong(&self.by_file, &name.place, format!("names {}, which is empty", name.value));
        }
        secret
    }
}

/// The secret of a file, which may end with a line end; `None` if there is nothing else.
pub fn in_text(text: &str) -> Option<Secret> {
    let secret = text.strip_suffix('\n').unwrap_or(text);
    let secret = secret.strip_suffix('\r').unwrap_or(secret);
    (!secret.is_empty()).then(|| Secret::new(secret))
}

/// The largest file that is read for a secret or a certificate.
const LARGEST: u64 = 1 << 20;

/// The text of a small file beside the configuration.
pub fn read_text(section: &Section<'_, '_>, key: &Key, name: &Found<String>) -> Option<String> {
    let path = section.reading.surroundings.path(&name.value);
    match read_file(&path) {
        Ok(text) => Some(text),
        Err(why) => {
            section.wrong(key, &name.place, format!("names {}, which {why}", path.display()));
            None
        }
    }
}

/// The text of a small file.
///
/// # Errors
/// Why not, going on after the file's name.
pub fn read_file(path: &Path) -> Result<String, String> {
    match std::fs::metadata(path).map(|m| m.len()) {
        Ok(size) if size > LARGEST => Err("is larger than 1 MiB".to_owned()),
        Ok(_) => std::fs::read_to_string(path).map_err(|e| format!("cannot be read: {e}")),
        Err(e) => Err(format!("cannot be read: {e}")),
    }
}
