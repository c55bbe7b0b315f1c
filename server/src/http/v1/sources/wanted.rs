//! Sources as programs want them: how they are reached, and what is read of them. The words are those of `weir.toml`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_cases::sources::{Checked, KEY_FIELD};
use weir_domain::{
    Secret, Timestamp,
    access::Caller,
    sources::{
        CapturePolicy, EnvironmentChoice, FieldProblem, PasswordMechanism, SecretField, SettingsShown, SignInSettings,
        SourceSettings, StartSetting, TlsSettings,
    },
};

use crate::http::{
    site::Site,
    v1::{bearer::Program, kinds::INVALID, problem::Problem, shared::EnvironmentRef},
};

/// How a broker is reached, but for its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// `kafka`; more kinds will come.
    #[schema(example = "kafka")]
    pub kind: String,
    /// Two or three of one cluster, as host:port.
    #[schema(example = json!(["kafka-1.example.com:9093"]))]
    pub addresses: Vec<String>,
    /// Null: no encryption.
    #[serde(default, deserialize_with = "crate::http::v1::given::object_or_null")]
    pub tls: Option<TlsOf>,
    /// Null: without signing in, or by the client's certificate.
    pub sign_in: Option<SignIn>,
    /// Where this server stands, as the cluster's brokers name their places: they point it to the nearest replica.
    #[schema(example = "eu-central-1a")]
    pub rack: Option<String>,
}

/// Certificates, as PEM texts. The client's private key is a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsOf {
    /// Authorities to trust; null: those of the server's system.
    pub ca_pem: Option<String>,
    /// For mutual TLS, together with the secret `client_key`.
    pub client_cert_pem: Option<String>,
}

/// How to sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "mechanism", deny_unknown_fields)]
pub enum SignIn {
    /// A user with the secret `password`.
    #[serde(rename = "plain")]
    Plain {
        #[schema(example = "weir")]
        username: String,
    },
    /// A user with the secret `password`.
    #[serde(rename = "scram-sha-256")]
    ScramSha256 {
        #[schema(example = "weir")]
        username: String,
    },
    /// A user with the secret `password`.
    #[serde(rename = "scram-sha-512")]
    ScramSha512 {
        #[schema(example = "weir")]
        username: String,
    },
    /// The client-credentials grant, with the secret `client_secret`.
    #[serde(rename = "oauthbearer")]
    OAuth {
        #[schema(example = "https://id.example.com/oauth2/token")]
        token_endpoint: String,
        #[schema(example = "weir")]
        client_id: String,
        scope: Option<String>,
        /// SASL extensions, each as name=value.
        #[serde(default)]
        extensions: Vec<String>,
    },
    /// Amazon MSK by IAM, with the secrets `secret_access_key` and, for temporary keys, `session_token`.
    #[serde(rename = "aws-msk-iam")]
    AwsIam {
        #[schema(example = "eu-central-1")]
        region: String,
        access_key_id: String,
    },
}

/// Secrets, by their names. They are sealed before they are stored, and never told again.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    pub password: Option<String>,
    /// PEM.
    pub client_key: Option<String>,
    pub client_secret: Option<String>,
    pub secret_access_key: Option<String>,
    pub session_token: Option<String>,
}

/// What is read of a source, and how far Weir may go there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The most that is stored of an event: `off`, `metadata` or `full`.
    #[schema(example = "full")]
    pub capture: String,
    /// The most that anybody may do to the broker from Weir: `none`, `offsets` or `replay`.
    #[schema(example = "none")]
    pub act: String,
    /// No write to this broker, whatever else is said.
    #[serde(default)]
    pub read_only: bool,
    /// Names or patterns of the channels that are read; `*` stands for any characters.
    #[schema(example = json!(["order.*"]))]
    pub channels: Vec<String>,
    /// Patterns reach the broker's own channels too.
    #[serde(default)]
    pub include_internal: bool,
    /// Where reading begins the first time: `latest`, `earliest`, or a time (RFC 3339).
    #[schema(example = "latest")]
    pub start: String,
    /// How fast a catch-up reads at most; null: as fast as it goes.
    #[schema(minimum = 1024)]
    pub catch_up_bytes_per_s: Option<u64>,
    /// The header that names an event's type.
    pub type_header: Option<String>,
    /// The field of the payload that names an event's type.
    pub type_field: Option<String>,
}

