//! The contract of `/api/v1`: an OpenAPI fuzzer (schemathesis) asks the running server everything that its own
//! description allows and much that it does not, and holds each answer against it.
//!
//! `make test` puts the fuzzer into `target/private` and names it in `WEIR_SCHEMATHESIS`. Without it this test says so
//! and passes over: Python can't be had everywhere.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at its first surprise")]

mod common;

use std::{path::PathBuf, time::Duration};

use common::{World, seed::event};
use tokio::process::Command;
use weir_domain::access::Role;

/// Requests for each operation in each phase, at most; `WEIR_EXAMPLES` asks for more.
const EXAMPLES: &str = "20";
/// For all of them. What takes longer hangs.
const LIMIT: Duration = Duration::from_secs(400);
/// What is held against the description. Left out is `positive_data_acceptance`: whatever a schema can't say (a channel
/// that is there, a cursor that was given) is refused with 400 by design.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
     response_schema_conformance,negative_data_rejection,missing_required_header,unsupported_method,\
     allow_header_conformance,ignored_auth";

fn fuzzer() -> Option<PathBuf> {
    let named = std::env::var_os("WEIR_SCHEMATHESIS").map(PathBuf::from);
    let built = || {
        let target = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/private/schemathesis/bin/schemathesis");
        Some(target).filter(|p| p.is_file())
    };
    named.or_else(built)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_interface_is_what_it_says() {
    let Some(fuzzer) = fuzzer() else {
        {
            eprintln!("skipped: the OpenAPI fuzzer is not there (python3 with venv; `make test` sets it up)");
        }
        return;
    };
    let more = "[environments.test]\nkind = \"other\"\n[limits]\nrequests_per_token = 64\nwrong_tokens = 100000";
    let world = World::start_with(more).await;
    let cookie = world.administrator().await;
    let mut seeded = world.seed().await;
    seeded.append(seeded.order, (100..130).map(|n| event(n, Some(b"many"), Some(b"{\"a\":1}"))).collect()).await;
    let token = world.token(&cookie, "fuzzer", Role::ALL).await.text;

    let seed: u32 = match std::env::var("WEIR_SEED") {
        Ok(seed) => seed.parse().unwrap(),
        Err(_) => rand::random(),
    };
    let dir = world.dir.path().to_owned();
    let mut command = Command::new(fuzzer);
    let base = format!("http://{}", world.address);
    command.arg("--config-file").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/contract/schemathesis.toml"));
    command.arg("run").arg(format!("{base}/api/openapi.json")).args(["--url", &base]).current_dir(&dir);
    command.args(["--phases", "examples,coverage,fuzzing,stateful", "--checks", CHECKS]);
    let examples = std::env::var("WEIR_EXAMPLES").unwrap_or_else(|_| EXAMPLES.to_owned());
    command.args(["--max-examples", &examples, "--workers", "2", "--continue-on-failure"]);
    command.args(["--seed", &seed.to_string(), "--generation-database", "none", "--suppress-health-check", "all"]);
    // It has no end; its own tests read it. In the log of a run no token may stand.
    command.args([
        "--exclude-operation-id",
        "events_tail",
        "--request-timeout",
        "20",
        "--no-color",
        "--warnings",
        "off",
    ]);
    command.args(["--output-sanitize", "true", "--header", &format!("Authorization: Bearer {token}")]);
    command.kill_on_drop(true);
    let done = tokio::time::timeout(LIMIT, command.output()).await.expect("the fuzzer hangs").unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(
        done.status.success(),
        "{said}\nseed {seed}: run it again with WEIR_SEED={seed} cargo test --test contract"
    );
    // It must not have been turned away and called that a success.
    let tested = said.lines().find(|l| l.contains("Tested:")).unwrap_or_else(|| panic!("{said}"));
    let number: u32 = tested.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap();
    assert!(number >= 11, "{said}");
    {
        eprintln!("the interface held, with seed {seed}");
    }
    assert_eq!(world.rest(&token, "/api/v1/me").await.status, 200, "the token is none the worse for it");
    world.running.end().await;
}
