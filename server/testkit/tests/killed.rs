//! A killed test or demo leaves no process and no directory behind.

#![expect(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use weir_testkit::{Child, Kafka, KafkaOptions, Postgres, PostgresOptions, PrivateDir, Spec};

/// Starts servers, says where they are, and waits to be killed.
#[test]
#[ignore = "it is the process that the test below kills"]
fn the_victim() {
    let postgres = Postgres::start(PostgresOptions::default()).unwrap();
    let kafka = Kafka::start(KafkaOptions::default()).unwrap();
    let frozen = Kafka::start(KafkaOptions::default()).unwrap();
    frozen.sigstop();
    for dir in [postgres.dir(), kafka.dir(), frozen.dir()] {
        println!("\nDIR {}", dir.display());
    }
    println!("\nREADY");
    thread::sleep(Duration::from_secs(120));
}

fn processes_in(dir: &Path) -> Vec<String> {
    let dir = dir.display().to_string();
    let entries = fs::read_dir("/proc").unwrap().flatten().map(|e| e.path());
    let lives_there = |process: &PathBuf| {
        let named = fs::read(process.join("cmdline")).is_ok_and(|c| String::from_utf8_lossy(&c).contains(&dir));
        named || fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd.starts_with(&dir))
    };
    entries.filter(lives_there).map(|p| p.display().to_string()).collect()
}

#[test]
fn a_killed_process_leaves_nothing_behind() {
    let mut victim = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "the_victim", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(victim.stdout.take().unwrap()).lines().map_while(Result::ok);
    let said: Vec<String> = lines.take_while(|line| line != "READY").collect();
    let dirs: Vec<PathBuf> = said.iter().filter_map(|line| line.strip_prefix("DIR ")).map(PathBuf::from).collect();
    assert_eq!(dirs.len(), 3, "{said:?}");
    for dir in &dirs {
        assert!(!processes_in(dir).is_empty(), "nothing runs in {}", dir.display());
    }
    victim.kill().unwrap();
    victim.wait().unwrap();
    let start = Instant::now();
    let left = || dirs.iter().any(|dir| dir.exists() || !processes_in(dir).is_empty());
    while left() {
        assert!(start.elapsed() < Duration::from_secs(30), "left behind: {dirs:?}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_child_outlives_the_thread_that_asked_for_it_and_not_its_owner() {
    let dir = PrivateDir::new("child").unwrap();
    let path = dir.path().to_owned();
    let child = thread::spawn(move || Child::spawn(Spec::new("sleep", "sleep", path).args(["60"])).unwrap());
    let child = child.join().unwrap();
    assert_eq!(child.wait(Duration::from_millis(300)), None);
    let process = PathBuf::from(format!("/proc/{}", child.pid()));
    drop(child);
    assert!(!process.exists());
}

#[test]
fn a_child_that_fails_says_why() {
    let dir = PrivateDir::new("child").unwrap();
    let spec = Spec::new("broken", "sh", dir.path()).args(["-c", "echo it is the reason >&2; exit 3"]);
    let child = Child::spawn(spec).unwrap();
    let error = child.await_ready(Duration::from_secs(10), || false).unwrap_err().to_string();
    assert!(error.contains("it is the reason") && error.contains("Some(3)"), "{error}");
}
