//! What can go wrong while a private server is started or stopped.

use std::{io, path::Path, time::Duration};

/// The outcome of a call of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Says what happened, to what, and what to do next.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A program this machine lacks.
    #[error("{what} is not installed on this machine; {install}")]
    Missing {
        /// The program or package.
        what: String,
        /// How to get it.
        install: String,
    },
    /// A file or process operation failed.
    #[error("{what}: {source}")]
    Io {
        /// What was attempted, and on what.
        what: String,
        /// The system's own error.
        source: io::Error,
    },
    /// A server or tool ended when it should not have.
    #[error("{what} failed: {why}")]
    Failed {
        /// The server or tool.
        what: String,
        /// Its own last words.
        why: String,
    },
    /// A server did not become ready, or did not stop, in time.
    #[error("{what} took longer than {limit:?}; its last words: {log}")]
    Slow {
        /// What was awaited.
        what: String,
        /// How long it was given.
        limit: Duration,
        /// The end of its log.
        log: String,
    },
}

impl Error {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    pub(crate) fn path(verb: &str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        Self::io(format!("{verb} {}", path.display()))
    }

    pub(crate) fn failed(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Failed { what: what.into(), why: why.into() }
    }
}
