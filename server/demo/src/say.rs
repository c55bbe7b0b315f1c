//! What the person at the terminal is told.
#![expect(clippy::print_stdout, reason = "progress for a person")]

use std::{io::Write, time::Instant};

/// One line, at once even into a pipe.
pub fn line(text: &str) {
    println!("{text}");
    let _ = std::io::stdout().flush();
}

/// Does a step and tells its name and time.
pub fn step<T, E>(name: &str, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    let begun = Instant::now();
    let done = work();
    let end = if done.is_ok() { "started" } else { "did not start" };
    line(&format!("  {name:<12} {end} in {:.1} s", begun.elapsed().as_secs_f64()));
    done
}
