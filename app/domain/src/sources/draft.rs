//! A source as somebody wants it, and what is wrong with that. The same rules hold for forms and for programs.

use super::{CapturePolicy, SecretField, SignInSettings, SourceSettings, TlsSettings};
use crate::{EnvironmentId, Secret};
use serde::{Deserialize, Serialize};

/// Colours that pages know in light and in dark.
pub const COLOURS: &[&str] = &["red", "orange", "yellow", "green", "teal", "blue", "violet", "grey"];
/// Bootstrap addresses of one source at most, patterns, and characters of any other text.
const ADDRESSES: usize = 16;
const PATTERNS: usize = 200;
const LONGEST: usize = 300;
/// A certificate with its chain is some KB.
const LONGEST_PEM: usize = 64 << 10;

/// Everything about a source that is to be made.
#[derive(Debug, Clone)]
pub struct SourceDraft {
    pub name: String,
    pub environment: EnvironmentChoice,
    pub settings: SourceSettings,
    pub secrets: Vec<(SecretField, Secret)>,
}

/// What a change of the connection says; secrets left out stay as they are.
#[derive(Debug, Clone)]
pub struct SourceChange {
    /// The version that the person saw.
    pub version: i64,
    pub environment: EnvironmentChoice,
    pub settings: SourceSettings,
    pub secrets: Vec<(SecretField, Secret)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnvironmentChoice {
    Existing(EnvironmentId),
    New { name: String, production: bool, colour: Option<String> },
}

/// One thing to put right, at its field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// As the form names it.
    pub field: String,
    pub what: String,
}

impl FieldProblem {
    pub fn new(field: &str, what: impl Into<String>) -> Self {
        Self { field: field.to_owned(), what: what.into() }
    }
}

/// Names of sources and environments: they stand in addresses, client ids and variables.
pub fn is_name(text: &str) -> bool {
    let rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    (1..=40).contains(&text.len()) && text.chars().all(rest) && !text.starts_with(['-', '_'])
}

const A_NAME: &str = "Use 1 to 40 lower-case letters, digits, - and _, beginning with a letter or a digit.";

/// Host and port, nothing else.
pub fn is_address(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let bracketed = host.starts_with('[') && host.ends_with(']');
    let plain = !host.contains([':', '[', ']', '/', '@', ' ', '\t', '?', '#', '\\']);
    !host.is_empty()
        && host.len() <= 253
        && (bracketed || plain)
        && host.chars().all(|c| c.is_ascii_graphic())
        && port.parse::<u16>().is_ok_and(|p| p > 0)
}

impl SourceDraft {
    /// Everything that is wrong at once; `kinds` are those that this server knows.
    pub fn problems(&self, kinds: &[&str]) -> Vec<FieldProblem> {
        let mut all = Vec::new();
        if !is_name(&self.name) {
            all.push(FieldProblem::new("name", A_NAME));
        }
        all.extend(self.environment.problems());
        all.extend(self.settings.problems(kinds));
        all.extend(missing_secrets(&self.settings, &self.secrets, &[]));
        all
    }
}

impl EnvironmentChoice {
    pub fn problems(&self) -> Vec<FieldProblem> {
        let Self::New { name, colour, .. } = self else { return Vec::new() };
        let mut all = Vec::new();
        if !is_name(name) {
            all.push(FieldProblem::new("new_environment", A_NAME));
        }
        if colour.as_ref().is_some_and(|c| !COLOURS.contains(&c.as_str())) {
            all.push(FieldProblem::new("colour", format!("Choose one of {}.", COLOURS.join(", "))));
        }
        all
    }
}

/// Secrets that the settings need, and that are neither given nor kept already.
pub fn missing_secrets(
    settings: &SourceSettings,
    given: &[(SecretField, Secret)],
    kept: &[SecretField],
) -> Vec<FieldProblem> {
    let has =
        |field: &SecretField| kept.contains(field) || given.iter().any(|(f, s)| f == field && !s.expose().is_empty());
    let mut all: Vec<_> = settings
        .needs()
        .into_iter()
        .filter(|field| !has(field))
        .map(|field| FieldProblem::new(field.form_name(), field.asked_for()))
        .collect();
    for (field, secret) in given.iter().filter(|(f, _)| settings.takes(*f)) {
        if secret.expose().len() > LONGEST_PEM {
            all.push(FieldProblem::new(field.form_name(), "This is longer than 64 KB."));
        } else if *field == SecretField::ClientKey && !is_pem(secret.expose(), "PRIVATE KEY") {
            all.push(FieldProblem::new(
                field.form_name(),
                "This is no PEM text of a private key (-----BEGIN … PRIVATE KEY-----).",
            ));
        }
    }
    all
}

