//! How a source that was made in the browser is reached and read: what the configuration's `[sources.…]` says, typed.
//! Secrets are not part of it; they are sealed one by one ([`super::Vault`]).

use crate::{Timestamp, access::channel_pattern_matches};
use serde::{Deserialize, Serialize};

/// Stored as JSON. New keys get a default, so that what is stored stays readable; a change of meaning gets a new number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceSettings {
    pub format: u32,
    /// "kafka"
    pub kind: String,
    /// `host:port`
    pub addresses: Vec<String>,
    pub tls: Option<TlsSettings>,
    pub sign_in: SignInSettings,
    /// Where this server stands, as brokers name it: they point to their nearest replica.
    #[serde(default)]
    pub rack: Option<String>,
    pub policy: CapturePolicy,
}

/// Certificates as PEM texts; the client's key is a secret of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TlsSettings {
    /// Authorities to trust instead of the system's.
    pub ca_pem: Option<String>,
    pub client_cert_pem: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum SignInSettings {
    Nothing,
    Password {
        mechanism: PasswordMechanism,
        username: String,
    },
    /// SASL OAUTHBEARER with the client-credentials grant.
    OAuth {
        /// `https://…`
        endpoint: String,
        client_id: String,
        scope: Option<String>,
        /// SASL extensions, such as `logicalCluster`.
        #[serde(default)]
        extensions: Vec<(String, String)>,
    },
    /// Amazon MSK by IAM, with keys of a user or role.
    AwsIam {
        region: String,
        access_key_id: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PasswordMechanism {
    Plain,
    #[serde(rename = "scram-sha-256")]
    ScramSha256,
    #[serde(rename = "scram-sha-512")]
    ScramSha512,
}

impl PasswordMechanism {
    pub const ALL: [Self; 3] = [Self::ScramSha512, Self::ScramSha256, Self::Plain];

    /// As the configuration and forms write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::ScramSha256 => "scram-sha-256",
            Self::ScramSha512 => "scram-sha-512",
        }
    }
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.as_str() == word)
    }
    /// As Kafka calls it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha512 => "SCRAM-SHA-512",
        }
    }
}

/// What is read of it, and how far Weir may go there (decision 14).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapturePolicy {
    /// "off" | "metadata" | "full": a ceiling.
    pub capture: String,
    /// "none" | "offsets" | "replay": a ceiling.
    pub act: String,
    #[serde(default)]
    pub read_only: bool,
    /// Allow-list; `*` stands for any run of characters.
    pub channels: Vec<String>,
    #[serde(default)]
    pub include_internal: bool,
    pub start: StartSetting,
    #[serde(default)]
    pub catch_up_bytes_per_s: Option<u64>,
    #[serde(default)]
    pub type_header: Option<String>,
    #[serde(default)]
    pub type_field: Option<String>,
}

/// Where reading begins the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartSetting {
    Latest,
    Earliest,
    At(Timestamp),
}

/// Which secret of a source. Its name is part of what a seal is bound to: never renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretField {
    Password,
    ClientKey,
    ClientSecret,
    SecretAccessKey,
    SessionToken,
}

impl SecretField {
    pub const ALL: [Self; 5] =
        [Self::Password, Self::ClientKey, Self::ClientSecret, Self::SecretAccessKey, Self::SessionToken];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::ClientKey => "client_key",
            Self::ClientSecret => "client_secret",
            Self::SecretAccessKey => "secret_access_key",
            Self::SessionToken => "session_token",
        }
    }
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.as_str() == word)
    }
}

impl CapturePolicy {
    /// Does a pattern include this channel?
    pub fn includes(&self, channel: &str, internal: bool) -> bool {
        (self.include_internal || !internal) && self.channels.iter().any(|p| channel_pattern_matches(p, channel))
    }
}

impl SourceSettings {
    pub const FORMAT: u32 = 1;

    /// The secrets that these settings can't do without.
    pub fn needs(&self) -> Vec<SecretField> {
        let key = self.tls.as_ref().and_then(|t| t.client_cert_pem.as_ref()).map(|_| SecretField::ClientKey);
        let who = match &self.sign_in {
            SignInSettings::Nothing => None,
            SignInSettings::Password { .. } => Some(SecretField::Password),
            SignInSettings::OAuth { .. } => Some(SecretField::ClientSecret),
            SignInSettings::AwsIam { .. } => Some(SecretField::SecretAccessKey),
        };
        key.into_iter().chain(who).collect()
    }

    /// May this secret be given with these settings? Others are forgotten.
    pub fn takes(&self, field: SecretField) -> bool {
        let session = matches!(self.sign_in, SignInSettings::AwsIam { .. }) && field == SecretField::SessionToken;
        session || self.needs().contains(&field)
    }

    /// How it is reached and read, for pages; no secrets.
    pub fn description(&self) -> String {
        let tls = self.tls.as_ref().map(|t| if t.client_cert_pem.is_some() { "mutual TLS" } else { "TLS" }.to_owned());
        let who = match &self.sign_in {
            SignInSettings::Nothing => None,
            SignInSettings::Password { mechanism, .. } => Some(format!("SASL {}", mechanism.title())),
            SignInSettings::OAuth { .. } => Some("SASL OAUTHBEARER".to_owned()),
            SignInSettings::AwsIam { .. } => Some("AWS MSK IAM".to_owned()),
        };
        describe(&self.addresses, tls.into_iter().chain(who).collect(), self.rack.as_deref(), &self.policy.channels)
    }
}

/// The one line that pages show of a source: addresses, ways, patterns.
pub fn describe(addresses: &[String], ways: Vec<String>, rack: Option<&str>, channels: &[String]) -> String {
    let ways: Vec<String> = ways.into_iter().chain(rack.map(|r| format!("rack {r}"))).collect();
    let ways = if ways.is_empty() { String::new() } else { format!(" ({})", ways.join(", ")) };
    format!("{}{ways}, channels {}", addresses.join(", "), channels.join(", "))
}
