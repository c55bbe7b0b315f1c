//! Running other programs.

use std::{
    ffi::OsStr,
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

use crate::{Result, place, stage::say};

/// Characters of a failed program's output that a message carries.
const MOST_SHOWN: usize = 4_000;

/// `cargo` (of the toolchain that runs us) at the top of the checkout.
pub fn cargo<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(place::root());
    // Queries are checked against `.sqlx`; only `sqlx` and `lint` ask a database.
    command.env_remove("DATABASE_URL");
    command
}

/// A program at the top of the checkout.
pub fn program<A: AsRef<OsStr>>(name: impl AsRef<OsStr>, args: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(name);
    command.args(args).current_dir(place::root());
    command
}

/// Runs it with our own output.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|e| format!("could not start {}: {e}", shown(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{} failed ({status})", shown(command)).into()) }
}

/// Runs it quietly and returns what it printed; on failure its output is part of the message.
pub fn output(command: &mut Command) -> Result<String> {
    let done = command.output().map_err(|e| format!("could not start {}: {e}", shown(command)))?;
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    if done.status.success() {
        return Ok(text);
    }
    let said = text + &String::from_utf8_lossy(&done.stderr);
    let end = said.char_indices().rev().nth(MOST_SHOWN).map_or(0, |(at, _)| at);
    Err(format!("{} failed ({}):\n{}", shown(command), done.status, said[end..].trim()).into())
}

/// Runs it with our own output and looks at each line of its standard output on the way. Returns whether it
/// succeeded.
pub fn watch(command: &mut Command, mut look: impl FnMut(&str)) -> Result<bool> {
    let mut child =
        command.stdout(Stdio::piped()).spawn().map_err(|e| format!("could not start {}: {e}", shown(command)))?;
    if let Some(out) = child.stdout.take() {
        for line in BufReader::new(out).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            say(&line);
            look(&line);
        }
    }
    Ok(child.wait()?.success())
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let text = words.map(|w| w.to_string_lossy()).collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(200) {
        Some((at, _)) => format!("`{}…`", &text[..at]),
        None => format!("`{text}`"),
    }
}
