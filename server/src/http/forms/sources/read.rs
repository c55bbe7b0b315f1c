//! From what was typed to a source as somebody wants it.

use weir_domain::{
    PersonId, Secret, Timestamp,
    sources::{
        CapturePolicy, EnvironmentChoice, FieldProblem, PasswordMechanism, SecretField, SignInSettings, SourceSettings,
        StartSetting, TlsSettings,
    },
};

use super::keep;
use crate::http::forms::act::Fields;

/// What a form holds, as far as it could be read.
pub struct Form {
    pub settings: SourceSettings,
    pub environment: Option<EnvironmentChoice>,
    pub secrets: Vec<(SecretField, Secret)>,
    /// Of the source that is changed.
    pub version: i64,
    /// What can't be read at all; the rest is judged by the use cases.
    pub problems: Vec<FieldProblem>,
}

impl Form {
    pub fn read(fields: &Fields, person: &PersonId) -> Self {
        let mut problems = Vec::new();
        let environment = environment(fields);
        let policy = policy(fields, &mut problems);
        let settings = SourceSettings {
            format: SourceSettings::FORMAT,
            kind: fields.text("kind").to_owned(),
            addresses: words(fields.text("addresses")),
            tls: tls(fields),
            sign_in: sign_in(fields, &mut problems),
            rack: some(fields.text("rack")),
            policy,
        };
        let mut secrets = keep::open(person, fields.text(keep::FIELD));
        for field in SecretField::ALL {
            // As it was typed: a password may begin with a space.
            let typed = fields.exact(field.form_name());
            if !typed.is_empty() {
                secrets.retain(|(f, _)| *f != field);
                let secret =
                    if field == SecretField::ClientKey { pem(typed).unwrap_or_default() } else { typed.to_owned() };
                secrets.push((field, Secret::new(secret)));
            }
        }
        // What was typed for another way of signing in is not carried along.
        secrets.retain(|(f, _)| settings.takes(*f));
        Self { settings, environment, secrets, version: fields.text("version").parse().unwrap_or(0), problems }
    }
}

/// Separated by line ends, commas or spaces.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| c.is_whitespace() || c == ',').filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Browsers send line ends their own way.
fn pem(text: &str) -> Option<String> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    (!text.is_empty()).then(|| format!("{text}\n"))
}

fn tls(fields: &Fields) -> Option<TlsSettings> {
    let mutual = match fields.text("tls") {
        "on" => false,
        "mutual" => true,
        _ => return None,
    };
    // Chosen and left empty is a mistake, which is told at the field.
    let client_cert_pem = mutual.then(|| pem(fields.exact("client_cert_pem")).unwrap_or_default());
    Some(TlsSettings { ca_pem: pem(fields.exact("ca_pem")), client_cert_pem })
}

fn sign_in(fields: &Fields, problems: &mut Vec<FieldProblem>) -> SignInSettings {
    let owned = |name: &str| fields.text(name).to_owned();
    match fields.text("sign_in") {
        "" => {
            problems.push(FieldProblem::new("sign_in", "Choose how to sign in."));
            SignInSettings::Nothing
        }
        "oauthbearer" => SignInSettings::OAuth {
            endpoint: owned("oauth_endpoint"),
            client_id: owned("client_id"),
            scope: some(fields.text("scope")),
            extensions: words(fields.text("extensions"))
                .iter()
                .map(|e| e.split_once('=').map_or((e.clone(), String::new()), |(k, v)| (k.to_owned(), v.to_owned())))
                .collect(),
        },
        "aws-msk-iam" => SignInSettings::AwsIam { region: owned("region"), access_key_id: owned("access_key_id") },
        other => match PasswordMechanism::parse(other) {
            Some(mechanism) => SignInSettings::Password { mechanism, username: owned("username") },
            None => SignInSettings::Nothing,
        },
    }
}

fn environment(fields: &Fields) -> Option<EnvironmentChoice> {
    match fields.text("environment") {
        "new" => Some(EnvironmentChoice::New {
            name: fields.text("new_environment").to_owned(),
            production: fields.text("new_kind") == "production",
            colour: some(fields.text("colour")),
        }),
        id => id.parse().ok().map(EnvironmentChoice::Existing),
    }
}

