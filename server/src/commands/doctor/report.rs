//! What was found, as it is found.

use serde::Serialize;

use crate::{
    ended::Ended,
    print::{self, WIDTH, plain, wrapped},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Ok,
    /// Works, and somebody should know.
    Note,
    Failed,
    /// Could not be looked at, because of what failed before.
    Skipped,
}

/// One look at one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at: `database`, `source shop`.
    pub of: String,
    pub check: &'static str,
    pub outcome: Outcome,
    pub said: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what_to_do: Option<String>,
}

/// Prints each check at once, and counts.
pub struct Report {
    json: bool,
    notes: u32,
    failed: u32,
    of: String,
}

impl Report {
    pub const fn new(json: bool) -> Self {
        Self { json, notes: 0, failed: 0, of: String::new() }
    }

    /// What the following checks are about.
    pub fn about(&mut self, of: impl Into<String>) {
        self.of = of.into();
    }

    pub fn ok(&mut self, check: &'static str, said: impl Into<String>) -> Result<(), Ended> {
        self.add(check, Outcome::Ok, said.into(), None)
    }
    pub fn note(
        &mut self,
        check: &'static str,
        said: impl Into<String>,
        what_to_do: impl Into<String>,
    ) -> Result<(), Ended> {
        self.add(check, Outcome::Note, said.into(), Some(what_to_do.into()))
    }
    pub fn failed(
        &mut self,
        check: &'static str,
        said: impl Into<String>,
        what_to_do: impl Into<String>,
    ) -> Result<(), Ended> {
        self.add(check, Outcome::Failed, said.into(), Some(what_to_do.into()))
    }
    pub fn skipped(&mut self, check: &'static str, why: impl Into<String>) -> Result<(), Ended> {
        self.add(check, Outcome::Skipped, why.into(), None)
    }

    fn add(&mut self, check: &'static str, outcome: Outcome, said: String, out: Option<String>) -> Result<(), Ended> {
        let what_to_do = out.filter(|text| !text.is_empty());
        let check = Check { of: self.of.clone(), check, outcome, said, what_to_do };
        match outcome {
            Outcome::Note => self.notes += 1,
            Outcome::Failed => self.failed += 1,
            Outcome::Ok | Outcome::Skipped => {}
        }
        if self.json { print::json(&check) } else { print::line(&shown(&check)) }
    }

    /// How many failed, after saying so.
    pub fn end(&self) -> Result<u32, Ended> {
        if !self.json {
            let (failed, notes) = (self.failed, self.notes);
            print::line("")?;
            print::line(&match (failed, notes) {
                (0, 0) => "All is well.".to_owned(),
                (0, n) => format!("All is well, with {}.", counted(n, "note")),
                (f, 0) => format!("{} failed.", counted(f, "check")),
                (f, n) => format!("{} failed, with {}.", counted(f, "check"), counted(n, "note")),
            })?;
        }
        Ok(self.failed)
    }
}

fn counted(n: u32, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// A mark, what was looked at, and what was found; the way out on lines of its own.
fn shown(check: &Check) -> String {
    let mark = match check.outcome {
        Outcome::Ok => "ok  ",
        Outcome::Note => "note",
        Outcome::Failed => "FAIL",
        Outcome::Skipped => "-   ",
    };
    let lines: Vec<_> = check.said.lines().map(plain).collect();
    let text =
        wrapped(&format!("{mark}  {}, {}: {}", plain(&check.of), check.check, lines.join("\n")), WIDTH, "      ");
    match &check.what_to_do {
        Some(out) => format!("{text}\n{}", wrapped(&format!("      > {}", plain(out)), WIDTH, "        ")),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_fits_and_says_the_way_out() {
        let check = Check {
            of: "source shop".into(),
            check: "port",
            outcome: Outcome::Failed,
            said: "kafka-1.example.org:9092 does not open: connection refused, which means nobody listens".into(),
            what_to_do: Some("Start the broker, or put the right port into bootstrap.".into()),
        };
        assert_eq!(
            shown(&check),
            "FAIL  source shop, port: kafka-1.example.org:9092 does not open: connection\n      \
             refused, which means nobody listens\n      \
             > Start the broker, or put the right port into bootstrap."
        );
    }
}