impl SecretField {
    /// The field of forms. What has "password", "secret" or "token" in its name never travels back to a browser.
    pub const fn form_name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::ClientKey => "client_key_secret",
            Self::ClientSecret => "client_secret",
            Self::SecretAccessKey => "secret_access_key",
            Self::SessionToken => "session_token",
        }
    }

    const fn asked_for(self) -> &'static str {
        match self {
            Self::Password => "Give the password to sign in with.",
            Self::ClientKey => "Give the private key of the client certificate.",
            Self::ClientSecret => "Give the client's secret for the token endpoint.",
            Self::SecretAccessKey => "Give the secret access key.",
            Self::SessionToken => "Give the session token.",
        }
    }
}

fn is_pem(text: &str, kind: &str) -> bool {
    text.contains("-----BEGIN") && text.contains(kind)
}

/// A text of one line that is not empty and not endless.
fn line(all: &mut Vec<FieldProblem>, field: &str, text: &str, what: &str) {
    if text.is_empty() {
        all.push(FieldProblem::new(field, what));
    } else if text.len() > LONGEST || text.chars().any(char::is_control) {
        all.push(FieldProblem::new(field, format!("Use at most {LONGEST} characters on one line.")));
    }
}

impl SourceSettings {
    /// Everything that is wrong at once.
    pub fn problems(&self, kinds: &[&str]) -> Vec<FieldProblem> {
        let mut all = self.connection_problems(kinds);
        all.extend(self.policy.problems());
        all
    }

    /// What is wrong in how it is reached.
    pub fn connection_problems(&self, kinds: &[&str]) -> Vec<FieldProblem> {
        let mut all = Vec::new();
        if !kinds.contains(&self.kind.as_str()) {
            all.push(FieldProblem::new("kind", format!("Choose one of {}.", kinds.join(", "))));
        }
        if self.addresses.is_empty() {
            all.push(FieldProblem::new("addresses", "Give one or more addresses as host:port, one a line."));
        } else if self.addresses.len() > ADDRESSES {
            all.push(FieldProblem::new(
                "addresses",
                format!("Give at most {ADDRESSES}; two or three of one cluster do."),
            ));
        }
        for wrong in self.addresses.iter().filter(|a| !is_address(a)) {
            // What has an @ may hold a password: it is not shown.
            let shown = if wrong.contains('@') { "One of them" } else { wrong };
            all.push(FieldProblem::new(
                "addresses",
                format!("{shown} is no address; write host:port, as kafka-1.example.com:9092."),
            ));
        }
        if let Some(tls) = &self.tls {
            all.extend(tls.problems());
        }
        all.extend(self.sign_in.problems(self.tls.is_some()));
        if let Some(rack) = &self.rack {
            line(&mut all, "rack", rack, "Give the rack's name.");
        }
        all
    }
}

impl TlsSettings {
    fn problems(&self) -> Vec<FieldProblem> {
        let mut all = Vec::new();
        for (field, pem) in [("ca_pem", &self.ca_pem), ("client_cert_pem", &self.client_cert_pem)] {
            let Some(pem) = pem else { continue };
            if pem.len() > LONGEST_PEM {
                all.push(FieldProblem::new(field, "This is longer than 64 KB."));
            } else if !is_pem(pem, "CERTIFICATE") {
                all.push(FieldProblem::new(
                    field,
                    "This is no PEM text of a certificate (-----BEGIN CERTIFICATE-----).",
                ));
            }
        }
        all
    }
}

