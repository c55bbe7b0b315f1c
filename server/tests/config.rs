//! The configuration: the example works, and every mistake is told at once.

#![expect(clippy::panic, reason = "a test ends at its first surprise")]

use std::{collections::BTreeMap, fs, path::PathBuf};

use weir::config::{self, Loaded, Mistakes, Surroundings};
use weir_broker::{SignIn, TokenFrom};
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

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OLD_KEY: &str = "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA";

fn password(source: &config::Source) -> &str {
    let Some(SignIn::Password(sasl)) = &source.sasl else { panic!("{:?}", source.sasl) };
    sasl.password.expose()
}

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
    fs::write(dir.path().join("weir-secrets.key"), format!("{KEY}\n{OLD_KEY}\n")).unwrap();
    let whole: String = example
        .lines()
        .filter(|l| {
            let one_of_several = ["database_url_env", "database_url_file", "password_file", "secrets_key_env"];
            !one_of_several.iter().any(|k| l.contains(k))
        })
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
    assert_eq!(all.public_url.unwrap().to_string(), "https://weir.example.com/tools/weir");
    assert_eq!(all.secrets_keys.len(), 2);
    assert_eq!(all.allow_addresses, ["169.254.10.0/24".parse().unwrap()]);
    assert_eq!(
        shop.description(),
        "kafka-1.example.com:9093, kafka-2.example.com:9093 (mutual TLS, SASL SCRAM-SHA-512, rack eu-central-1a), \
         channels order.*, payment.*"
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
fn what_is_said_of_proxies_figures_and_traces() {
    let plain = parse(GOOD, &[]).unwrap().config;
    assert!(plain.trusted_proxies.is_none() && plain.metrics_listen.is_none() && plain.telemetry.is_none());
    let more = "trusted_proxies = [\"127.0.0.1\", \"10.0.0.0/8\"]\nmetrics_listen = \"127.0.0.1:9464\"\n\
                metrics_channels = 3\ntelemetry = { otlp_endpoint = \"http://127.0.0.1:4318\" }\n";
    let config = parse(&format!("{more}{GOOD}"), &[("WEIR_TELEMETRY__SAMPLED", "0.25")]).unwrap().config;
    assert_eq!(config.trusted_proxies.unwrap().len(), 2);
    assert_eq!((config.metrics_listen.unwrap().port(), config.metrics_channels), (9464, 3));
    let telemetry = config.telemetry.unwrap();
    assert_eq!((telemetry.endpoint.port, telemetry.sampled), (4318, 0.25));

    let wrong = "trusted_proxies = [\"proxy\", \"10.0.0.1/8\"]\nmetrics_listen = \"9464\"\nmetrics_channels = -1\n\
                 telemetry = { otlp_endpoint = \"collector:4318\", sampled = 2, sample = 1 }\n\
                 public_url = \"https://weir.example.com/tools/../weir\"\n";
    insta::assert_snapshot!(parse(&format!("{wrong}{GOOD}"), &[]).unwrap_err().to_string());
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
fn the_audit_log_goes_to_the_standard_output_where_that_is_said() {
    assert!(!parse(GOOD, &[]).unwrap().config.audit.stdout);
    let said = format!("{GOOD}[audit]\nstdout = true\n");
    assert!(parse(&said, &[]).unwrap().config.audit.stdout);
    assert!(!parse(&said, &[("WEIR_AUDIT__STDOUT", "false")]).unwrap().config.audit.stdout);
    assert!(parse(GOOD, &[("WEIR_AUDIT__STDOUT", "1")]).unwrap().config.audit.stdout);
    let wrong = parse(&format!("{GOOD}[audit]\nstdout = \"yes\"\nstdot = true\n"), &[]).unwrap_err().to_string();
    for told in ["audit.stdout is a string", "audit.stdot is not a key; did you mean \"stdout\"?"] {
        assert!(wrong.contains(told), "{wrong}");
    }
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
    assert_eq!(password(&config.sources[0]), " with spaces ");
    // They are read again when they change.
    assert_eq!(config.database_url_file, Some(dir.path().join("url")));
    assert_eq!(config.sources[0].files.paths(), [dir.path().join("password")]);
    let over = config::parse("weir.toml", &by_file, &at(&[("WEIR_DATABASE_URL", "postgres://u@db/w")])).unwrap().config;
    assert_eq!((over.database_url.expose(), over.database_url_file), ("postgres://u@db/w", None));

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

#[test]
fn every_way_to_sign_in_is_read_and_kerberos_is_refused_with_the_ways_out() {
    let with = |sasl: &str, tls: &str| {
        let text = format!("{GOOD}sasl = {{ {sasl} }}\n{tls}\n");
        let variables = [("SECRET", "hunter2"), ("TOKEN", "hunter3")];
        parse(&text, &variables)
    };
    let oauth = "mechanism = \"oauthbearer\", token_endpoint = \"https://id.example.com/token\", client_id = \"weir\", client_secret_env = \"SECRET\", scope = \"kafka\", extensions = [\"a=b=c\"]";
    let config = with(oauth, "tls = {}").unwrap().config;
    let Some(SignIn::OAuth(read)) = &config.sources[0].sasl else { panic!("{:?}", config.sources) };
    assert_eq!(read.extensions, [("a".to_owned(), "b=c".to_owned())]);
    assert!(matches!(&read.token, TokenFrom::Endpoint(e) if e.client_secret.expose() == "hunter2"));
    assert!(config.sources[0].description().contains("(TLS, SASL OAUTHBEARER)"));
    assert!(!format!("{config:?}").contains("hunter"), "a configuration shows its secret");

    let config = with("mechanism = \"oauthbearer\", token_file = \"token\"", "").unwrap().config;
    let Some(SignIn::OAuth(read)) = &config.sources[0].sasl else { panic!("{:?}", config.sources) };
    assert!(matches!(&read.token, TokenFrom::File(path) if path.ends_with("token")));

    let iam = "mechanism = \"aws-msk-iam\", region = \"eu-central-1\", access_key_id = \"AK\", secret_access_key_env = \"SECRET\", session_token_env = \"TOKEN\"";
    let config = with(iam, "tls = {}").unwrap().config;
    assert!(matches!(&config.sources[0].sasl, Some(SignIn::AwsIam(iam)) if iam.session_token.is_some()));
    let told = with(iam, "").unwrap_err().to_string();
    assert!(told.contains("sources.shop.tls is missing") && told.contains("over TLS only"), "{told}");

    for kerberos in ["gssapi", "GSSAPI", "kerberos"] {
        let told = with(&format!("mechanism = \"{kerberos}\", username = \"u\", password_env = \"SECRET\""), "");
        let told = told.unwrap_err().to_string();
        assert!(told.contains("Kerberos is not offered"), "{told}");
        assert!(told.contains("one more listener") && told.contains("OAUTHBEARER"), "{told}");
        assert!(told.ends_with("1 mistake in weir.toml.\n"), "{told}");
    }
    for (wrong, said) in [
        (
            "mechanism = \"oauthbearer\", token_endpoint = \"http://id.example.com/token\", client_id = \"w\", client_secret_env = \"SECRET\"",
            "https://",
        ),
        ("mechanism = \"oauthbearer\", token_endpoint = \"https://id\", token_file = \"t\"", "stands beside"),
        (
            "mechanism = \"oauthbearer\", client_secret = \"hunter4\", client_id = \"w\", token_endpoint = \"https://id\"",
            "would keep a secret",
        ),
        ("mechanism = \"oauthbearer\", token_file = \"t\", extensions = [\"x\"]", "no name=value"),
    ] {
        let told = with(wrong, "").unwrap_err().to_string();
        assert!(told.contains(said) && !told.contains("hunter"), "{told}");
    }
}

#[test]
fn keys_for_secrets_are_read_and_never_told() {
    let with = |lines: &str, value: &str| parse(&format!("{lines}\n{GOOD}"), &[("KEYS", value)]);
    let named = "secrets_key_env = \"KEYS\"";
    let config = with(named, &format!("{KEY},{OLD_KEY} {KEY}")).unwrap().config;
    assert_eq!(config.secrets_keys.len(), 2, "one that stands twice is one");
    assert!(!format!("{config:?}").contains(KEY));
    assert!(parse(GOOD, &[]).unwrap().config.secrets_keys.is_empty());
    for (lines, value, said) in [
        (named, "c2hvcnQ=", "number 1, that is not 32 bytes in base64"),
        (named, &format!("{KEY} {KEY}x"), "number 2"),
        (&format!("secrets_key = \"{KEY}\""), "", "would keep a secret in this file"),
    ] {
        let told = with(lines, value).unwrap_err().to_string();
        assert!(told.contains(said) && !told.contains(KEY) && !told.contains("c2hvcnQ"), "{told}");
    }
    let told = with("allow_addresses = [\"10.0.0.0/8\", \"kafka\", \"10.0.0.0/99\"]", "").unwrap_err().to_string();
    assert!(told.contains("\"kafka\"") && told.contains("/99") && !told.contains("10.0.0.0/8\""), "{told}");
}
