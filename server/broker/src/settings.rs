use std::fmt;

/// A value that never shows itself in `Debug`, logs or errors.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }
    /// The plain value, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

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

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sasl {
    pub mechanism: SaslMechanism,
    pub username: String,
    pub password: Secret,
}

/// How to reach one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The source's name, for messages.
    pub name: String,
    /// `host:port`, several for one cluster.
    pub addresses: Vec<String>,
    pub tls: Option<Tls>,
    pub sasl: Option<Sasl>,
    /// Sent to the broker, for quotas: `weir.<instance>.<source>` (decision 17).
    pub client_id: String,
}
