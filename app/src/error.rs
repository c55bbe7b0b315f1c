use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};
use weir_domain::{AppError, ErrorKind};

/// [`AppError`] as the error of server functions. A newtype only because both the trait and the
/// error live in other crates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Failure(pub AppError);

impl From<AppError> for Failure {
    fn from(e: AppError) -> Self {
        Self(e)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failure {}

impl FromServerFnError for Failure {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(e: ServerFnErrorErr) -> Self {
        use ServerFnErrorErr as E;
        Self(match e {
            E::Request(_) | E::Response(_) => AppError::new(
                ErrorKind::Unavailable,
                "Weir's server did not answer.",
                "Check the connection; the page tries again by itself.",
            ),
            E::Args(_) | E::MissingArg(_) | E::Deserialization(_) => AppError::new(
                ErrorKind::Invalid,
                "The server could not read what the page asked for.",
                "Reload the page and try again.",
            ),
            // What remains means that page and server disagree on a type: most often an old page.
            _ => AppError::new(
                ErrorKind::Outdated,
                "This page and the server do not understand each other.",
                "Reload the page: the server may have been updated.",
            ),
        })
    }
}
