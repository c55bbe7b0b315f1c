//! What the server hands to each request: who asks, the use cases, and where the bundle lies.

use crate::{Failure, interface::Interface};
use leptos::prelude::use_context;
use std::sync::Arc;
use weir_domain::{AppError, CaseError, EnvironmentId, ErrorKind, access::Caller};

/// Addresses of the built files, with the hash of their content in the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assets {
    pub css: String,
    pub js: String,
    pub wasm: String,
    /// Fonts to preload: the ones the first screen needs.
    pub fonts: Vec<String>,
}

/// Provided as a Leptos context for every page and server function.
#[derive(Clone)]
pub struct RequestContext {
    /// `None`: nobody is signed in.
    pub caller: Option<Caller>,
    pub cases: Arc<weir_cases::Cases>,
    /// The nonce of the page's `Content-Security-Policy`. It must be the value of
    /// [`leptos::nonce::use_nonce`], because Leptos puts that one on the scripts it writes.
    pub nonce: String,
    pub build_id: String,
    pub assets: Assets,
    pub request_id: String,
    /// What programs may ask, for the page that tells it.
    pub interface: Arc<Interface>,
    /// The path that Weir stands under, empty at the top of its host. The server puts it in front of every address of a
    /// page, so only scripts need it.
    pub root: String,
    /// Weir's whole address, path and all, for links that are handed on.
    pub base: String,
}

/// The context of the current request.
pub fn request_context() -> Result<RequestContext, Failure> {
    use_context::<RequestContext>().ok_or_else(|| {
        tracing::error!("a server function ran without a request context");
        Failure::from(AppError::from(CaseError::Internal(String::new())))
    })
}

impl RequestContext {
    /// The signed-in person.
    pub fn caller(&self) -> Result<Caller, Failure> {
        match &self.caller {
            Some(caller) => Ok(caller.clone()),
            None => self.told(Err(CaseError::SignedOut)),
        }
    }

    /// The signed-in person, looking at one environment or (`None`) at all of them.
    pub fn caller_in(&self, environment: Option<EnvironmentId>) -> Result<Caller, Failure> {
        self.caller().map(|caller| Caller { environment, ..caller })
    }

    /// Turns a use case's answer into what the browser is told; details go to the log under the
    /// request's reference.
    pub fn told<T>(&self, answer: Result<T, CaseError>) -> Result<T, Failure> {
        answer.map_err(|e| {
            match &e {
                CaseError::Unavailable(why) => tracing::warn!(request = %self.request_id, why, "unavailable"),
                CaseError::Internal(why) => tracing::error!(request = %self.request_id, why, "internal failure"),
                _ => {}
            }
            let mut error = AppError::from(e);
            if matches!(error.kind, ErrorKind::Unavailable | ErrorKind::Internal) {
                error.reference = Some(self.request_id.clone());
            }
            Failure::from(error)
        })
    }
}
