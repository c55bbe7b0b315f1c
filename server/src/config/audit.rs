//! The audit log.

use super::section::{Key, Section};

/// Where the audit log goes besides the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Audit {
    /// Each entry as a line of JSON on the standard output.
    pub stdout: bool,
}

const STDOUT: Key = Key {
    name: "stdout",
    expected: "true or false; true writes each entry as a line of JSON to the standard output (false if not said)",
    example: "stdout = true",
};

pub fn read(section: Section<'_, '_>) -> Audit {
    let audit = Audit { stdout: section.flag(&STDOUT).is_some_and(|f| f.value) };
    section.end();
    audit
}
