//! A private PostgreSQL starts, keeps what was committed, and goes away.

#![expect(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use std::{path::Path, process::Command};

use weir_testkit::{Postgres, PostgresOptions, fresh_database};

fn sql(url: &str, statement: &str) -> Result<String, String> {
    let done = Command::new("psql").args(["-XAtq", "-d", url, "-c", statement]).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if done.status.success() { Ok(text(&done.stdout)) } else { Err(text(&done.stderr)) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_database_is_empty_private_and_dropped() {
    let (first, first_guard) = fresh_database().await.unwrap();
    let (second, _second_guard) = fresh_database().await.unwrap();
    sql(&first, "create table t (n int)").unwrap();
    assert!(sql(&second, "select * from t").unwrap_err().contains("does not exist"));
    drop(first_guard);
    assert!(sql(&first, "select 1").unwrap_err().contains("does not exist"));
    let without_password = first.split_once("weir:").unwrap().1.split_once('@').unwrap().1;
    assert!(sql(&format!("postgres://weir@{without_password}"), "select 1").unwrap_err().contains("password"));
}

#[test]
fn a_durable_server_keeps_its_data_over_a_kill_and_a_restart() {
    let server = Postgres::start(PostgresOptions::durable()).unwrap();
    let database = server.create_database().unwrap();
    assert_eq!(sql(&database.url(), "show fsync").unwrap(), "on");
    assert_eq!(sql(&database.url(), "show data_checksums").unwrap(), "on");
    sql(&database.url(), "create table t as select 4711 as n").unwrap();
    server.kill9();
    assert!(sql(&database.url(), "select n from t").is_err());
    server.restart().unwrap();
    assert_eq!(sql(&database.url(), "select n from t").unwrap(), "4711");
    server.stop().unwrap();
    assert!(sql(&database.url(), "select n from t").is_err());
    server.restart().unwrap();
    assert_eq!(sql(&database.url(), "select n from t").unwrap(), "4711");
}

#[test]
fn a_kept_directory_serves_a_second_start() {
    let place = weir_testkit::PrivateDir::new("kept").unwrap();
    let options = || PostgresOptions { data: Some(place.path().join("pg")), ..PostgresOptions::durable() };
    let first = Postgres::start(options()).unwrap();
    let url = first.ensure_database("weir").unwrap();
    first.ensure_database("weir").unwrap();
    sql(&url, "create table t as select 1 as n").unwrap();
    drop(first);
    assert!(sql(&url, "select 1").is_err());
    let second = Postgres::start(options()).unwrap();
    assert_eq!(sql(&second.url_of("weir"), "select n from t").unwrap(), "1");
}

#[test]
fn a_dropped_server_leaves_nothing() {
    let server = Postgres::start(PostgresOptions::default()).unwrap();
    let dir = server.dir().to_owned();
    assert!(Path::new(&dir).join("postgres.log").is_file());
    drop(server);
    assert!(!dir.exists());
}