/// An environment that is made with the source.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEnvironment {
    pub production: bool,
    /// `red`, `orange`, `yellow`, `green`, `teal`, `blue`, `violet` or `grey`.
    #[schema(example = "teal")]
    pub colour: Option<String>,
}

/// How a source that people made is set, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Settings {
    #[schema(example = "3")]
    pub id: String,
    #[schema(example = "shop")]
    pub name: String,
    pub environment: EnvironmentRef,
    /// Say it with a change: one that began with an older version is refused.
    #[schema(example = "1")]
    pub version: String,
    pub connection: Connection,
    pub policy: Policy,
    /// Names of the secrets that are kept.
    #[schema(example = json!(["password"]))]
    pub secrets: Vec<String>,
}

impl Connection {
    pub fn settings(self, policy: CapturePolicy) -> SourceSettings {
        let Self { kind, addresses, tls, sign_in, rack } = self;
        let tls = tls.map(|t| TlsSettings { ca_pem: t.ca_pem, client_cert_pem: t.client_cert_pem });
        let sign_in = sign_in.map_or(SignInSettings::Nothing, SignInSettings::from);
        SourceSettings { format: SourceSettings::FORMAT, kind, addresses, tls, sign_in, rack, policy }
    }
}

impl From<&SourceSettings> for Connection {
    fn from(s: &SourceSettings) -> Self {
        let tls = s.tls.clone().map(|t| TlsOf { ca_pem: t.ca_pem, client_cert_pem: t.client_cert_pem });
        let (kind, addresses, rack) = (s.kind.clone(), s.addresses.clone(), s.rack.clone());
        Self { kind, addresses, tls, sign_in: sign_in(&s.sign_in), rack }
    }
}

impl From<SignIn> for SignInSettings {
    fn from(sign_in: SignIn) -> Self {
        let password = |mechanism, username| Self::Password { mechanism, username };
        match sign_in {
            SignIn::Plain { username } => password(PasswordMechanism::Plain, username),
            SignIn::ScramSha256 { username } => password(PasswordMechanism::ScramSha256, username),
            SignIn::ScramSha512 { username } => password(PasswordMechanism::ScramSha512, username),
            SignIn::OAuth { token_endpoint, client_id, scope, extensions } => {
                // What has no value is empty, and refused with all else that is wrong.
                let pair = |e: String| match e.split_once('=') {
                    Some((name, value)) => (name.to_owned(), value.to_owned()),
                    None => (e, String::new()),
                };
                let extensions = extensions.into_iter().map(pair).collect();
                Self::OAuth { endpoint: token_endpoint, client_id, scope, extensions }
            }
            SignIn::AwsIam { region, access_key_id } => Self::AwsIam { region, access_key_id },
        }
    }
}

fn sign_in(settings: &SignInSettings) -> Option<SignIn> {
    Some(match settings.clone() {
        SignInSettings::Nothing => return None,
        SignInSettings::Password { mechanism, username } => match mechanism {
            PasswordMechanism::Plain => SignIn::Plain { username },
            PasswordMechanism::ScramSha256 => SignIn::ScramSha256 { username },
            PasswordMechanism::ScramSha512 => SignIn::ScramSha512 { username },
        },
        SignInSettings::OAuth { endpoint, client_id, scope, extensions } => SignIn::OAuth {
            token_endpoint: endpoint,
            client_id,
            scope,
            extensions: extensions.iter().map(|(k, v)| format!("{k}={v}")).collect(),
        },
        SignInSettings::AwsIam { region, access_key_id } => SignIn::AwsIam { region, access_key_id },
    })
}

impl Secrets {
    pub fn given(self) -> Vec<(SecretField, Secret)> {
        let Self { password, client_key, client_secret, secret_access_key, session_token } = self;
        let all = [
            (SecretField::Password, password),
            (SecretField::ClientKey, client_key),
            (SecretField::ClientSecret, client_secret),
            (SecretField::SecretAccessKey, secret_access_key),
            (SecretField::SessionToken, session_token),
        ];
        all.into_iter().filter_map(|(field, secret)| Some((field, Secret::new(secret?)))).collect()
    }
}

impl Policy {
    /// # Errors
    /// When `start` is no moment.
    pub fn policy(self) -> Result<CapturePolicy, Problem> {
        Ok(CapturePolicy {
            capture: self.capture,
            act: self.act,
            read_only: self.read_only,
            channels: self.channels,
            include_internal: self.include_internal,
            start: begin(&self.start, "policy.start")?,
            catch_up_bytes_per_s: self.catch_up_bytes_per_s,
            type_header: self.type_header,
            type_field: self.type_field,
        })
    }
}

