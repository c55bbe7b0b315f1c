use crate::Reach;
use std::path::PathBuf;
pub use weir_domain::Secret;

/// TLS towards the broker. PEM texts (not paths): the configuration has read the files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// Certificate authorities to trust instead of the system's.
    pub ca_pem: Option<String>,
    /// Client certificate and key, for mutual TLS; both or none.
    pub client_cert_pem: Option<String>,
    pub client_key_pem: Option<Secret>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaslMechanism {
    Plain,
    ScramSha256,
    ScramSha512,
}

/// A user with a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sasl {
    pub mechanism: SaslMechanism,
    pub username: String,
    pub password: Secret,
}

/// OAuth 2 bearer tokens (SASL OAUTHBEARER, RFC 7628).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuth {
    pub token: TokenFrom,
    /// SASL extensions, such as `logicalCluster`.
    pub extensions: Vec<(String, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenFrom {
    /// The client-credentials grant (RFC 6749, 4.4); the client signs in by HTTP Basic.
    Endpoint(TokenEndpoint),
    /// A file that something else renews; read for each connection.
    File(PathBuf),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenEndpoint {
    /// `https://…`; `http://` to this machine only.
    pub url: String,
    pub client_id: String,
    pub client_secret: Secret,
    pub scope: Option<String>,
    /// Certificate authorities of the endpoint, instead of the system's.
    pub ca_pem: Option<String>,
}

/// Keys of an AWS user or role (Amazon MSK by IAM). They don't renew themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsIam {
    pub region: String,
    pub access_key_id: String,
    pub secret_access_key: Secret,
    pub session_token: Option<Secret>,
}

/// How to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignIn {
    Password(Sasl),
    OAuth(OAuth),
    AwsIam(AwsIam),
}

impl From<Sasl> for SignIn {
    fn from(sasl: Sasl) -> Self {
        Self::Password(sasl)
    }
}

impl SignIn {
    /// As whom, as far as it is known before the broker answers.
    pub fn user(&self) -> &str {
        match self {
            Self::Password(sasl) => &sasl.username,
            Self::OAuth(OAuth { token: TokenFrom::Endpoint(endpoint), .. }) => &endpoint.client_id,
            Self::OAuth(_) => "the token's user",
            Self::AwsIam(iam) => &iam.access_key_id,
        }
    }

    /// As Kafka calls it.
    pub const fn mechanism(&self) -> &'static str {
        match self {
            Self::Password(sasl) => match sasl.mechanism {
                SaslMechanism::Plain => "PLAIN",
                SaslMechanism::ScramSha256 => "SCRAM-SHA-256",
                SaslMechanism::ScramSha512 => "SCRAM-SHA-512",
            },
            Self::OAuth(_) => "OAUTHBEARER",
            Self::AwsIam(_) => "AWS_MSK_IAM",
        }
    }
}

/// How to reach one source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// The source's name, for messages.
    pub name: String,
    /// `host:port`, several for one cluster.
    pub addresses: Vec<String>,
    pub tls: Option<Tls>,
    pub sasl: Option<SignIn>,
    /// Sent to the broker, for quotas: `weir.<instance>.<source>` (decision 17).
    pub client_id: String,
    /// Where this reader stands, as brokers name their places: they point it to their nearest replica.
    pub rack: Option<String>,
    /// Which addresses may be connected to.
    pub reach: Reach,
}
