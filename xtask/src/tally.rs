//! Counting tests in what the runners print.

/// Tests that passed and failed, and what those that failed said.
#[derive(Debug, Default)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
    /// Said once more at the end, so that nobody has to look for it in thousands of lines.
    pub told: Vec<String>,
    /// Lines that are left of the failure being read.
    left: usize,
}

/// As many lines of one failure are kept as tell what went wrong.
const LINES_OF_A_FAILURE: usize = 40;
/// And as many of all.
const LINES_OF_ALL: usize = 400;

impl Tally {
    /// Takes in a line of `cargo test`: `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    pub fn cargo(&mut self, line: &str) {
        let line = plain(line);
        if let Some((_, counts)) = line.split_once("test result: ") {
            for part in counts.split(['.', ';']) {
                self.count(part, "passed", "failed");
            }
        }
        self.keep(&line, line.starts_with("---- "), line == "failures:");
    }

    /// Takes in a line of Playwright's summary: `  12 passed (1.2m)`, `  1 failed`. What was flaky, interrupted or
    /// did not run counts as failed: it did not pass.
    pub fn playwright(&mut self, line: &str) {
        let line = plain(line);
        let before = self.passed + self.failed;
        self.count(&line, "passed", "failed");
        for word in ["flaky", "interrupted", "did not run"] {
            self.count(&line, "", word);
        }
        let numbered = line.trim_start().split_once(") ").is_some_and(|(n, _)| n.parse::<u32>().is_ok());
        self.keep(&line, numbered, self.passed + self.failed > before);
    }

    /// Keeps the lines between those where a failure `begins` and where all have been told.
    fn keep(&mut self, line: &str, begins: bool, ends: bool) {
        if begins {
            self.left = LINES_OF_A_FAILURE.min(LINES_OF_ALL.saturating_sub(self.told.len()));
        } else if ends {
            self.left = 0;
        }
        if self.left > 0 {
            self.left -= 1;
            self.told.push(line.to_owned());
        }
    }

    fn count(&mut self, part: &str, passed: &str, failed: &str) {
        let Some((number, word)) = part.trim().split_once(' ') else { return };
        let Ok(number) = number.parse::<u64>() else { return };
        let word = word.split(" (").next().unwrap_or_default().trim();
        if word == failed {
            self.failed += number;
        } else if word == passed {
            self.passed += number;
        }
    }
}

/// The line without the colours that a terminal is given.
fn plain(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or("", |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn cargo_results_add_up() {
        let mut tally = Tally::default();
        tally.cargo("running 3 tests");
        tally.cargo("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.00s");
        tally
            .cargo("test result: \u{1b}[31mFAILED\u{1b}[0m. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out");
        assert_eq!((tally.passed, tally.failed), (7, 2));
    }

    #[test]
    fn playwright_results_add_up() {
        let mut tally = Tally::default();
        for line in
            ["  ✓  1 tests/a.spec.ts:3:5 › 12 passed things (1s)", "  12 passed (1.2m)", "  1 failed", "  2 flaky"]
        {
            tally.playwright(line);
        }
        tally.playwright("  3 did not run");
        tally.playwright("  4 skipped");
        assert_eq!((tally.passed, tally.failed), (12, 6));
    }

    #[test]
    fn what_failures_said_is_kept() {
        let mut tally = Tally::default();
        for line in ["test a ... FAILED", "failures:", "---- a stdout ----", "panicked at a.rs", "failures:", "    a"] {
            tally.cargo(line);
        }
        for line in
            ["  ✘  1 tests/a.spec.ts (1s)", "  1) tests/a.spec.ts › a ──", "    Error: no", "  1 failed", "  2 passed"]
        {
            tally.playwright(line);
        }
        let told = ["---- a stdout ----", "panicked at a.rs", "  1) tests/a.spec.ts › a ──", "    Error: no"];
        assert_eq!(tally.told, told);
    }
}