impl From<&CapturePolicy> for Policy {
    fn from(p: &CapturePolicy) -> Self {
        Self {
            capture: p.capture.clone(),
            act: p.act.clone(),
            read_only: p.read_only,
            channels: p.channels.clone(),
            include_internal: p.include_internal,
            start: match p.start {
                StartSetting::Latest => "latest".to_owned(),
                StartSetting::Earliest => "earliest".to_owned(),
                StartSetting::At(time) => time.rfc3339(),
            },
            catch_up_bytes_per_s: p.catch_up_bytes_per_s,
            type_header: p.type_header.clone(),
            type_field: p.type_field.clone(),
        }
    }
}

impl From<SettingsShown> for Settings {
    fn from(s: SettingsShown) -> Self {
        Self {
            id: s.id.to_string(),
            name: s.name,
            environment: EnvironmentRef { id: s.environment.to_string(), name: s.environment_name },
            version: s.version.to_string(),
            connection: (&s.settings).into(),
            policy: (&s.settings.policy).into(),
            secrets: s.kept.iter().map(|field| field.as_str().to_owned()).collect(),
        }
    }
}

/// The environment of this name that the token reaches; one to be made, if there is none and it is said how.
///
/// # Errors
/// When there is none.
pub async fn environment(
    site: &Site,
    program: &Program,
    name: String,
    new: Option<NewEnvironment>,
) -> Result<EnvironmentChoice, Problem> {
    let caller = Caller { environment: None, ..program.caller.clone() };
    let me = program.told(site.cases.access.me(&caller).await)?;
    match (me.environments.into_iter().find(|e| e.name == name), new) {
        (Some(found), _) => Ok(EnvironmentChoice::Existing(found.id)),
        (None, Some(NewEnvironment { production, colour })) => Ok(EnvironmentChoice::New { name, production, colour }),
        (None, None) => Err(wrong("environment: There is none of this name; say new_environment to make it.")),
    }
}

/// Where reading begins.
///
/// # Errors
/// When it is no moment.
pub fn begin(start: &str, place: &str) -> Result<StartSetting, Problem> {
    match start {
        "latest" => Ok(StartSetting::Latest),
        "earliest" => Ok(StartSetting::Earliest),
        time => match chrono::DateTime::parse_from_rfc3339(time) {
            Ok(time) => Ok(StartSetting::At(Timestamp(time.timestamp_micros()))),
            Err(_) => Err(wrong(format!("{place}: Give latest, earliest or a time, as 2026-11-22T08:00:00Z."))),
        },
    }
}

pub fn wrong(what: impl Into<String>) -> Problem {
    Problem::new(INVALID, what, "Set it right and send it again.")
}

/// What was done, or all that is wrong, by the names that things have here.
///
/// # Errors
/// When something is wrong.
pub fn checked<T>(checked: Checked<T>) -> Result<T, Problem> {
    match checked {
        Checked::Done(done) => Ok(done),
        Checked::Wrong(problems) => {
            let one = |p: &FieldProblem| format!("{}: {}", place(&p.field), p.what);
            let all: Vec<_> = problems.iter().map(one).collect();
            Err(Problem::new(INVALID, all.join(" "), "Set it right and send it again."))
        }
    }
}

