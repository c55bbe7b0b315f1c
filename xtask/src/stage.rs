//! Telling a person what is being done and how long it took.

use std::time::{Duration, Instant};

use crate::Result;

/// Prints a line.
#[expect(clippy::print_stdout, reason = "this tool's purpose is to talk to the person who runs it")]
pub fn say(line: &str) {
    println!("{line}");
}

/// Runs one step under a name, and prints its time.
pub fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    say(&format!("==> {name}"));
    let start = Instant::now();
    let done = work();
    let word = if done.is_ok() { "done" } else { "failed" };
    say(&format!("    {name}: {word} in {}", shown(start.elapsed())));
    done
}

/// The stages of a long task, each with the time it may take on two cores from nothing.
#[derive(Default)]
pub struct Stages {
    rows: Vec<Row>,
}

struct Row {
    name: String,
    took: Duration,
    budget: Duration,
    failed: bool,
}

impl Stages {
    /// Runs a stage; a failure is remembered and told, and the next stages still run.
    pub fn run<T>(&mut self, name: &str, budget_minutes: u64, work: impl FnOnce() -> Result<T>) -> Option<T> {
        let start = Instant::now();
        let done = step(name, work);
        let took = start.elapsed();
        let budget = Duration::from_secs(budget_minutes * 60);
        self.rows.push(Row { name: name.to_owned(), took, budget, failed: done.is_err() });
        match done {
            Ok(value) => Some(value),
            Err(failure) => {
                say(&format!("    {failure}"));
                None
            }
        }
    }

    /// How many stages failed.
    pub fn failed(&self) -> usize {
        self.rows.iter().filter(|row| row.failed).count()
    }

    /// Prints the table.
    pub fn report(&self) {
        say(&format!("\n{:<44} {:>10} {:>10}", "stage", "time", "budget"));
        for row in &self.rows {
            let note = match (row.failed, row.took > row.budget) {
                (true, _) => "  FAILED",
                (false, true) => "  over its budget",
                (false, false) => "",
            };
            say(&format!("{:<44} {:>10} {:>10}{note}", row.name, shown(row.took), shown(row.budget)));
        }
        let (took, budget) =
            self.rows.iter().fold((Duration::ZERO, Duration::ZERO), |(t, b), r| (t + r.took, b + r.budget));
        say(&format!("{:<44} {:>10} {:>10}", "all", shown(took), shown(budget)));
    }
}

/// `4.2 s` or `3 m 07 s`.
pub fn shown(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} m {:02} s", seconds / 60, seconds % 60)
    }
}