impl SignInSettings {
    fn problems(&self, has_tls: bool) -> Vec<FieldProblem> {
        let mut all = Vec::new();
        match self {
            Self::Nothing => {}
            Self::Password { username, .. } => line(&mut all, "username", username, "Give the user to sign in as."),
            Self::OAuth { endpoint, client_id, scope, extensions } => {
                line(&mut all, "oauth_endpoint", endpoint, "Give the address of the token endpoint.");
                if !endpoint.is_empty() && !endpoint.starts_with("https://") && !is_local(endpoint) {
                    all.push(FieldProblem::new(
                        "oauth_endpoint",
                        "Use https://: a client's secret must not travel in the clear.",
                    ));
                }
                line(&mut all, "client_id", client_id, "Give the client id.");
                if let Some(scope) = scope {
                    line(&mut all, "scope", scope, "Give the scope.");
                }
                let plain = |t: &str| !t.is_empty() && t.len() <= LONGEST && t.chars().all(|c| c.is_ascii_graphic());
                if extensions.len() > 16 || !extensions.iter().all(|(k, v)| plain(k) && plain(v) && !k.contains('=')) {
                    all.push(FieldProblem::new("extensions", "Write name=value, one a line, at most 16."));
                }
            }
            Self::AwsIam { region, access_key_id } => {
                line(&mut all, "region", region, "Give the region, as eu-central-1.");
                line(&mut all, "access_key_id", access_key_id, "Give the access key id.");
                if !has_tls {
                    all.push(FieldProblem::new("tls", "Amazon MSK takes IAM over TLS only: choose TLS."));
                }
            }
        }
        all
    }
}

/// A token endpoint on this machine, for trying things out.
fn is_local(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    ["127.0.0.1", "localhost", "[::1]"].contains(&host)
}

