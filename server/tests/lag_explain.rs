//! `weir lag explain` as a program: it needs neither a server nor a broker.

#![expect(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};
use weir_testkit::PrivateDir;

fn weir(dir: &Path, args: &[&str], input: &[u8]) -> Output {
    let mut weir = Command::new(env!("CARGO_BIN_EXE_weir"));
    weir.args(["lag", "explain"]).args(args).env_clear().current_dir(dir);
    let mut weir = weir.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It may end before it has read everything.
    let _ = weir.stdin.take().unwrap().write_all(input);
    weir.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A partition whose lag grows but for one small dip: Burrow is content, Weir is not.
fn dipping() -> Value {
    let lags = [1_000, 1_300, 1_600, 1_599, 1_900];
    let commits: Vec<_> =
        (0..).zip(lags).map(|(i, lag)| json!({"offset": i * 100, "at": 1_000_000 + i * 60_000, "lag": lag})).collect();
    json!({"partition": 4, "now": 1_250_000, "current_lag": 1_900, "end_offsets": [1_900, 2_300], "commits": commits})
}

#[test]
fn a_table_for_people_and_lines_for_programs() {
    let dir = PrivateDir::new("lag-explain").unwrap();
    let silent = json!({
        "partition": "orders/5", "now": 2_000_000, "current_lag": 5_000, "commits": [{"offset": 7, "at": 1_750_000, "lag": 900}],
        "context": {"group_active": true, "held_by": "app-1 at 10.0.0.7", "arrived": 4_100}
    });
    let file = json!({"partitions": [dipping(), silent]}).to_string();
    fs::write(dir.path().join("seen.json"), &file).unwrap();

    let done = weir(dir.path(), &["seen.json"], b"");
    assert!(done.status.success(), "{}", text(&done.stderr));
    let said = text(&done.stdout);
    assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
    let rows: Vec<Vec<&str>> = said.lines().map(|line| line.split_whitespace().take(4).collect()).collect();
    assert_eq!(rows[0], ["PARTITION", "BY", "STATUS", "RULE"], "{said}");
    assert_eq!(rows[1], ["4", "Weir", "WARN", "lag-grows"], "{said}");
    assert!(rows.iter().any(|row| row.starts_with(&["Burrow", "OK", "lag-decreases"])), "{said}");
    assert!(rows.iter().any(|row| row.starts_with(&["orders/5", "Weir", "STOP", "silent"])), "{said}");
    assert!(done.stderr.is_empty(), "{}", text(&done.stderr));

    // The same from the standard input.
    let done = weir(dir.path(), &["-", "--json"], file.as_bytes());
    assert!(done.status.success(), "{}", text(&done.stderr));
    let lines: Vec<Value> = text(&done.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["partition"], &lines[1]["partition"]), (&json!(4), &json!("orders/5")));
    let verdict = |line: usize, by: &str| (lines[line][by]["status"].clone(), lines[line][by]["rule"].clone());
    assert_eq!(verdict(0, "weir"), (json!("WARN"), json!("lag-grows")));
    assert_eq!(verdict(0, "burrow"), (json!("OK"), json!("lag-decreases")));
    assert_eq!(verdict(1, "burrow"), (json!("STOP"), json!("stopped")));
    let reason = "no commit for 4 min 10 s though app-1 at 10.0.0.7 holds it while 4,100 events arrived";
    assert_eq!(lines[1]["weir"]["reason"], reason);
}

#[test]
fn one_partition_or_an_array_and_none() {
    let dir = PrivateDir::new("lag-explain-forms").unwrap();
    for (file, lines) in
        [(dipping(), 1), (json!([dipping(), dipping()]), 2), (json!([]), 0), (json!({"partitions": []}), 0)]
    {
        let done = weir(dir.path(), &["--json", "-"], file.to_string().as_bytes());
        assert!(done.status.success(), "{}", text(&done.stderr));
        assert_eq!(text(&done.stdout).lines().count(), lines);
    }
    let done = weir(dir.path(), &["-"], b"[]");
    assert!(done.stdout.is_empty() && text(&done.stderr).contains("no partition"), "{done:?}");
}

#[test]
fn mistakes_say_where_and_what_to_do() {
    let dir = PrivateDir::new("lag-explain-wrong").unwrap();
    fs::write(dir.path().join("wrong.json"), "{\"now\": 9,\n \"commits\": [{\"offset\": 1}]}").unwrap();
    fs::write(dir.path().join("latin.json"), b"{\"partition\": \"caf\xe9\"}").unwrap();
    let huge = vec![b' '; (16 << 20) + 1];
    for (args, input, why) in [
        (&["wrong.json"][..], &b""[..], "wrong.json holds no observations: line 2, column 26: missing field `at`"),
        (&["latin.json"], b"", "no text in UTF-8"),
        (&["nowhere.json"], b"", "nowhere.json can't be read"),
        (&["-"], b"7", "line 1, column 1"),
        (&["-"], b"", "line 1, column 0"),
        (&["-"], &huge, "larger than 16 MiB"),
        (&[], b"", "<FILE>"),
    ] {
        let done = weir(dir.path(), args, input);
        let said = text(&done.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(done.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(why), "{args:?}: {said}");
        assert!(done.stdout.is_empty());
        assert!(args.is_empty() || said.contains("weir lag explain --help") || said.contains("Leave older"), "{said}");
    }
}

#[test]
fn what_may_be_a_slip_is_told_beside_the_output() {
    let dir = PrivateDir::new("lag-explain-slips").unwrap();
    let file = r#"{"now": 9, "curent_lag": 5, "commits": [{"offset": 2, "at": 8}, {"offset": 1, "at": 7}]}"#;
    let done = weir(dir.path(), &["-", "--json"], file.as_bytes());
    assert!(done.status.success());
    let said = text(&done.stderr);
    assert!(said.contains("passed over: curent_lag.") && said.contains("partition #1 are not in order"), "{said}");
    let line: Value = serde_json::from_str(&text(&done.stdout)).unwrap();
    assert_eq!(line["weir"]["status"], "UNKNOWN");
}
