//! What commands print: tables that fit a terminal, and lines of JSON for programs.

mod table;
mod width;
pub mod words;

pub use table::{Column, Table};
pub use width::{plain, plain_lines, wrapped};

use std::io::{self, Write as _};

use serde::Serialize;

use crate::ended::Ended;

/// The width that everything fits.
pub const WIDTH: usize = 80;

/// One line on the standard output, at once.
///
/// # Errors
/// When it can't be written; whoever reads may have gone.
pub fn line(text: &str) -> Result<(), Ended> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}

/// One value as one line of JSON.
///
/// # Errors
/// As [`line`].
pub fn json(value: &impl Serialize) -> Result<(), Ended> {
    let text = serde_json::to_string(value).map_err(io::Error::other)?;
    line(&text)
}

/// A remark for the person, beside the output.
pub fn note(text: &str) {
    // Nothing can be told if this can't.
    let _ = writeln!(io::stderr().lock(), "{}", wrapped(text, WIDTH, ""));
}