impl CapturePolicy {
    pub fn problems(&self) -> Vec<FieldProblem> {
        let mut all = Vec::new();
        if !["off", "metadata", "full"].contains(&self.capture.as_str()) {
            all.push(FieldProblem::new("capture", "Choose how much of an event may be stored: off, metadata or full."));
        }
        if !["none", "offsets", "replay"].contains(&self.act.as_str()) {
            all.push(FieldProblem::new("act", "Choose how far Weir may go: none, offsets or replay."));
        }
        if self.channels.is_empty() {
            all.push(FieldProblem::new(
                "channels",
                "Give names or patterns, one a line; * alone includes every channel.",
            ));
        } else if self.channels.len() > PATTERNS
            || self.channels.iter().any(|p| p.is_empty() || p.len() > 249 || p.chars().any(char::is_control))
        {
            all.push(FieldProblem::new(
                "channels",
                format!("Give at most {PATTERNS} patterns of at most 249 characters."),
            ));
        }
        if self.catch_up_bytes_per_s.is_some_and(|b| b < 1024) {
            all.push(FieldProblem::new("catch_up", "Allow at least 0.001 MB/s, or leave it empty for no cap."));
        }
        for (field, text) in [("type_header", &self.type_header), ("type_field", &self.type_field)] {
            if let Some(text) = text {
                line(&mut all, field, text, "Give a name, or leave it empty.");
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::{PasswordMechanism, StartSetting};

    fn settings() -> SourceSettings {
        SourceSettings {
            format: SourceSettings::FORMAT,
            kind: "kafka".into(),
            addresses: vec!["kafka-1.example.com:9092".into(), "[::1]:9092".into()],
            tls: None,
            sign_in: SignInSettings::Nothing,
            rack: None,
            policy: CapturePolicy {
                capture: "full".into(),
                act: "none".into(),
                read_only: false,
                channels: vec!["order.*".into()],
                include_internal: false,
                start: StartSetting::Latest,
                catch_up_bytes_per_s: None,
                type_header: None,
                type_field: None,
            },
        }
    }

    fn draft(settings: SourceSettings) -> SourceDraft {
        SourceDraft {
            name: "shop".into(),
            environment: EnvironmentChoice::Existing(EnvironmentId(1)),
            settings,
            secrets: Vec::new(),
        }
    }

    fn fields(draft: &SourceDraft) -> Vec<String> {
        draft.problems(&["kafka"]).into_iter().map(|p| p.field).collect()
    }

    #[test]
    fn what_is_right_has_no_problem_and_what_is_wrong_stands_at_its_field() {
        assert_eq!(fields(&draft(settings())), [""; 0]);
        let nothing = SourceSettings {
            kind: "mqtt".into(),
            addresses: vec![],
            sign_in: SignInSettings::Password { mechanism: PasswordMechanism::Plain, username: String::new() },
            policy: CapturePolicy {
                capture: "all".into(),
                act: "anything".into(),
                channels: vec![],
                catch_up_bytes_per_s: Some(1),
                ..settings().policy
            },
            ..settings()
        };
        let wrong = SourceDraft {
            name: "Über".into(),
            environment: EnvironmentChoice::New { name: String::new(), production: true, colour: Some("pink".into()) },
            ..draft(nothing)
        };
        assert_eq!(
            fields(&wrong),
            [
                "name",
                "new_environment",
                "colour",
                "kind",
                "addresses",
                "username",
                "capture",
                "act",
                "channels",
                "catch_up",
                "password"
            ]
        );
    }

    #[test]
    fn addresses_that_could_be_something_else_are_none() {
        for good in ["kafka:9092", "10.0.0.1:1", "[2001:db8::1]:9092"] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "kafka",
            ":9092",
            "kafka:0",
            "kafka:99999",
            "u:p@kafka:9092",
            "http://kafka:9092",
            "a b:1",
            "2001:db8::1:9092",
            "kafka:9092/x",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
        let with_password = SourceSettings { addresses: vec!["weir:hunter2@kafka:9092".into()], ..settings() };
        assert!(!format!("{:?}", draft(with_password).problems(&["kafka"])).contains("hunter2"));
    }

    #[test]
    fn secrets_that_are_needed_are_asked_for_unless_they_are_kept() {
        let mutual = SourceSettings {
            tls: Some(TlsSettings { ca_pem: None, client_cert_pem: Some("-----BEGIN CERTIFICATE-----".into()) }),
            ..settings()
        };
        assert_eq!(mutual.needs(), [SecretField::ClientKey]);
        let given = |text: &str| vec![(SecretField::ClientKey, Secret::new(text))];
        assert_eq!(missing_secrets(&mutual, &[], &[]).len(), 1);
        assert_eq!(missing_secrets(&mutual, &[], &[SecretField::ClientKey]).len(), 0);
        assert_eq!(missing_secrets(&mutual, &given("nonsense"), &[]).len(), 1);
        assert_eq!(missing_secrets(&mutual, &given("-----BEGIN PRIVATE KEY-----"), &[]).len(), 0);
        let iam = SourceSettings {
            sign_in: SignInSettings::AwsIam { region: "eu-central-1".into(), access_key_id: "AK".into() },
            ..settings()
        };
        assert!(iam.takes(SecretField::SessionToken) && !iam.takes(SecretField::Password));
        assert!(iam.problems(&["kafka"]).iter().any(|p| p.field == "tls"), "IAM over TLS only");
    }

    #[test]
    fn a_token_endpoint_is_asked_over_tls_unless_it_is_this_machine() {
        let at = |endpoint: &str| SignInSettings::OAuth {
            endpoint: endpoint.into(),
            client_id: "weir".into(),
            scope: None,
            extensions: vec![("logicalCluster".into(), "lkc-1".into())],
        };
        for (endpoint, good) in [
            ("https://id.example.com/token", true),
            ("http://127.0.0.1:9000/token", true),
            ("http://localhost/token", true),
            ("http://id.example.com/token", false),
            ("http://localhost.evil.example/token", false),
            ("", false),
        ] {
            assert_eq!(at(endpoint).problems(true).is_empty(), good, "{endpoint}");
        }
    }

    #[test]
    fn stored_settings_stay_readable() {
        let text = r#"{"format":1,"kind":"kafka","addresses":["a:1"],"tls":{"ca_pem":null,"client_cert_pem":null},
            "sign_in":{"by":"password","mechanism":"scram-sha-512","username":"weir"},
            "policy":{"capture":"full","act":"none","channels":["*"],"start":"latest"}}"#;
        let read: SourceSettings = serde_json::from_str(text).unwrap();
        assert_eq!(read.needs(), [SecretField::Password]);
        assert_eq!(read.description(), "a:1 (TLS, SASL SCRAM-SHA-512), channels *");
        let again: SourceSettings = serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap();
        assert_eq!(again, read);
        let at = serde_json::to_string(&StartSetting::At(crate::Timestamp(5))).unwrap();
        assert_eq!(serde_json::from_str::<StartSetting>(&at).unwrap(), StartSetting::At(crate::Timestamp(5)));
    }
}
