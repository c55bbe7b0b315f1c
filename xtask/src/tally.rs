//! Counting tests in what the runners print.

/// Tests that passed and failed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
}

impl Tally {
    /// Takes in a line of `cargo test`: `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    pub fn cargo(&mut self, line: &str) {
        if let Some((_, counts)) = plain(line).split_once("test result: ") {
            for part in counts.split(['.', ';']) {
                self.count(part, "passed", "failed");
            }
        }
    }

    /// Takes in a line of Playwright's summary: `  12 passed (1.2m)`, `  1 failed`. What was flaky, interrupted or
    /// did not run counts as failed: it did not pass.
    pub fn playwright(&mut self, line: &str) {
        let line = plain(line);
        self.count(&line, "passed", "failed");
        for word in ["flaky", "interrupted", "did not run"] {
            self.count(&line, "", word);
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
        assert_eq!(tally, Tally { passed: 7, failed: 2 });
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
        assert_eq!(tally, Tally { passed: 12, failed: 6 });
    }
}