/// Where a field of the form stands here.
fn place(field: &str) -> &str {
    if let Some(secret) = SecretField::ALL.into_iter().find(|s| s.form_name() == field) {
        return match secret {
            SecretField::Password => "secrets.password",
            SecretField::ClientKey => "secrets.client_key",
            SecretField::ClientSecret => "secrets.client_secret",
            SecretField::SecretAccessKey => "secrets.secret_access_key",
            SecretField::SessionToken => "secrets.session_token",
        };
    }
    match field {
        KEY_FIELD => "secrets",
        "new_environment" => "environment",
        "colour" => "new_environment.colour",
        "kind" => "connection.kind",
        "addresses" => "connection.addresses",
        "rack" => "connection.rack",
        "tls" => "connection.tls",
        "ca_pem" => "connection.tls.ca_pem",
        "client_cert_pem" => "connection.tls.client_cert_pem",
        "sign_in" => "connection.sign_in",
        "username" => "connection.sign_in.username",
        "oauth_endpoint" => "connection.sign_in.token_endpoint",
        "client_id" => "connection.sign_in.client_id",
        "scope" => "connection.sign_in.scope",
        "extensions" => "connection.sign_in.extensions",
        "region" => "connection.sign_in.region",
        "access_key_id" => "connection.sign_in.access_key_id",
        "capture" => "policy.capture",
        "act" => "policy.act",
        "channels" => "policy.channels",
        "catch_up" => "policy.catch_up_bytes_per_s",
        "type_header" => "policy.type_header",
        "type_field" => "policy.type_field",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(sign_in: &str) -> Connection {
        let text = format!(r#"{{"kind": "kafka", "addresses": ["k:9092"], "tls": {{}}, "sign_in": {sign_in}}}"#);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn what_is_wanted_is_shown_as_it_was_said() {
        let policy: Policy = serde_json::from_str(
            r#"{"capture": "metadata", "act": "none", "channels": ["a"], "start": "2026-11-22T08:00:00.000000Z"}"#,
        )
        .unwrap();
        let wanted = policy.clone().policy().unwrap();
        assert_eq!(Policy::from(&wanted), policy);
        for by in [
            "null",
            r#"{"mechanism": "plain", "username": "u"}"#,
            r#"{"mechanism": "scram-sha-256", "username": "u"}"#,
            r#"{"mechanism": "scram-sha-512", "username": "u"}"#,
            r#"{"mechanism": "oauthbearer", "token_endpoint": "https://i", "client_id": "c", "extensions": ["a=b=c"]}"#,
            r#"{"mechanism": "aws-msk-iam", "region": "r", "access_key_id": "k"}"#,
        ] {
            let said = connection(by);
            let settings = said.clone().settings(wanted.clone());
            assert_eq!(Connection::from(&settings), said, "{by}");
        }
    }

    #[test]
    fn what_nobody_can_mean_is_refused() {
        for wrong in [
            r#"{"mechanism": "gssapi", "username": "u"}"#,
            r#"{"mechanism": "plain"}"#,
            r#"{"mechanism": "plain", "username": "u", "password": "p"}"#,
            r#"{"username": "u"}"#,
        ] {
            assert!(serde_json::from_str::<SignIn>(wrong).is_err(), "{wrong}");
        }
        let policy = |start: &str| Policy { start: start.into(), ..Policy::from(&usual()) };
        for start in ["", "yesterday", "2026-11-22", "Latest"] {
            assert!(policy(start).policy().is_err(), "{start}");
        }
    }

    fn usual() -> CapturePolicy {
        CapturePolicy {
            capture: "full".into(),
            act: "none".into(),
            read_only: false,
            channels: vec!["*".into()],
            include_internal: false,
            start: StartSetting::Latest,
            catch_up_bytes_per_s: None,
            type_header: None,
            type_field: None,
        }
    }

    #[test]
    fn every_mistake_is_named_by_the_place_it_stands_at() {
        let bad = CapturePolicy {
            capture: "all".into(),
            act: "much".into(),
            channels: Vec::new(),
            catch_up_bytes_per_s: Some(1),
            type_header: Some(String::new()),
            type_field: Some(String::new()),
            ..usual()
        };
        let mut problems = Vec::new();
        for by in [
            r#"{"mechanism": "plain", "username": ""}"#,
            r#"{"mechanism": "oauthbearer", "token_endpoint": "", "client_id": "", "scope": "", "extensions": ["a"]}"#,
            r#"{"mechanism": "aws-msk-iam", "region": "", "access_key_id": ""}"#,
        ] {
            let mut settings = connection(by).settings(bad.clone());
            settings.kind = "carrier-pigeon".into();
            settings.rack = Some(String::new());
            settings.addresses.clear();
            settings.tls = Some(TlsSettings { ca_pem: Some("x".into()), client_cert_pem: Some("x".into()) });
            problems.extend(settings.problems(&["kafka"]));
            problems.extend(weir_domain::sources::missing_secrets(&settings, &[], &[]));
            problems.extend(SourceSettings { tls: None, ..settings }.problems(&["kafka"]));
        }
        assert!(problems.len() > 20, "{problems:?}");
        for problem in &problems {
            let place = place(&problem.field);
            assert!(place.split('.').count() >= 2, "{place}");
        }
        let told = checked::<()>(Checked::Wrong(problems)).unwrap_err();
        assert_eq!(told.status, 400);
        assert!(told.detail.contains("connection.sign_in.token_endpoint: "), "{}", told.detail);
    }
}
