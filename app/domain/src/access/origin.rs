use super::Credential;

/// Where a request came from, for the log and the audit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// Stands in the log and on error pages.
    pub request_id: String,
    /// The client's network: an IPv4 address, or the /64 of an IPv6 one. Empty where it is not known.
    pub remote: String,
}

impl From<&str> for Origin {
    /// A request by its id.
    fn from(request_id: &str) -> Self {
        Self { request_id: request_id.to_owned(), remote: String::new() }
    }
}

/// How a caller proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Via {
    /// A browser's session.
    Session,
    /// A personal token, by the id that its owner knows it by; never the token.
    Token(String),
    /// Who rules the server itself, by a command there.
    CommandLine,
}

impl From<&Credential> for Via {
    fn from(by: &Credential) -> Self {
        match by {
            Credential::Session => Self::Session,
            Credential::Token { id, .. } => Self::Token(id.0.clone()),
        }
    }
}

impl Via {
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Token(_) => "token",
            Self::CommandLine => "command_line",
        }
    }
    pub fn token(&self) -> Option<&str> {
        match self {
            Self::Session | Self::CommandLine => None,
            Self::Token(id) => Some(id),
        }
    }
}
