//! `make test`: every test there is, on real servers and in a real browser.
//!
//! One PostgreSQL and one Kafka serve all test binaries of the run (`WEIR_TEST_PG_URL`, `WEIR_TEST_KAFKA`); tests
//! that stop or kill a server start their own. Everything native is compiled once, by one cargo command with one
//! set of features: the browser tests run against the very programs that the other tests were built beside.

use std::env;

use weir_testkit::{Kafka, KafkaOptions, Postgres, PostgresOptions};

use crate::{
    Result, bundle,
    command::{self, cargo},
    fuzzer,
    place::at,
    stage::{Stages, say},
    tally::Tally,
};

/// All native packages. The frontend exists for the browser only.
pub const NATIVE: [&str; 3] = ["--workspace", "--exclude=weir-frontend", "--locked"];
/// What is built for the tests: programs too, for the campaigns and the browser tests.
pub const TARGETS: [&str; 3] = ["--lib", "--bins", "--tests"];

/// Runs them all; fails if one failed.
pub fn run() -> Result<()> {
    let mut stages = Stages::default();
    let mut tally = Tally::default();
    let built = stages.run("browser bundle", 10, || bundle::bounded(&bundle::build()?)).is_some()
        && stages.run("compile server and tests", 15, compile).is_some();
    if built {
        native_tests(&mut stages, &mut tally);
        stages.run("examples in the documentation", 2, || {
            watched(cargo(["test", "--doc", "--no-fail-fast"]).args(NATIVE), |line| tally.cargo(line))
        });
        stages.run("browser tests", 18, || browser_tests(&mut tally));
    }
    for line in &tally.told {
        say(line);
    }
    stages.report();
    // A stage can fail without a failing test, and must not look green.
    let failed = tally.failed.max(u64::try_from(stages.failed())?);
    say(&format!("\n{} passed, {failed} failed", tally.passed));
    if failed == 0 { Ok(()) } else { Err("not every test passed".into()) }
}

fn compile() -> Result<()> {
    command::run(cargo(["build"]).args(NATIVE).args(TARGETS))
}

fn native_tests(stages: &mut Stages, tally: &mut Tally) {
    let servers = stages.run("private PostgreSQL and Kafka", 2, || {
        Ok((Postgres::start(PostgresOptions::default())?, Kafka::start(KafkaOptions::default())?))
    });
    let Some((postgres, kafka)) = servers else { return };
    // Fetched before anything is timed; where it can't be had, one test says so and passes over.
    let fuzzer = stages.run("OpenAPI fuzzer", 2, fuzzer::set_up).flatten();
    stages.run("unit, property, SQL and broker tests", 12, || {
        let mut tests = cargo(["test", "--no-fail-fast"]);
        tests.args(NATIVE).args(TARGETS);
        tests.env("WEIR_TEST_PG_URL", postgres.url()).env("WEIR_TEST_KAFKA", kafka.bootstrap());
        if let Some(fuzzer) = &fuzzer {
            tests.env("WEIR_SCHEMATHESIS", fuzzer);
        }
        watched(&mut tests, |line| tally.cargo(line))
    });
}

fn browser_tests(tally: &mut Tally) -> Result<()> {
    let mut tests = in_browser("target/debug")?;
    let before = tally.passed + tally.failed;
    watched(&mut tests, |line| tally.playwright(line))?;
    if tally.passed + tally.failed == before { Err("Playwright ran no test".into()) } else { Ok(()) }
}

/// Playwright on the programs of a directory, ready to be run.
pub fn in_browser(binaries: &str) -> Result<std::process::Command> {
    let dir = at("end2end");
    let lock = std::fs::read(dir.join("package-lock.json"))?;
    let stamp = dir.join("node_modules/.installed-from");
    if !std::fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        let npm = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
        command::output(command::program("npm", npm).current_dir(&dir))?;
        std::fs::write(stamp, lock)?;
    }
    let mut tests = command::program("npx", ["--no-install", "playwright", "test"]);
    tests.current_dir(&dir).env("WEIR_BINARIES", at(binaries));
    tests.env("WEIR_E2E_LOG", at("target/end2end-demo.log"));
    // Their browser comes from Debian.
    tests.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    if env::var_os("CHROMIUM").is_none() {
        tests.env("CHROMIUM", "/usr/bin/chromium");
    }
    Ok(tests)
}

/// Runs a test runner, showing and reading its output.
pub fn watched(runner: &mut std::process::Command, look: impl FnMut(&str)) -> Result<()> {
    if command::watch(runner, look)? { Ok(()) } else { Err("there were failures, see above".into()) }
}
