//! The configuration: the example works, and every mistake is told at once.

use std::{collections::BTreeMap, fs, path::PathBuf};

use weir::config::{self, Loaded, Mistakes, Surroundings};
use weir_domain::Timestamp;

fn surroundings(variables: &[(&str, &str)]) -> Surroundings {
    let variables = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<BTreeMap<_, _>>();
    Surroundings { variables, dir: PathBuf::from("/nowhere") }
}

fn parse(text: &str, variables: &[(&str, &str)]) -> Result<Loaded, Mistakes> {
    config::parse("weir.toml", text, &surroundings(variables))
}

const GOOD: &str = r#"
database_url = "postgres://weir@localhost/weir"
[environments.production]
kind = "production"
[sources.shop]
kind = "kafka"
environment = "production"
bootstrap = ["localhost:9092"]
channels = ["order.*"]
capture = "full"
act = "none"
"#;

#[test]
fn the_example_is_right_as_it_stands_and_with_every_comment_made_a_setting() {
    let example = include_str!("../weir.example.toml");
    let loaded = parse(example, &[]).unwrap();
    assert_eq!(loaded.config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(loaded.config.state_file, PathBuf::from("/nowhere/weir.state"));
    assert_eq!(loaded.config.limits, config::Limits::default());
    assert_eq!(loaded.config.sources.len(), 1);

    // A commented-out line that looks like a setting must be one, except where it is one of several ways.
    let dir = weir_testkit::PrivateDir::new("config").unwrap();
    fs::write(dir.path().join("kafka-ca.pem"), "-----BEGIN CERTIFICATE-----").unwrap();
    fs::write(dir.path().join("weir.pem"), "-----BEGIN CERTIFICATE-----").unwrap();
    fs::write(dir.path().join("weir.key"), "-----BEGIN PRIVATE KEY-----").unwrap();
    let whole: String = example
        .lines()
        .filter(|l| !["database_url_env", "database_url_file", "password_file"].iter().any(|k| l.contains(k)))
        .map(|l| match l.strip_prefix("# ") {
            Some(rest) if rest.starts_with('[') || rest.split_once(" = ").is_some_and(|(k, _)| !k.contains(' ')) => {
                rest
            }
            _ => l,
        })
        .flat_map(|l| [l, "\n"])
        .collect();
    let variables = [("SHOP_KAFKA_PASSWORD".to_owned(), "secret".to_owned())].into();
    let at = Surroundings { variables, dir: dir.path().to_owned() };
    let all = config::parse("whole", &whole, &at).unwrap_or_else(|e| panic!("{e}\n{whole}")).config;
    let shop = &all.sources[0];
    assert!(shop.sasl.is_some() && shop.tls.as_ref().unwrap().client_key_pem.is_some());
    assert_eq!(shop.catch_up_bytes_per_s, Some(10_000_000));
    assert_eq!(all.public_url.unwrap().to_string(), "https://weir.example.com");
    assert_eq!(
        shop.description(),
        "kafka-1.example.com:9093, kafka-2.example.com:9093 (mutual TLS, SASL SCRAM-SHA-512), channels order.*, payment.*"
    );
}

#[test]
fn every_mistake_is_told_at_once() {
    let text = r#"listen = "8080"
publik_url = "https://weir.example.com"
database_url = "postgres://weir:hunter2@db/weir"
read_only = "yes"

[limits]
streams = 0
body_bytes = "1 MB"
conections = 5

[environments.production]
kind = "prod"
color = "red"

[environments."Über"]
kind = "other"
colour = "pink"

[sources.shop]
kind = "kafak"
environment = "prodction"
bootstrap = ["kafka-1", "kafka-2:9092", 7]
chanels = ["order.*"]
capture = "all"
start = "yesterday"
catch_up_bytes_per_s = 10

[sources.shop.tls]
ca_file = "no-such-ca.pem"
cert_file = "no-such-cert.pem"

[sources.shop.sasl]
mechanism = "SCRAM"
password = "hunter3"
password_env = "NOT_SET"

[sources.empty]

[sources.stock]
kind = "kafka"
environment = "nowhere"
bootstrap = []
channels = "order.*"
capture = "off"
act = "none"
start = 2026-11-01T00:00:00Z
sasl = { mechanism = "plain", username = "weir", password_file = "no-such-file" }
"#;
    let told = parse(text, &[]).unwrap_err().to_string();
    assert!(!told.contains("hunter"), "a secret was told: {told}");
    insta::assert_snapshot!(told);
}

#[test]
fn what_is_missing_and_what_the_environment_gets_wrong() {
    let variables =
        [("WEIR_LISTEN", "0.0.0.0:80"), ("WEIR_LIMITS__STREAMS", "many"), ("WEIR_SOURCES__SHOP__BOOTSTRAP", "a:1,b")];
    let text = GOOD.replace("database_url", "# database_url");
    insta::assert_snapshot!(parse(&text, &variables).unwrap_err().to_string());
}

#[test]
fn a_file_that_is_not_toml_says_where() {
    insta::assert_snapshot!(
        parse("listen = \"127.0.0.1:8080\"\n[sources.shop\nkind = 1\n", &[]).unwrap_err().to_string()
    );
    insta::assert_snapshot!(parse("a = 1\na = 2\n", &[]).unwrap_err().to_string());
}

#[test]
fn the_environment_stands_over_the_file() {
    let variables = [
        ("WEIR_LISTEN", "127.0.0.1:9999"),
        ("WEIR_DATABASE_URL", "postgres://weir:hunter2@db/weir"),
        ("WEIR_LIMITS__STREAMS", "7"),
        ("WEIR_SOURCES__SHOP__BOOTSTRAP", "a:1, b:2"),
        ("WEIR_SOURCES__SHOP__ACT", "offsets"),
        ("WEIR_READ_ONLY", "true"),
        ("WEIR_PUBLIC_URL", "https://weir.example.com"),
    ];
    let config = parse(GOOD, &variables).unwrap().config;
    assert_eq!(config.listen.to_string(), "127.0.0.1:9999");
    assert_eq!(config.database_url.expose(), "postgres://weir:hunter2@db/weir");
    assert_eq!(config.limits.streams, 7);
    assert_eq!(config.sources[0].bootstrap, ["a:1", "b:2"]);
    assert_eq!(config.sources[0].act, "offsets");
    assert!(config.read_only && config.sources[0].read_only);
    assert_eq!(config.base_url(), "https://weir.example.com");
    assert!(!format!("{config:?}").contains("hunter2"), "a configuration shows its secret");
}

#[test]
fn a_misspelt_variable_is_noticed_and_a_stranger_is_not() {
    let variables = [("WEIR_LISTN", "x"), ("WEIR_SERVICE_HOST", "10.0.0.1"), ("WEIR_PORT_8080_TCP_ADDR", "10.0.0.1")];
    let near = parse(GOOD, &variables).unwrap().near_misses;
    assert_eq!(near, [("WEIR_LISTN".to_owned(), "WEIR_LISTEN".to_owned())].into());
}

#[test]
fn secrets_come_from_variables_and_files_only() {
    let dir = weir_testkit::PrivateDir::new("secrets").unwrap();
    fs::write(dir.path().join("url"), "postgres://weir:from-file@db/weir\n").unwrap();
    fs::write(dir.path().join("password"), " with spaces \r\n").unwrap();
    let at = |variables: &[(&str, &str)]| Surroundings { dir: dir.path().to_owned(), ..surroundings(variables) };
    let by_file = GOOD.replace("database_url = \"postgres://weir@localhost/weir\"", "database_url_file = \"url\"")
        + "sasl = { mechanism = \"plain\", username = \"u\", password_file = \"password\" }\n";
    let config = config::parse("weir.toml", &by_file, &at(&[])).unwrap().config;
    assert_eq!(config.database_url.expose(), "postgres://weir:from-file@db/weir");
    assert_eq!(config.sources[0].sasl.as_ref().unwrap().password.expose(), " with spaces ");

    let by_variable = GOOD.replace("database_url = \"postgres://weir@localhost/weir\"", "database_url_env = \"MY_DB\"");
    let config = config::parse("weir.toml", &by_variable, &at(&[("MY_DB", "postgres://u:p@db/w")])).unwrap().config;
    assert_eq!(config.database_url.expose(), "postgres://u:p@db/w");

    for password in ["postgres://u:hunter2@db/w", "postgres://u@db/w?password=hunter2", "mysql://u:hunter2@db"] {
        let inline = GOOD.replace("postgres://weir@localhost/weir", password);
        let told = config::parse("weir.toml", &inline, &at(&[])).unwrap_err().to_string();
        assert!(!told.contains("hunter2"), "{told}");
    }
}

#[test]
fn times_are_taken_with_and_without_quotes() {
    for start in ["2026-11-01T00:00:00Z", "\"2026-11-01T01:00:00+01:00\""] {
        let config = parse(&format!("{GOOD}start = {start}\n"), &[]).unwrap().config;
        assert_eq!(config.sources[0].start, config::Start::At(Timestamp::from_millis(1_793_491_200_000)));
    }
}

#[test]
fn whoever_opens_weir_to_other_machines_says_its_address() {
    let text = format!("listen = \"0.0.0.0:8080\"\n{GOOD}");
    let told = parse(&text, &[]).unwrap_err().to_string();
    assert!(told.contains("public_url is missing"), "{told}");
    assert!(parse(&format!("public_url = \"http://weir.intern:8080\"\n{text}"), &[]).is_ok());
}
