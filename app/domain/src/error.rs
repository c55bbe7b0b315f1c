//! Errors by layer. One serialisable [`AppError`] reaches the browser.

use crate::access::{Permission, Role};
use serde::{Deserialize, Serialize};

/// What a store port can answer besides data. A look-up that finds nothing is `Ok(None)`.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database can't be reached, is starting, or ended the connection: trying again may help.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// A compare-and-set found another value: somebody else acted in between.
    #[error("conflict: {0}")]
    Conflict(String),
    /// A defect or corrupt data; the text is for the log, never for a page.
    #[error("store failure: {0}")]
    Internal(String),
}

/// What a use case can answer besides data.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// Not signed in, or the session ended.
    #[error("sign in first")]
    SignedOut,
    /// The person lacks a permission; `needs` names it, `roles` who has it.
    #[error("needs {needs}")]
    NotAllowed { needs: &'static str, roles: Vec<&'static str> },
    /// A personal token was used for what only a signed-in person may do.
    #[error("only for a signed-in person")]
    SessionsOnly,
    #[error("{what}")]
    Invalid { what: String, what_to_do: String },
    #[error("{what}")]
    Conflict { what: String, what_to_do: String },
    /// Too many attempts; try again after this many seconds.
    #[error("wait {seconds} s")]
    TooMany { seconds: u32 },
    #[error("unavailable: {0}")]
    Unavailable(String),
    #[error("internal: {0}")]
    Internal(String),
}

impl From<StoreError> for CaseError {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::Unavailable(s) => Self::Unavailable(s),
            StoreError::Conflict(what) => Self::Conflict { what, what_to_do: "Reload and try again.".into() },
            StoreError::Internal(s) => Self::Internal(s),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    SignedOut,
    NotAllowed,
    Invalid,
    Conflict,
    TooMany,
    Unavailable,
    /// The page is older than the server: reload keeps the form's content.
    Outdated,
    Internal,
}

/// What a person is told: what happened, to what, what to do next. Never holds a secret or a payload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message} {what_to_do}")]
pub struct AppError {
    pub kind: ErrorKind,
    pub message: String,
    pub what_to_do: String,
    /// Reference for the log, shown so that a report can be matched.
    pub reference: Option<String>,
    /// Where a role would help: the query of the page that asks for it, `role=…&for=…`.
    pub ask: Option<String>,
}

impl AppError {
    pub fn new(kind: ErrorKind, message: impl Into<String>, what_to_do: impl Into<String>) -> Self {
        Self { kind, message: message.into(), what_to_do: what_to_do.into(), reference: None, ask: None }
    }

    /// The query of the page that asks for a role: the least of those that have the permission.
    pub fn asking(permission: Permission) -> Option<String> {
        let role = Role::with(permission).into_iter().next()?;
        Some(format!("role={role}&for={}", permission.as_str()))
    }
}

impl From<CaseError> for AppError {
    fn from(e: CaseError) -> Self {
        use ErrorKind as K;
        match e {
            CaseError::SignedOut => {
                Self::new(K::SignedOut, "You are signed out.", "Sign in to go on; your place is kept.")
            }
            CaseError::NotAllowed { needs, roles } => Self {
                // What needs more than a permission (a grant on all of a source) is not mended by a role.
                ask: Permission::parse(needs).and_then(Self::asking),
                ..Self::new(
                    K::NotAllowed,
                    format!("This needs the permission {needs}."),
                    format!("Ask an administrator for the role {}.", roles.join(" or ")),
                )
            },
            CaseError::SessionsOnly => Self::new(
                K::NotAllowed,
                "A token can't do this.",
                "Sign in to the console and do it there: tokens make no tokens and change no account.",
            ),
            CaseError::Invalid { what, what_to_do } => Self::new(K::Invalid, what, what_to_do),
            CaseError::Conflict { what, what_to_do } => Self::new(K::Conflict, what, what_to_do),
            CaseError::TooMany { seconds } => {
                Self::new(K::TooMany, "Too many attempts.", format!("Try again in {seconds} s."))
            }
            // The details go to the log under the request's reference, not to the page.
            CaseError::Unavailable(_) => Self::new(
                K::Unavailable,
                "Weir gets no answer from its database.",
                "It is away or busy. Weir tries again by itself; nothing is lost.",
            ),
            CaseError::Internal(_) => {
                Self::new(K::Internal, "Something in Weir failed.", "Try again; if it stays, report the reference.")
            }
        }
    }
}
