//! How pages ask and get answers. Every answer travels as its JSON text and is read where it is shown:
//! so the browser bundle holds one machinery for all questions and reads each type in one place,
//! instead of once per page, transport and direction (its size is bounded).

#[cfg(feature = "hydrate")]
mod browser;
mod json;
mod loaded;
mod question;
#[cfg(feature = "ssr")]
mod server;

use crate::Failure;
use serde::de::DeserializeOwned;
use weir_domain::{AppError, ErrorKind};

pub(crate) use json::from_str;
pub(crate) use loaded::{Loaded, load, show, show_or};
pub(crate) use question::Question;

#[cfg(feature = "hydrate")]
pub(crate) use browser::{ask, command};
#[cfg(feature = "ssr")]
pub(crate) use server::{ask, command};

/// JSON of what the use case answered.
pub(crate) type Answer = Result<String, Failure>;

/// An [`Answer`] as one text, which is how it travels within a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Carried(pub Answer);

/// What the text of a failure begins with; no JSON does.
const FAILED: char = '!';

impl std::fmt::Display for Carried {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Ok(json) => f.write_str(json),
            Err(failure) => write!(f, "{FAILED}{}", serde_json::to_string(failure).unwrap_or_default()),
        }
    }
}

impl std::str::FromStr for Carried {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(match text.strip_prefix(FAILED) {
            None => Ok(text.to_owned()),
            Some(failure) => Err(from_str(failure).unwrap_or_else(|_| outdated())),
        }))
    }
}

/// The answer as its type.
pub(crate) fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, Failure> {
    from_str(answer.as_ref().map_err(Clone::clone)?).map_err(|_| outdated())
}

/// Asks and reads the answer.
pub(crate) async fn fetch<T: DeserializeOwned>(question: Question) -> Result<T, Failure> {
    read(&ask(question).await)
}

/// Page and server disagree on a type: most often an old page.
fn outdated() -> Failure {
    Failure(AppError::new(
        ErrorKind::Outdated,
        "This page and the server do not understand each other.",
        "Reload the page: the server may have been updated.",
    ))
}