fn policy(fields: &Fields, problems: &mut Vec<FieldProblem>) -> CapturePolicy {
    let start = match fields.text("start") {
        "earliest" => StartSetting::Earliest,
        "time" => match time(fields.text("start_time")) {
            Some(time) => StartSetting::At(time),
            None => {
                problems.push(FieldProblem::new("start_time", "Give a time in UTC, as 2026-11-22T08:00."));
                StartSetting::Latest
            }
        },
        _ => StartSetting::Latest,
    };
    let catch_up = fields.text("catch_up");
    let catch_up_bytes_per_s = match (catch_up.is_empty(), catch_up.parse::<f64>()) {
        (true, _) => None,
        (false, Ok(mb)) if mb.is_finite() && (0.0..1e9).contains(&mb) => Some((mb * 1e6) as u64),
        (false, _) => {
            problems.push(FieldProblem::new("catch_up", "Give a number of MB/s, or leave it empty for no cap."));
            None
        }
    };
    CapturePolicy {
        capture: fields.text("capture").to_owned(),
        act: fields.text("act").to_owned(),
        read_only: fields.ticked("read_only"),
        channels: words(fields.text("channels")),
        include_internal: fields.ticked("include_internal"),
        start,
        catch_up_bytes_per_s,
        type_header: some(fields.text("type_header")),
        type_field: some(fields.text("type_field")),
    }
}

/// As browsers send it, in UTC; or as programs write it.
fn time(text: &str) -> Option<Timestamp> {
    let naive = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|format| chrono::NaiveDateTime::parse_from_str(text, format).ok());
    let whole = || chrono::DateTime::parse_from_rfc3339(text).ok().map(|t| t.timestamp_micros());
    naive.map(|t| t.and_utc().timestamp_micros()).or_else(whole).map(Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> Form {
        let pairs = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Form::read(&Fields::from_pairs(pairs), &PersonId("mara".into()))
    }

    #[test]
    fn a_whole_form_is_read_as_it_was_meant() {
        let read = form(&[
            ("kind", "kafka"),
            ("addresses", "kafka-1:9093\r\nkafka-2:9093, kafka-3:9093"),
            ("tls", "mutual"),
            ("ca_pem", "-----BEGIN CERTIFICATE-----\r\nAA\r\n-----END CERTIFICATE-----\r\n"),
            ("client_cert_pem", "-----BEGIN CERTIFICATE-----"),
            ("client_key_secret", "-----BEGIN PRIVATE KEY-----\r\nBB"),
            ("sign_in", "scram-sha-512"),
            ("username", " weir "),
            ("password", " with spaces "),
            ("environment", "new"),
            ("new_environment", "lab"),
            ("new_kind", "production"),
            ("colour", "teal"),
            ("capture", "metadata"),
            ("act", "none"),
            ("channels", "order.*\r\npayment.*\r\n"),
            ("start", "time"),
            ("start_time", "2026-11-01T00:00"),
            ("catch_up", "1.5"),
        ]);
        assert_eq!(read.problems, []);
        assert_eq!(read.settings.addresses, ["kafka-1:9093", "kafka-2:9093", "kafka-3:9093"]);
        let tls = read.settings.tls.as_ref().unwrap();
        assert_eq!(tls.ca_pem.as_deref(), Some("-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n"));
        assert!(matches!(&read.settings.sign_in, SignInSettings::Password { username, .. } if username == "weir"));
        let secret = |field| read.secrets.iter().find(|(f, _)| *f == field).map(|(_, s)| s.expose());
        assert_eq!(secret(SecretField::Password), Some(" with spaces "));
        assert_eq!(secret(SecretField::ClientKey), Some("-----BEGIN PRIVATE KEY-----\nBB\n"));
        assert_eq!(read.settings.policy.channels, ["order.*", "payment.*"]);
        assert_eq!(read.settings.policy.start, StartSetting::At(Timestamp::from_millis(1_793_491_200_000)));
        assert_eq!(read.settings.policy.catch_up_bytes_per_s, Some(1_500_000));
        let new = EnvironmentChoice::New { name: "lab".into(), production: true, colour: Some("teal".into()) };
        assert_eq!(read.environment, Some(new));
        assert_eq!(read.settings.problems(&["kafka"]), []);
    }

    #[test]
    fn what_can_not_be_read_is_told_at_its_field() {
        let read = form(&[("start", "time"), ("start_time", "yesterday"), ("catch_up", "fast")]);
        let fields: Vec<_> = read.problems.iter().map(|p| p.field.as_str()).collect();
        assert_eq!(fields, ["start_time", "catch_up", "sign_in"]);
        assert!(form(&[("sign_in", "none"), ("password", "typed for nothing")]).secrets.is_empty());
    }
}
